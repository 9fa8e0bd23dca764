#pragma once
// SQLite's C interface as values: a database, a prepared statement, a transaction. The one place that knows it. Errors
// name the file and say what SQLite says, with a code of their own for each thing that can be wrong with a journal.
//
//   Database database(path, Database::Mode::write);
//   Transaction transaction(database);
//   Statement(database, "INSERT INTO trials VALUES (?, ?)").bind(1, 7).bind(2, "gbdt_1").run();
//   transaction.commit();                                   // without it, nothing of it remains

#include <automill/core/error.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace automill::sqlite {

/// A connection of one thread at a time.
class Database {
 public:
  enum class Mode { read, write };  ///< write: the file is made where there is none
  Database(std::string path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Statements without parameters, separated by semicolons.
  void run(const std::string& sql);
  std::int64_t integer(const std::string& sql);
  std::string text(const std::string& sql);
  sqlite3* handle() const { return handle_; }
  const std::string& path() const { return path_; }
  /// Throws the Error of a result code: journal.disk_full, .damaged, .not_a_journal, .read_only, .in_use, .unwritable.
  [[noreturn]] void fail(int code) const;
  [[noreturn]] void refuse_foreign_file() const;

 private:
  std::string path_;
  sqlite3* handle_ = nullptr;
};

/// A prepared statement. Blobs and texts that are bound must live until it has run.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int place, std::int64_t value);
  Statement& bind(int place, double value);  ///< NaN becomes NULL: SQL has no other form for it
  Statement& bind(int place, std::string_view text);
  Statement& bind(int place, std::span<const std::byte> blob);
  Statement& bind_null(int place);

  /// The next row; false: there is none.
  bool step();
  /// All of it, without looking at rows; the statement can be bound and run again.
  void run();

  bool null(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;  ///< NULL is NaN
  std::string text(int column) const;
  std::vector<std::byte> blob(int column) const;

 private:
  Database* database_;
  sqlite3_stmt* handle_ = nullptr;
};

/// What is done between its making and commit() is done together or not at all.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();  ///< without commit(): undone
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database* database_;
};

/// Version of the library that is linked.
std::string version();

}  // namespace automill::sqlite
