#pragma once
// A file that keeps what a run has finished, so that `resume` fits nothing twice: an SQLite database of trials, folds
// and events (docs/journal.md). It knows rows and bytes, and nothing of what they mean.
//
//   const auto journal = Journal::open("adult.journal", Journal::Start::resume, {});
//   if (journal->empty()) journal->begin(header, session); else journal->go_on(session);
//   journal->add_fold(row, event);          // when it returns, the row is on the disk
//
// One process writes: a second one is refused. Its threads take turns at a mutex. What add_fold and finish_trial write
// is durable when they return (WAL with synchronous=FULL: one flush of the disk a call); trials and other events wait
// for the next such call. After an Error of a writing function the file holds what was durable before.

#include <map>
#include <mutex>
#include <optional>

#include "journal/file_lock.hpp"
#include "journal/sqlite.hpp"

namespace automill {

/// What a run was begun with; JSON texts.
struct JournalHeader {
  std::string automill{}, simd_level{};
  std::string options{};  ///< of train, by name
  std::string data{};     ///< fingerprint of what is learned
  std::string plan{};     ///< what was decided from the time that there was
  std::string source{};   ///< where the rows came from
};

/// One call of train that writes to the journal.
struct SessionRow {
  std::string automill{}, simd_level{};
  std::int64_t threads = 1;
  std::optional<double> time_limit{};
  std::optional<std::int64_t> max_trials{};
};

struct TrialRow {
  std::int64_t trial = 0;  ///< position among the proposals
  std::string name{}, family{}, parameters{};
  std::int64_t folds = 1;
  std::string status = "running", reason{};
};

struct ScoreRow {
  std::string metric{};
  double score = 0, low = 0, high = 0;
};

struct FoldRow {
  std::int64_t trial = 0, fold = 0;
  std::string status = "ok", reason{};  ///< "ok", "stopped" (at a limit, or by the user), "failed"
  double score = 0, seconds = 0, predict_us_per_row = 0;
  std::int64_t rounds = 0, model_bytes = 0;
  std::string report = "{}";                                  ///< JSON
  std::vector<double> learning_curve{}, predictions{};        ///< of the held-out rows, row-major
  std::map<std::int64_t, std::vector<double>> checkpoints{};  ///< predictions after some rounds, until a trial is done
  std::vector<std::byte> archive{};                           ///< the fitted model as a file
  std::string left_out{};  ///< what journal_limit left out: "archive", "archive and predictions"
};

struct EventRow {
  double seconds = 0;
  std::string kind{}, message{}, fields = "{}";
};

class Journal {
 public:
  enum class Start { anew, resume };
  /// Errors: journal.exists (anew, and there is one), .in_use, .folder, .no_folder, .not_a_journal, .newer, .damaged,
  /// .read_only, .disk_full, .unwritable. `limit`: bytes of the file and what lies beside it.
  static std::unique_ptr<Journal> open(const std::string& path, Start start, std::optional<std::uint64_t> limit);

  const std::string& path() const { return database_.path(); }
  /// Nothing was begun in it.
  bool empty() const { return empty_; }

  JournalHeader header();
  /// Of all sessions before this one.
  double seconds_before();
  std::int64_t sessions_before();
  std::vector<TrialRow> trials();
  /// Status of the folds of a trial that stand in the journal, by fold: those that can be put in again.
  std::map<std::int64_t, std::string> folds(std::int64_t trial);
  /// A row with all its bytes. Error journal.damaged where a checksum does not hold.
  FoldRow fold(std::int64_t trial, std::int64_t number);

  void begin(const JournalHeader& header, const SessionRow& session);
  void go_on(const SessionRow& session);
  /// Replaces a trial of the same number, and its folds, where its name or parameters are others.
  void add_trial(const TrialRow& row);
  void add_event(const EventRow& row);
  /// Returns what was left out of it.
  std::string add_fold(FoldRow row, const EventRow& event);
  /// All folds are done: `predictions` by fold take the place of theirs, and the checkpoints go.
  void finish_trial(std::int64_t trial, const ScoreRow& score, const std::vector<std::vector<double>>& predictions,
                    const EventRow& event);
  /// The end of a trial that has no score.
  void end_trial(std::int64_t trial, const std::string& status, const std::string& reason);
  /// The end of the run: "finished" or "stopped".
  void end(const std::string& status, const ScoreRow& score, double seconds);

 private:
  Journal(const std::string& path, std::optional<std::uint64_t> limit);
  void look_inside(Start start);
  void make_tables();
  void add_session(const SessionRow& session);
  void write_waiting(double seconds);
  void write_event(const EventRow& event);
  void write_fold(const FoldRow& row);
  void leave_out_what_is_too_much(FoldRow& row);
  bool fits(std::uint64_t bytes);
  void move_to_main_file(std::uint64_t bytes_written);

  std::mutex mutex_;
  FileLock lock_;
  sqlite::Database database_;
  std::optional<std::uint64_t> limit_;
  bool empty_ = true;
  std::int64_t session_ = 0;
  std::uint64_t written_ = 0;  ///< bytes since they were last moved to the main file
  std::vector<TrialRow> waiting_trials_;
  std::vector<EventRow> waiting_events_;
};

/// XXH3 (64 bits), 16 hexadecimal digits.
std::string journal_checksum(std::span<const std::byte> bytes);

}  // namespace automill
