#include "data/platform.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace automill {
namespace {

/// Closes what it opened.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  int give_up() { return std::exchange(value_, -1); }

 private:
  int value_;
};

std::string system_text(int code) { return std::strerror(code); }

int open_for_reading(const std::string& path, const FileErrorCodes& codes) {
  int descriptor;
  do descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      throw Error(codes.missing, path, "there is no such file", "check the path and the folder it is relative to");
    throw Error(codes.unreadable, path, "the file cannot be opened: " + system_text(errno));
  }
  struct stat info {};
  if (::fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode)) {
    ::close(descriptor);
    throw Error(codes.folder, path, "this is a folder, not a file", "name one file in it");
  }
  return descriptor;
}

/// Fills `to` until it is full or the input ends.
std::size_t read_fully(int descriptor, std::byte* to, std::size_t size, const std::string& path, const char* code) {
  constexpr std::size_t piece = std::size_t{1} << 30;  // some systems refuse more at once
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(descriptor, to + done, std::min(piece, size - done));
    if (got == 0) break;
    if (got > 0) done += static_cast<std::size_t>(got);
    else if (errno != EINTR) throw Error(code, path, "the file cannot be read: " + system_text(errno));
  }
  return done;
}

}  // namespace

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, false)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(mapped_, other.mapped_);
  return *this;
}

MappedFile::~MappedFile() {
  auto* data = const_cast<std::byte*>(data_);
  if (mapped_) ::munmap(data, size_);
  else std::free(data);
}

void MappedFile::release(std::size_t begin, std::size_t end) const noexcept {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  begin = (begin + page - 1) / page * page;
  end = std::min(end, size_) / page * page;
  if (mapped_ && begin < end) ::madvise(const_cast<std::byte*>(data_) + begin, end - begin, MADV_DONTNEED);
}

MappedFile map_file(const std::string& path, const FileErrorCodes& codes) {
  const Descriptor file(open_for_reading(path, codes));
  struct stat info {};
  MappedFile result;
  if (::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    const auto size = static_cast<std::size_t>(info.st_size);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (data != MAP_FAILED) {
      result.data_ = static_cast<const std::byte*>(data);
      result.size_ = size;
      result.mapped_ = true;
      return result;
    }
  }
  // not mappable (a pipe, a device, a virtual file of size 0): read to the end into a block that doubles
  for (std::size_t room = std::size_t{1} << 16;; room *= 2) {
    void* data = std::realloc(const_cast<std::byte*>(result.data_), room);
    if (data == nullptr) throw Error(codes.unreadable, path, "there is not enough memory to hold the file");
    result.data_ = static_cast<const std::byte*>(data);
    result.size_ += read_fully(file.get(), static_cast<std::byte*>(data) + result.size_, room - result.size_, path,
                               codes.unreadable);
    if (result.size_ < room) return result;
  }
}

InputFile::InputFile(const std::string& path, const FileErrorCodes& codes)
    : path_(path),
      unreadable_code_(codes.unreadable),
      descriptor_(path == "-" ? STDIN_FILENO : open_for_reading(path, codes)) {}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)),
      unreadable_code_(other.unreadable_code_),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(unreadable_code_, other.unreadable_code_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

InputFile::~InputFile() {
  if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

std::size_t InputFile::read(std::span<std::byte> to) {
  return read_fully(descriptor_, to.data(), to.size(), path_, unreadable_code_);
}

// ---- writing ----

namespace {

[[noreturn]] void throw_unwritable(const std::string& path, int code, const char* doing) {
  const std::string message = std::string("the file cannot be ") + doing + ": " + system_text(code);
  if (code == ENOSPC || code == EDQUOT || code == EFBIG)
    throw Error("file.disk_full", path, message, "free some space on that disk, or write to another one");
  const char* hint = code == ENOENT || code == ENOTDIR ? "create the folder first"
                     : code == EISDIR                  ? "name a file inside the folder"
                                                       : "choose a place where you may write";
  throw Error("file.unwritable", path, message, hint);
}

void write_parts(int descriptor, std::span<const std::span<const std::byte>> parts, const std::string& path) {
  constexpr std::size_t piece = std::size_t{1} << 30;
  for (std::span<const std::byte> part : parts) {
    while (!part.empty()) {
      const ssize_t put = ::write(descriptor, part.data(), std::min(part.size(), piece));
      if (put >= 0) part = part.subspan(static_cast<std::size_t>(put));
      else if (errno != EINTR) throw_unwritable(path, errno, "written");
    }
  }
}

/// Where the file really is: the end of a chain of symbolic links.
std::string follow_links(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  if (real == nullptr) return path;
  std::string result = real;
  std::free(real);
  return result;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// A new file beside `path` that is removed unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& path) {
    static std::atomic<unsigned> counter{0};
    for (int attempt = 0; attempt < 1000; ++attempt) {
      name_ = path + "." + std::to_string(::getpid()) + "." + std::to_string(++counter) + ".tmp";
      descriptor_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (descriptor_ >= 0) return;
      if (errno != EEXIST && errno != EINTR) break;
    }
    throw_unwritable(path, errno, "created");
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!renamed_) ::unlink(name_.c_str());
  }
  int descriptor() const { return descriptor_; }
  /// Flushes, closes and takes the place of `path`.
  void rename_to(const std::string& path) {
    if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) throw_unwritable(path, errno, "flushed");
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) throw_unwritable(path, errno, "closed");
    if (::rename(name_.c_str(), path.c_str()) != 0) throw_unwritable(path, errno, "replaced");
    renamed_ = true;
  }

 private:
  std::string name_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

}  // namespace

void write_file_atomically(const std::string& path, std::span<const std::span<const std::byte>> parts) {
  const std::string target = follow_links(path);
  struct stat info {};
  const bool exists = ::stat(target.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) throw_unwritable(path, EISDIR, "written");
  if (exists && !S_ISREG(info.st_mode)) {
    const Descriptor device(::open(target.c_str(), O_WRONLY | O_CLOEXEC));
    if (device.get() < 0) throw_unwritable(path, errno, "opened");
    return write_parts(device.get(), parts, path);
  }
  TemporaryFile temporary(target);
  if (exists) (void)!::fchmod(temporary.descriptor(), info.st_mode & 07777);  // keep who may read it, where allowed
  write_parts(temporary.descriptor(), parts, path);
  temporary.rename_to(target);
  const Descriptor folder(::open(folder_of(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());  // best effort: the data are safe, only the rename could be lost
}

// ---- limits ----

namespace {

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A file that holds one number; nothing for "max", a huge value (version 1's "no limit") or no file.
std::optional<double> read_number(const std::string& path) {
  const auto text = read_text(path);
  if (!text || text->empty() || text->starts_with("max")) return std::nullopt;
  const double value = std::strtod(text->c_str(), nullptr);
  return value >= 0 && value < 0x1p62 ? std::optional<double>(value) : std::nullopt;
}

/// "key value" lines, as in memory.stat and /proc/meminfo.
std::optional<double> find_entry(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(key)) return std::strtod(line.c_str() + key.size(), nullptr);
  return std::nullopt;
}

/// Folders of a control group, innermost first, up to the root of its mount. `controller` empty: version 2.
std::vector<std::string> group_folders(const std::string& controller) {
  std::vector<std::string> folders;
  std::istringstream lines(read_text("/proc/self/cgroup").value_or(""));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? !names.empty() : ("," + names + ",").find("," + controller + ",") == std::string::npos)
      continue;
    const std::string mount = "/sys/fs/cgroup" + (controller.empty() ? "" : "/" + controller);
    for (std::string path = line.substr(second + 1); path.size() > 1; path.resize(path.rfind('/')))
      folders.push_back(mount + path);
    folders.push_back(mount);  // also where a container sees only its own part of the tree
  }
  return folders;
}

double core_quota() {
  double cores = std::numeric_limits<double>::infinity();
  for (const auto& folder : group_folders("")) {
    double quota = 0, period = 0;
    const auto text = read_text(folder + "/cpu.max");
    if (text && std::sscanf(text->c_str(), "%lf %lf", &quota, &period) == 2 && period > 0)
      cores = std::min(cores, quota / period);
  }
  for (const auto& folder : group_folders("cpu")) {
    const auto quota = read_number(folder + "/cpu.cfs_quota_us"), period = read_number(folder + "/cpu.cfs_period_us");
    if (quota && period && *quota > 0 && *period > 0) cores = std::min(cores, *quota / *period);
  }
  return cores;
}

/// What is left of the limits of the groups; file pages that are not in use count as free.
double group_memory_left() {
  double left = std::numeric_limits<double>::infinity();
  const auto account = [&](const std::string& folder, const char* limit_file, const char* used_file,
                           const char* reclaimable_key) {
    const auto limit = read_number(folder + limit_file), used = read_number(folder + used_file);
    if (!limit || !used) return;
    const auto stat = read_text(folder + "/memory.stat");
    const double reclaimable = stat ? find_entry(*stat, reclaimable_key).value_or(0) : 0;
    left = std::min(left, std::max(0.0, *limit - std::max(0.0, *used - reclaimable)));
  };
  for (const auto& folder : group_folders("")) account(folder, "/memory.max", "/memory.current", "inactive_file ");
  for (const auto& folder : group_folders("memory"))
    account(folder, "/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_inactive_file ");
  return left;
}

double host_memory_left() {
  const auto text = read_text("/proc/meminfo");
  if (text)
    if (const auto kilobytes = find_entry(*text, "MemAvailable:")) return *kilobytes * 1024;
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? static_cast<double>(pages) * static_cast<double>(page) : 0x1p33;
}

int affine_cores() {
#ifdef __linux__
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t peak_resident_bytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<std::uint64_t>(usage.ru_maxrss);
#else
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
#endif
}

void give_freed_memory_back() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

std::string simd_level() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return "AVX-512";
  if (__builtin_cpu_supports("avx2")) return "AVX2";
  return "SSE2";
#elif defined(__aarch64__)
  return "NEON";
#else
  return "none";
#endif
}

int available_cores() {
  const double quota = std::ceil(core_quota());
  const int cores = affine_cores();
  return quota < cores ? std::max(1, static_cast<int>(quota)) : cores;
}

std::uint64_t available_memory() {
  return static_cast<std::uint64_t>(std::min(host_memory_left(), group_memory_left()));
}

}  // namespace automill
