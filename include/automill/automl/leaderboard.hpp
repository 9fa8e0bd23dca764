#pragma once
// Every candidate of a run: scored, partial, stopped, failed or skipped, each with the reason.

#include <automill/core/export.hpp>
#include <automill/core/value.hpp>
#include <limits>

namespace automill {

struct AUTOMILL_EXPORT LeaderboardRow {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();
  std::int64_t rank = 0;  ///< 1 is the best; 0: no score
  std::string name, family;
  double validation_score = none, low = none, high = none;  ///< natural units, 90 % interval
  double test_score = none;                                 ///< leaderboard(data) only
  double fit_seconds = 0, cpu_seconds = 0;
  double predict_us_per_row = none;
  std::uint64_t bytes = 0, peak_bytes = 0;
  std::int64_t folds_done = 0;
  double weight = 0;   ///< in the ensemble
  std::string status;  ///< "member", "ok", "partial k/n", "stopped", "failed" or "skipped"
  std::string reason;
  Object parameters{};  ///< what it was fitted with

  Object to_object() const;
  static LeaderboardRow from_object(const Object& object);
  static const std::vector<std::string>& column_names();
};

/// The rows as a text table for terminals.
AUTOMILL_EXPORT std::string leaderboard_text(const std::vector<LeaderboardRow>& rows, bool with_test_score);

}  // namespace automill
