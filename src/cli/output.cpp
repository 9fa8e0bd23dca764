#include "cli/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <automill/core/error.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace automill::cli {
namespace {

bool is_ordinary(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
}

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

/// A symbolic link is followed, so that the file it names is replaced and not the link.
std::string final_path(const std::string& path) {
  std::error_code ignored;
  const auto target = std::filesystem::canonical(path, ignored);
  return target.empty() ? path : target.string();
}

/// The texts of data/platform.cpp, which writes whole files; here rows are written as they come.
[[noreturn]] void cannot_write(const std::string& place, const char* doing, int problem) {
  const std::string message = std::string("the file cannot be ") + doing + ": " + std::strerror(problem);
  if (problem == ENOSPC || problem == EDQUOT)
    throw Error("file.disk_full", place, message, "free some space on that disk, or write to another one");
  throw Error("file.unwritable", place, message,
              problem == ENOENT || problem == ENOTDIR ? "create the folder first"
              : problem == EISDIR                     ? "name a file inside the folder"
                                                      : "choose a place where you may write");
}

}  // namespace

Output::Output(const std::string& path) : path_(path) {
  if (path == "-") {
    descriptor_ = STDOUT_FILENO;
    return;
  }
  path_ = final_path(path);
  if (!is_ordinary(path_)) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail("opened", errno);
    return;
  }
  temporary_ = path_ + ".XXXXXX";
  descriptor_ = mkostemp(temporary_.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    const int problem = errno;
    temporary_.clear();
    fail("created", problem);
  }
  cleaner_ = std::make_unique<RemoveOnInterrupt>(temporary_);
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(descriptor_, 0666 & ~mask);
}

Output::~Output() {
  if (descriptor_ > STDERR_FILENO) close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void Output::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("written", errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Output::finish() {
  if (temporary_.empty()) return;
  if (fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) fail("flushed", errno);
  if (rename(temporary_.c_str(), path_.c_str()) != 0) fail("replaced", errno);
  temporary_.clear();
  cleaner_.reset();
}

void Output::fail(const char* doing, int problem) const {
  cannot_write(path_ == "-" ? "standard output" : path_, doing, problem);
}

void check_writable(const std::string& path) {
  if (path == "-") return;
  const std::string target = final_path(path);
  int problem = 0;
  struct stat status = {};
  if (stat(target.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) problem = EISDIR;
  else if (!is_ordinary(target)) problem = access(target.c_str(), W_OK) == 0 ? 0 : errno;
  else if (access(folder_of(target).c_str(), W_OK | X_OK) != 0) problem = errno;
  if (problem != 0) cannot_write(path, problem == ENOENT ? "created" : "written", problem);
}

}  // namespace automill::cli
