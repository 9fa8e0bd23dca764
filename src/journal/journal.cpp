#include "journal/journal.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "journal/schema.hpp"

namespace automill {
namespace {

using sqlite::Statement;
using sqlite::Transaction;

constexpr std::uint64_t most_in_log = 16 << 20;    // then what is in the write-ahead log goes to the main file
constexpr std::uint64_t largest_blob = 999 << 20;  // SQLite's own limit is 10^9 bytes
constexpr std::uint64_t beside_file = 96 << 10;    // the index of the log, and a row in the log
constexpr const char* now = "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')";

std::vector<double> doubles_of(const std::vector<std::byte>& bytes) {
  std::vector<double> values(bytes.size() / sizeof(double));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
  return values;
}

std::span<const std::byte> bytes_of(const std::vector<double>& values) { return std::as_bytes(std::span(values)); }

std::uint64_t checkpoint_bytes(const FoldRow& row) {
  std::uint64_t bytes = 0;
  for (const auto& [round, values] : row.checkpoints) bytes += 8 * values.size() + 64;
  return bytes;
}

/// Of all that has no checksum of its own.
std::string row_checksum(const FoldRow& row) {
  std::string all = row.status + '\n' + row.reason + '\n' + row.report + '\n' + row.left_out + '\n';
  const auto number = [&](double value) {
    if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
    all.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  for (const double value :
       {static_cast<double>(row.trial), static_cast<double>(row.fold), row.score, row.seconds, row.predict_us_per_row,
        static_cast<double>(row.rounds), static_cast<double>(row.model_bytes)})
    number(value);
  for (const double value : row.learning_curve) number(value);
  return journal_checksum(std::as_bytes(std::span(all)));
}

}  // namespace

std::string journal_checksum(std::span<const std::byte> bytes) {
  const std::uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = "0123456789abcdef"[(hash >> (4 * i)) & 15];
  return text;
}

std::unique_ptr<Journal> Journal::open(const std::string& path, Start start, std::optional<std::uint64_t> limit) {
  std::unique_ptr<Journal> journal(new Journal(path, limit));
  journal->look_inside(start);
  return journal;
}

Journal::Journal(const std::string& path, std::optional<std::uint64_t> limit)
    : lock_(path), database_(path, sqlite::Database::Mode::write), limit_(limit) {}

void Journal::look_inside(Start start) {
  const std::int64_t tables = database_.integer("SELECT count(*) FROM sqlite_master");
  const std::int64_t application = database_.integer("PRAGMA application_id");
  if (application != journal_application && (application != 0 || tables > 0)) database_.refuse_foreign_file();
  empty_ = tables == 0;
  if (!empty_) {
    const std::int64_t format = database_.integer("PRAGMA user_version");
    if (format > journal_format)
      throw Error("journal.newer", path(),
                  "the journal has format " + std::to_string(format) + "; this version reads up to " +
                      std::to_string(journal_format),
                  "resume it with the version of AutoMill that began it");
    if (start == Start::anew)
      throw Error("journal.exists", path(), "a journal is there already",
                  "resume=True goes on from it; or give another path, or remove the file");
    if (const std::string found = database_.text("PRAGMA integrity_check(1)"); found != "ok")
      throw Error("journal.damaged", path(), "the journal is damaged: " + found,
                  "take a copy of it if there is one, or start anew with another path");
  }
  database_.run(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY");
  if (limit_)
    database_.run("PRAGMA max_page_count=" + std::to_string((*limit_ - std::min(*limit_, beside_file)) / 4096 + 1));
}

void Journal::make_tables() {
  database_.run("PRAGMA application_id=" + std::to_string(journal_application) +
                "; PRAGMA user_version=" + std::to_string(journal_format) + ";" + journal_tables);
}

JournalHeader Journal::header() {
  const std::lock_guard lock(mutex_);
  Statement statement(database_, "SELECT automill, simd_level, options, data, plan, source FROM run");
  if (!statement.step())
    throw Error("journal.damaged", path(), "the journal is damaged: it does not say what was begun",
                "start anew with another path");
  return {statement.text(0), statement.text(1), statement.text(2),
          statement.text(3), statement.text(4), statement.text(5)};
}

double Journal::seconds_before() {
  const std::lock_guard lock(mutex_);
  Statement statement(database_, "SELECT sum(seconds) FROM sessions WHERE session < ?");
  statement.bind(1, session_);
  return statement.step() && !statement.null(0) ? statement.number(0) : 0;
}

std::int64_t Journal::sessions_before() { return session_ - 1; }

std::vector<TrialRow> Journal::trials() {
  const std::lock_guard lock(mutex_);
  std::vector<TrialRow> all;
  Statement statement(database_,
                      "SELECT trial, name, family, parameters, folds, status, reason FROM trials ORDER BY trial");
  while (statement.step())
    all.push_back({statement.integer(0), statement.text(1), statement.text(2), statement.text(3), statement.integer(4),
                   statement.text(5), statement.text(6)});
  return all;
}

std::map<std::int64_t, std::string> Journal::folds(std::int64_t trial) {
  const std::lock_guard lock(mutex_);
  std::map<std::int64_t, std::string> all;
  Statement statement(database_, "SELECT fold, status FROM folds WHERE trial = ? AND left_out = ''");
  statement.bind(1, trial);
  while (statement.step()) all[statement.integer(0)] = statement.text(1);
  return all;
}

FoldRow Journal::fold(std::int64_t trial, std::int64_t number) {
  const std::lock_guard lock(mutex_);
  const auto require = [&](bool holds, const char* what) {
    if (!holds)
      throw Error("journal.damaged", path(),
                  "the journal is damaged: the " + std::string(what) + " of trial " + std::to_string(trial) +
                      ", fold " + std::to_string(number) + " do not have their checksum",
                  "this fold is to be fitted again");
  };
  const auto checked = [&](std::vector<std::byte> bytes, const std::string& checksum, const char* what) {
    require(journal_checksum(bytes) == checksum, what);
    return bytes;
  };
  FoldRow row{.trial = trial, .fold = number};
  Statement statement(
      database_,
      "SELECT status, reason, score, seconds, rounds, predict_us_per_row, model_bytes, report, left_out, "
      "learning_curve, predictions_checksum, archive_checksum, predictions, archive, row_checksum FROM folds "
      "WHERE trial = ? AND fold = ?");
  statement.bind(1, trial).bind(2, number);
  if (!statement.step())
    throw Error("journal.damaged", path(),
                "the journal is damaged: trial " + std::to_string(trial) + " has no fold " + std::to_string(number));
  row.status = statement.text(0);
  row.reason = statement.text(1);
  row.score = statement.number(2);
  row.seconds = statement.number(3);
  row.rounds = statement.integer(4);
  row.predict_us_per_row = statement.number(5);
  row.model_bytes = statement.integer(6);
  row.report = statement.text(7);
  row.left_out = statement.text(8);
  row.learning_curve = doubles_of(statement.blob(9));
  require(row_checksum(row) == statement.text(14), "figures");
  if (!statement.null(12)) row.predictions = doubles_of(checked(statement.blob(12), statement.text(10), "predictions"));
  if (!statement.null(13)) row.archive = checked(statement.blob(13), statement.text(11), "bytes of the model");
  Statement rounds(database_, "SELECT round, checksum, predictions FROM checkpoints WHERE trial = ? AND fold = ?");
  rounds.bind(1, trial).bind(2, number);
  while (rounds.step())
    row.checkpoints[rounds.integer(0)] = doubles_of(checked(rounds.blob(2), rounds.text(1), "checkpoints"));
  return row;
}

void Journal::begin(const JournalHeader& header, const SessionRow& session) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  make_tables();
  Statement statement(database_, std::string("INSERT INTO run VALUES (?, ?, ") + now +
                                     ", ?, ?, ?, ?, 'running', NULL, NULL, NULL, NULL)");
  statement.bind(1, header.automill).bind(2, header.simd_level).bind(3, header.options).bind(4, header.data);
  statement.bind(5, header.plan).bind(6, header.source).run();
  add_session(session);
  transaction.commit();
  empty_ = false;
  move_to_main_file(most_in_log);  // from now on the file says what it is
}

void Journal::go_on(const SessionRow& session) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  add_session(session);
  database_.run("UPDATE run SET status = 'running'");
  transaction.commit();
}

void Journal::add_session(const SessionRow& session) {
  database_.run("UPDATE sessions SET status = 'interrupted' WHERE status = 'running'");
  session_ = database_.integer("SELECT coalesce(max(session), 0) + 1 FROM sessions");
  Statement statement(database_,
                      std::string("INSERT INTO sessions VALUES (?, ") + now + ", ?, ?, ?, ?, ?, ?, ?, 0, 'running')");
  const std::string host = host_name();
  statement.bind(1, session_).bind(2, host).bind(3, std::int64_t{process_number()}).bind(4, session.threads);
  statement.bind(5, session.automill).bind(6, session.simd_level);
  if (session.time_limit) statement.bind(7, *session.time_limit);
  if (session.max_trials) statement.bind(8, *session.max_trials);
  statement.run();
}

void Journal::add_trial(const TrialRow& row) {
  const std::lock_guard lock(mutex_);
  waiting_trials_.push_back(row);
}

void Journal::add_event(const EventRow& row) {
  const std::lock_guard lock(mutex_);
  waiting_events_.push_back(row);
}

/// Inside of a transaction.
void Journal::write_waiting(double seconds) {
  for (const TrialRow& row : waiting_trials_) {
    for (const char* table : {"folds", "checkpoints"}) {
      Statement others(database_, std::string("DELETE FROM ") + table +
                                      " WHERE trial = ?1 AND EXISTS (SELECT 1 FROM trials WHERE trial = ?1 AND "
                                      "(name <> ?2 OR parameters <> ?3))");
      others.bind(1, row.trial).bind(2, row.name).bind(3, row.parameters).run();
    }
    Statement statement(database_,
                        "INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL)");
    statement.bind(1, row.trial).bind(2, row.name).bind(3, row.family).bind(4, row.parameters).bind(5, row.folds);
    statement.bind(6, session_).bind(7, row.status).bind(8, row.reason).run();
  }
  for (const EventRow& event : waiting_events_) write_event(event);
  Statement statement(database_, "UPDATE sessions SET seconds = ? WHERE session = ?");
  statement.bind(1, seconds).bind(2, session_).run();
}

void Journal::write_event(const EventRow& event) {
  Statement statement(database_, "INSERT INTO events (session, seconds, kind, message, fields) VALUES (?, ?, ?, ?, ?)");
  statement.bind(1, session_).bind(2, event.seconds).bind(3, event.kind).bind(4, event.message).bind(5, event.fields);
  statement.run();
}

std::string Journal::add_fold(FoldRow row, const EventRow& event) {
  const std::lock_guard lock(mutex_);
  leave_out_what_is_too_much(row);
  Transaction transaction(database_);
  write_waiting(event.seconds);
  write_fold(row);
  write_event(event);
  transaction.commit();
  waiting_trials_.clear();
  waiting_events_.clear();
  move_to_main_file(row.archive.size() + 8 * row.predictions.size() + checkpoint_bytes(row) + 4096);
  return row.left_out;
}

/// Inside of a transaction.
void Journal::write_fold(const FoldRow& row) {
  Statement statement(database_,
                      "INSERT OR REPLACE INTO folds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const std::string of_predictions = journal_checksum(bytes_of(row.predictions)),
                    of_archive = journal_checksum(row.archive);
  statement.bind(1, row.trial).bind(2, row.fold).bind(3, session_).bind(4, row.status).bind(5, row.reason);
  statement.bind(6, row.score).bind(7, row.seconds).bind(8, row.rounds).bind(9, row.predict_us_per_row);
  statement.bind(10, row.model_bytes).bind(11, row.report).bind(12, row.left_out);
  const std::string of_row = row_checksum(row);
  statement.bind(13, of_row).bind(14, bytes_of(row.learning_curve));
  if (!row.predictions.empty()) statement.bind(15, of_predictions).bind(17, bytes_of(row.predictions));
  if (!row.archive.empty()) statement.bind(16, of_archive).bind(18, row.archive);
  statement.run();
  for (const auto& [round, predictions] : row.checkpoints) {
    Statement insert(database_, "INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?)");
    const std::string checksum = journal_checksum(bytes_of(predictions));
    insert.bind(1, row.trial).bind(2, row.fold).bind(3, round).bind(4, checksum).bind(5, bytes_of(predictions)).run();
  }
}

/// A model is left out before the predictions are; without it the checkpoints are of no use.
void Journal::leave_out_what_is_too_much(FoldRow& row) {
  const std::uint64_t predictions = 8 * (row.predictions.size() + row.learning_curve.size());
  const bool archive = row.archive.size() <= largest_blob && predictions <= largest_blob &&
                       fits(row.archive.size() + predictions + checkpoint_bytes(row));
  if (archive) return;
  row.archive.clear();
  row.checkpoints.clear();
  row.left_out = "archive";
  if (predictions <= largest_blob && fits(predictions)) return;
  row.predictions.clear();
  row.learning_curve.clear();
  row.left_out = "archive and predictions";
}

/// Whether so many bytes more stay below the limit: they stand in the log first, then in the log and the main file.
bool Journal::fits(std::uint64_t bytes) {
  if (!limit_) return true;
  const std::uint64_t rows = std::max<std::uint64_t>(160 << 10, *limit_ / 16);  // kept for those without bytes
  const std::uint64_t page = 4096, in_log = bytes + bytes / 50;
  const std::uint64_t file = page * static_cast<std::uint64_t>(database_.integer("PRAGMA page_count"));
  const std::uint64_t free = page * static_cast<std::uint64_t>(database_.integer("PRAGMA freelist_count"));
  return file + (in_log > free ? in_log - free : 0) + in_log + beside_file + rows <= *limit_;
}

void Journal::finish_trial(std::int64_t trial, const ScoreRow& score,
                           const std::vector<std::vector<double>>& predictions, const EventRow& event) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  write_waiting(event.seconds);
  std::uint64_t bytes = 4096;
  for (std::size_t fold = 0; fold < predictions.size(); ++fold) {
    Statement statement(database_,
                        "UPDATE folds SET predictions = ?, predictions_checksum = ? "
                        "WHERE trial = ? AND fold = ? AND predictions IS NOT NULL AND predictions_checksum <> ?2");
    const std::string checksum = journal_checksum(bytes_of(predictions[fold]));
    statement.bind(1, bytes_of(predictions[fold])).bind(2, checksum);
    statement.bind(3, trial).bind(4, static_cast<std::int64_t>(fold)).run();
    bytes += 8 * predictions[fold].size();
  }
  Statement checkpoints(database_, "DELETE FROM checkpoints WHERE trial = ?");
  checkpoints.bind(1, trial).run();
  Statement statement(
      database_,
      "UPDATE trials SET status = 'ok', reason = '', metric = ?, score = ?, low = ?, high = ? WHERE trial = ?");
  statement.bind(1, score.metric).bind(2, score.score).bind(3, score.low).bind(4, score.high).bind(5, trial).run();
  write_event(event);
  transaction.commit();
  waiting_trials_.clear();
  waiting_events_.clear();
  move_to_main_file(bytes);
}

void Journal::end_trial(std::int64_t trial, const std::string& status, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  for (TrialRow& row : waiting_trials_) {
    if (row.trial != trial) continue;
    row.status = status;
    row.reason = reason;
    return;
  }
  Statement statement(database_, "UPDATE trials SET status = ?, reason = ? WHERE trial = ?");
  statement.bind(1, status).bind(2, reason).bind(3, trial).run();
}

void Journal::end(const std::string& status, const ScoreRow& score, double seconds) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(database_);
  write_waiting(seconds);
  Statement run(database_, "UPDATE run SET status = ?, metric = ?, score = ?, low = ?, high = ?");
  run.bind(1, status).bind(2, score.metric).bind(3, score.score).bind(4, score.low).bind(5, score.high);
  run.run();
  Statement session(database_, "UPDATE sessions SET status = ? WHERE session = ?");
  session.bind(1, status).bind(2, session_).run();
  transaction.commit();
  waiting_trials_.clear();
  waiting_events_.clear();
}

/// What cannot be moved now stays in the log, where it is durable as well.
void Journal::move_to_main_file(std::uint64_t bytes_written) {
  written_ += bytes_written;
  if (!limit_ && written_ < most_in_log) return;
  written_ = 0;
  try {
    database_.run("PRAGMA busy_timeout=100");  // a reader may hold the log; training does not wait for it
    database_.run(limit_ ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(PASSIVE)");
    database_.run("PRAGMA busy_timeout=5000");
  } catch (const Error&) {
  }
}

}  // namespace automill
