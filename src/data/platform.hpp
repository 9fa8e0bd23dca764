#pragma once
// Everything that asks the operating system: files, memory, processor limits. POSIX lives in this file pair alone, so a
// port to another system is a port of platform.cpp. Depends on nothing but core/error.hpp: the predict-only library
// links it too.
//
//   MappedFile file = map_file("adult.automill");          // file.bytes() lives as long as file
//   write_file_atomically("adult.automill", parts);        // the old file or the new one, never half of one

#include <automill/core/error.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace automill {

/// Codes of the Errors of opening, for readers that have names of their own.
struct FileErrorCodes {
  const char* missing = "file.missing";
  const char* folder = "file.folder";
  const char* unreadable = "file.unreadable";
};

/// A whole file as read-only memory. A pipe or device, which cannot be mapped, is read into memory instead.
/// Another process that cuts the file short meanwhile ends this one (SIGBUS): replace files by renaming.
class AUTOMILL_EXPORT MappedFile {
 public:
  MappedFile() = default;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  /// Gives the pages of [begin, end) back to the system; reading them again is allowed and loads them again.
  void release(std::size_t begin, std::size_t end) const noexcept;

 private:
  friend MappedFile map_file(const std::string& path, const FileErrorCodes& codes);
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  bool mapped_ = false;  // false: data_ is a malloc block
};

AUTOMILL_EXPORT MappedFile map_file(const std::string& path, const FileErrorCodes& codes = {});

/// A file read from front to back; "-" is standard input (left open at the end).
class AUTOMILL_EXPORT InputFile {
 public:
  explicit InputFile(const std::string& path, const FileErrorCodes& codes = {});
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;
  ~InputFile();
  /// Fills as much of `to` as there is; less than its size only at the end of the file.
  std::size_t read(std::span<std::byte> to);

 private:
  std::string path_;
  const char* unreadable_code_;
  int descriptor_ = -1;
};

/// Writes the parts, one behind the other, as the file `path`: to a temporary file in the same folder, flushed to the
/// disk, then renamed. On any failure the old file stays as it was and the temporary one is gone. A symbolic link is
/// followed; a device or pipe is written directly. Errors: file.unwritable, file.disk_full.
AUTOMILL_EXPORT void write_file_atomically(const std::string& path, std::span<const std::span<const std::byte>> parts);

/// Memory of this process that is in RAM now, and the most it has been.
AUTOMILL_EXPORT std::uint64_t resident_bytes();
AUTOMILL_EXPORT std::uint64_t peak_resident_bytes();
/// Gives memory that was freed, and that the C library keeps for later, back to the system, where it can (glibc).
AUTOMILL_EXPORT void give_freed_memory_back();

/// Cores that this process may use: its affinity and the quota of its container (rounded up); at least 1.
AUTOMILL_EXPORT int available_cores();

/// The widest vector instructions of this processor: "AVX-512", "AVX2", "SSE2", "NEON" or "none".
AUTOMILL_EXPORT std::string simd_level();

/// Memory that can still be taken: what the host has free and what the container's limit leaves.
AUTOMILL_EXPORT std::uint64_t available_memory();

}  // namespace automill
