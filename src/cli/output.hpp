#pragma once
// Where results go: a file that appears whole or not at all, or the standard output as rows come.

#include <memory>
#include <string>
#include <string_view>

#include "cli/interrupt.hpp"

namespace automill::cli {

class Output {
 public:
  /// "-" is the standard output. Otherwise a temporary file beside `path`; devices and pipes are written directly.
  explicit Output(const std::string& path);
  ~Output();  ///< without finish(): the temporary file goes, `path` stays as it was
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void write(std::string_view bytes);
  /// Flushes to the disk and renames. Errors: file.unwritable, file.disk_full.
  void finish();

 private:
  [[noreturn]] void fail(const char* doing, int problem) const;

  std::string path_, temporary_;
  int descriptor_ = -1;
  std::unique_ptr<RemoveOnInterrupt> cleaner_;
};

/// Says now, not after an hour of training, that a file cannot be written there.
void check_writable(const std::string& path);

}  // namespace automill::cli
