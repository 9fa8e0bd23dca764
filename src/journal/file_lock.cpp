#include "journal/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <automill/core/error.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace automill {
namespace {

/// The number that stands in the file; 0: none.
long number_in(int descriptor) {
  char text[32] = {};
  return pread(descriptor, text, sizeof text - 1, 0) > 0 ? std::strtol(text, nullptr, 10) : 0;
}

[[noreturn]] void cannot_lock(const std::string& path, int problem) {
  const std::string said = std::strerror(problem);
  if (problem == ENOENT || problem == ENOTDIR)
    throw Error("journal.no_folder", path, "the folder of the journal is not there", "create it first");
  if (problem == EACCES || problem == EPERM || problem == EROFS)
    throw Error("journal.read_only", path, "the journal cannot be written: " + said,
                "choose a place where you may write");
  if (problem == ENOSPC || problem == EDQUOT)
    throw Error("journal.disk_full", path, "the journal cannot be written: " + said,
                "free some space on that disk, or write to another one");
  throw Error("journal.unwritable", path, "the journal cannot be read or written: " + said,
              "look at the disk, or write to another one");
}

[[noreturn]] void in_use(const std::string& path, long holder) {
  throw Error("journal.in_use", path,
              holder > 0 ? "process " + std::to_string(holder) + " writes this journal"
                         : std::string("another process writes this journal"),
              "wait until it has ended, or end it");
}

/// False: the file at this path is another one than the open one by now.
bool still_there(const std::string& path, int descriptor) {
  struct stat here = {}, there = {};
  return fstat(descriptor, &here) == 0 && stat(path.c_str(), &there) == 0 && here.st_ino == there.st_ino &&
         here.st_dev == there.st_dev;
}

}  // namespace

FileLock::FileLock(const std::string& path) : lock_path_(path + "-lock") {
  int tries = 5;  // who only asks for the holder has it locked for a moment
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
    throw Error("journal.folder", path, "this is a folder, not a file", "name a file in it");
  while (true) {
    descriptor_ = open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) cannot_lock(path, errno);
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int problem = errno;
      const long holder = number_in(descriptor_);
      close(descriptor_);
      if (problem == EWOULDBLOCK && --tries > 0) {
        usleep(10'000);
        continue;
      }
      if (problem == EWOULDBLOCK) in_use(path, holder);
      if (problem == EINTR) continue;
      cannot_lock(path, problem);
    }
    if (still_there(lock_path_, descriptor_)) break;
    close(descriptor_);  // its last holder has removed it meanwhile
  }
  const std::string number = std::to_string(getpid()) + "\n";
  if (ftruncate(descriptor_, 0) != 0 ||
      pwrite(descriptor_, number.data(), number.size(), 0) != static_cast<ssize_t>(number.size())) {
    const int problem = errno;
    unlink(lock_path_.c_str());
    close(descriptor_);
    cannot_lock(path, problem);
  }
}

FileLock::~FileLock() {
  unlink(lock_path_.c_str());
  close(descriptor_);
}

long lock_holder(const std::string& path) {
  const int descriptor = open((path + "-lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  const bool held = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  const long holder = held ? number_in(descriptor) : 0;
  close(descriptor);
  return holder;
}

std::string host_name() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "";
}

long process_number() { return getpid(); }

}  // namespace automill
