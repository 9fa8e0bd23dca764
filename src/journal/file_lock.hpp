#pragma once
// A lock that the system gives back when its holder ends, however it ends: a file beside the one that is guarded, held
// with flock(), in which the holder's process number stands. It is not on the guarded file itself: SQLite's own locks
// on that one are lost when any other descriptor of it is closed in the process.

#include <string>

namespace automill {

class FileLock {
 public:
  /// Locks `path` + "-lock". Errors for the place `path`: journal.in_use with the holder's number, .folder, .no_folder,
  /// .read_only, .disk_full, .unwritable.
  explicit FileLock(const std::string& path);
  ~FileLock();  ///< the file goes
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  std::string lock_path_;
  int descriptor_ = -1;
};

/// What the lock file of `path` says of a holder that is there now: its process number; 0: nobody holds it.
long lock_holder(const std::string& path);

/// Name of this machine, for people.
std::string host_name();
/// Number of this process.
long process_number();

}  // namespace automill
