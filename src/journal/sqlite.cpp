#include "journal/sqlite.hpp"

#include <sqlite3.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace automill::sqlite {

Database::Database(std::string path, Mode mode) : path_(std::move(path)) {
  const int flags = mode == Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code =
      sqlite3_open_v2(path_.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) {
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> owner(handle_, sqlite3_close);
    fail(code);
  }
  sqlite3_busy_timeout(handle_, 5000);
}

Database::~Database() { sqlite3_close(handle_); }

void Database::run(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t Database::integer(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text(0) : std::string();
}

void Database::refuse_foreign_file() const {
  throw Error("journal.not_a_journal", path_, "this file is there and is no journal of AutoMill",
              "give the path of a journal, or of a file that does not exist yet");
}

void Database::fail(int code) const {
  std::string said =
      handle_ != nullptr && sqlite3_extended_errcode(handle_) == code ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  const int system = handle_ == nullptr ? 0 : sqlite3_system_errno(handle_);
  if (system != 0 && (code & 0xff) != SQLITE_CORRUPT) said += std::string(" (") + std::strerror(system) + ")";
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      refuse_foreign_file();
    case SQLITE_CORRUPT:
    case SQLITE_ERROR:  // the statements are right, so the tables are not those of a journal
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
      throw Error("journal.damaged", path_, "the journal is damaged: " + said,
                  "take a copy of it if there is one, or start anew with another path");
    case SQLITE_FULL:
      throw Error("journal.disk_full", path_, "the journal cannot be written: " + said,
                  "free some space on that disk, or write to another one");
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw Error("journal.read_only", path_, "the journal cannot be written: " + said,
                  "choose a place where you may write");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error("journal.in_use", path_, "another program works on the journal: " + said,
                  "wait until it has ended, or end it");
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    default:
      throw Error("journal.unwritable", path_, "the journal cannot be read or written: " + said,
                  "look at the disk, or write to another one");
  }
}

Statement::Statement(Database& database, std::string_view sql) : database_(&database) {
  const int code = sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &handle_, nullptr);
  if (code != SQLITE_OK) database.fail(code);
}

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement& Statement::bind(int place, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(handle_, place, value); code != SQLITE_OK) database_->fail(code);
  return *this;
}

Statement& Statement::bind(int place, double value) {
  if (std::isnan(value)) return bind_null(place);
  if (const int code = sqlite3_bind_double(handle_, place, value); code != SQLITE_OK) database_->fail(code);
  return *this;
}

Statement& Statement::bind(int place, std::string_view text) {
  const int code = sqlite3_bind_text64(handle_, place, text.data() == nullptr ? "" : text.data(), text.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) database_->fail(code);
  return *this;
}

Statement& Statement::bind(int place, std::span<const std::byte> blob) {
  static constexpr char nothing = 0;
  const void* data = blob.data() == nullptr ? static_cast<const void*>(&nothing) : blob.data();
  if (const int code = sqlite3_bind_blob64(handle_, place, data, blob.size(), SQLITE_STATIC); code != SQLITE_OK)
    database_->fail(code);
  return *this;
}

Statement& Statement::bind_null(int place) {
  if (const int code = sqlite3_bind_null(handle_, place); code != SQLITE_OK) database_->fail(code);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_->fail(code);
  return false;
}

void Statement::run() {
  while (step()) {
  }
  sqlite3_reset(handle_);
}

bool Statement::null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

double Statement::number(int column) const {
  return null(column) ? std::numeric_limits<double>::quiet_NaN() : sqlite3_column_double(handle_, column);
}

std::string Statement::text(int column) const {
  const auto* begin = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (begin == nullptr) return {};
  return {begin, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::vector<std::byte> Statement::blob(int column) const {
  const auto* begin = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
  if (begin == nullptr) return {};
  return {begin, begin + sqlite3_column_bytes(handle_, column)};
}

Transaction::Transaction(Database& database) : database_(&database) { database.run("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  if (database_ != nullptr && sqlite3_get_autocommit(database_->handle()) == 0)
    sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_->run("COMMIT");
  database_ = nullptr;
}

std::string version() { return sqlite3_libversion(); }

}  // namespace automill::sqlite
