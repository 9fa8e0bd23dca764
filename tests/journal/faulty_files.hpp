#pragma once
// Disks that fail: an SQLite VFS around the default one that lets the n-th writing operation (write, flush, truncate)
// of databases and their logs go wrong.

#include <sqlite3.h>

#include <atomic>
#include <cstring>

namespace automill::faulty {

enum class Fault { none, short_write, disk_full, failed_flush };

struct Plan {
  std::atomic<Fault> fault{Fault::none};
  std::atomic<int> at{0};          ///< operation that goes wrong, counted from 1; a full disk stays full
  std::atomic<int> operations{0};  ///< so far
  std::atomic<int> happened{0};
};

inline Plan& plan() {
  static Plan one;
  return one;
}

inline void arm(Fault fault, int at) {
  plan().operations = 0;
  plan().happened = 0;
  plan().at = at;
  plan().fault = fault;
}
inline void disarm() { plan().fault = Fault::none; }

struct File {
  sqlite3_file base;
  sqlite3_file* real;
};
inline sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }

/// Whether this operation fails.
inline bool fails(bool is_flush) {
  Plan& p = plan();
  const int number = ++p.operations;
  const Fault fault = p.fault;
  bool now = false;
  if (fault == Fault::disk_full) now = number >= p.at && !is_flush;
  if (fault == Fault::short_write) now = number >= p.at && !is_flush && p.happened == 0;
  if (fault == Fault::failed_flush) now = number >= p.at && is_flush && p.happened == 0;
  if (now) ++p.happened;
  return now;
}

inline int write(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
  if (!fails(false)) return real(file)->pMethods->xWrite(real(file), data, amount, offset);
  if (plan().fault == Fault::disk_full) return SQLITE_FULL;
  real(file)->pMethods->xWrite(real(file), data, amount / 2, offset);
  return SQLITE_IOERR_WRITE;
}
inline int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return fails(false) ? SQLITE_IOERR_TRUNCATE : real(file)->pMethods->xTruncate(real(file), size);
}
inline int sync(sqlite3_file* file, int flags) {
  return fails(true) ? SQLITE_IOERR_FSYNC : real(file)->pMethods->xSync(real(file), flags);
}

inline const sqlite3_io_methods& methods() {
  static const sqlite3_io_methods all{
      2,
      [](sqlite3_file* f) {
        const int code = real(f)->pMethods->xClose(real(f));
        f->pMethods = nullptr;
        return code;
      },
      [](sqlite3_file* f, void* to, int n, sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, n, at); },
      write,
      truncate,
      sync,
      [](sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
      [](sqlite3_file* f, int lock) { return real(f)->pMethods->xLock(real(f), lock); },
      [](sqlite3_file* f, int lock) { return real(f)->pMethods->xUnlock(real(f), lock); },
      [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
      [](sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); },
      [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
      [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
      [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
        return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
      },
      [](sqlite3_file* f, int offset, int n, int flags) {
        return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
      },
      [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
      [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
      nullptr,
      nullptr};
  return all;
}

/// Makes this VFS the one that every database of the process uses; never undone.
inline void install() {
  static sqlite3_vfs own;
  static sqlite3_vfs* const usual = sqlite3_vfs_find(nullptr);
  if (own.zName != nullptr) return;
  own = *usual;
  own.zName = "faulty";
  own.szOsFile = static_cast<int>(sizeof(File)) + usual->szOsFile;
  own.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
    File* mine = reinterpret_cast<File*>(file);
    mine->real = reinterpret_cast<sqlite3_file*>(mine + 1);
    mine->base.pMethods = nullptr;
    const int code = usual->xOpen(usual, name, mine->real, flags, out);
    if (code == SQLITE_OK) mine->base.pMethods = &methods();
    return code;
  };
  sqlite3_vfs_register(&own, 1);
}

}  // namespace automill::faulty
