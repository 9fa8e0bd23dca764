#pragma once
// From scores of classes to probabilities (Platt 1999; for several classes Alexandari, Kundaje & Shrikumar 2020):
//
//   P(class k) = exp(slope score_k + offset_k) / sum over the classes
//
// of highest likelihood on rows that the scores were not fitted on, whose targets are drawn to 1 / classes by one row a
// class, as Platt's are. With two classes and score_0 = 0 that is the logistic function of a score.

#include <automill/core/stop.hpp>
#include <cstdint>
#include <optional>
#include <vector>

namespace automill {

struct ScoredRows {
  std::size_t classes = 2;
  std::vector<double> scores{};  ///< rows x classes
  std::vector<std::int32_t> labels{};
  std::vector<double> weights{};
};

struct ScoreCalibration {
  double slope = 1;               ///< never below 0: where scores say nothing, all rows get the shares of the classes
  std::vector<double> offsets{};  ///< one a class
};

/// Nothing when stopped. Without rows of a weight, the slope is 1 and the offsets are 0.
std::optional<ScoreCalibration> calibrate_scores(const ScoredRows& rows, const StopToken& stop);

}  // namespace automill
