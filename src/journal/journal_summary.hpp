#pragma once
// What a journal says of its run, for people and programs; a run that goes on is not disturbed.

#include "journal/journal.hpp"

namespace automill {

struct SessionSummary {
  std::int64_t session = 0, pid = 0, threads = 0;
  std::string started{}, host{}, automill{}, simd_level{}, status{};
  std::optional<double> time_limit{};
  std::optional<std::int64_t> max_trials{};
  double seconds = 0;
};

struct TrialSummary {
  TrialRow row{};
  std::int64_t folds_done = 0, folds_without_model = 0;
  ScoreRow score{};  ///< NaN: none
  double fit_seconds = 0;
};

struct JournalSummary {
  std::string path{};
  JournalHeader header{};
  std::string started{};
  std::string status{};  ///< "running", "finished", "stopped", or "interrupted": its process is gone
  long holder = 0;       ///< number of the process that writes it now; 0: none
  std::uint64_t bytes = 0;
  ScoreRow score{};  ///< of the whole run, when it was finished; NaN: none
  std::vector<SessionSummary> sessions{};
  std::vector<TrialSummary> trials{};

  double seconds() const;
  std::int64_t folds_done() const;
};

/// Errors: journal.missing, .folder, .not_a_journal, .newer, .damaged, .unwritable.
JournalSummary read_journal_summary(const std::string& path);

/// Whether a file begins as journals do.
bool looks_like_a_journal(const std::string& path);

}  // namespace automill
