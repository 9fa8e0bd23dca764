#pragma once
// How far predictions may be off, learned from rows that the predicting models had not seen: conformal intervals and
// quantiles of a number, conformal sets of classes.
//
//   PredictedIntervals ninety = served.predict_interval(rows, 0.9);   // ninety.low[i] .. ninety.high[i]
//   PredictedQuantiles parts = served.predict_quantiles(rows, {0.1, 0.5, 0.9});
//   PredictedSets sets = served.predict_set(rows, 0.9);               // sets.labels(i)
//
// Of n rows that were held out and one that is new, each is equally likely to have the k-th largest score, whatever the
// distribution (Vovk, Gammerman & Shafer 2005): a range that holds all scores up to rank (n + 1) c of n covers a new
// one with probability c. What is held out is predicted by models of the other folds, what is new by all of them
// together, which is seldom worse; coverage was measured (docs/uncertainty.md).

#include <automill/core/model.hpp>
#include <automill/predict/prediction_result.hpp>
#include <string_view>

namespace automill {

/// Order statistics of a sample of scores: all of a small sample, of a large one the outer ones and some of the others.
struct AUTOMILL_EXPORT ScoreRanks {
  std::uint32_t rows = 0;              ///< of the sample
  std::vector<std::uint32_t> ranks{};  ///< those that are kept, ascending from 1 to `rows`
  std::vector<double> scores{};        ///< of these ranks, ascending

  /// (rows + 1) times the level, rounded away from the middle: a new score lies below that of this rank with at most
  /// (level below 0.5) or at least (above) this probability. Outside [1, rows]: the sample is too small to tell.
  double rank_of(double level) const noexcept;
  /// The score of a rank in [1, rows], linear between those that are kept. O(log ranks).
  double at(double rank) const noexcept;
};

/// What a model keeps for its intervals or sets.
struct AUTOMILL_EXPORT Uncertainty {
  static constexpr double unlimited = std::numeric_limits<double>::infinity();
  /// Numbers: (truth - prediction) / spread. Classes: 0 where the likeliest is the true one, else 1 - the probability
  /// of the true one.
  ScoreRanks scores{};
  /// Numbers: of the spread, from the columns that are no text and the prediction; null: it is 1 everywhere.
  std::shared_ptr<const Model> spread{};
  double least = -unlimited;                     ///< numbers: 0 where no target of training is below
  double most = unlimited;                       ///< numbers: 0 where none is above
  std::vector<double> quantiles{0.1, 0.5, 0.9};  ///< numbers: what predict_quantiles gives where none are asked for

  /// What a new value is below with the probability that belongs to a rank of `scores`. Does not fall with the rank.
  double quantile(double prediction, double row_spread, double rank) const noexcept;
  /// The largest score of a class in a set. Coverage that the sample is too small for: 1, all classes.
  double most_score(double coverage) const noexcept;
};

struct PredictedIntervals {
  double coverage = 0;
  std::vector<double> low{}, high{};  ///< one a row
};

struct PredictedQuantiles {
  std::vector<double> quantiles{};  ///< as they were asked for
  Predictions values{};             ///< rows x quantiles
};

class AUTOMILL_EXPORT PredictedSets {
 public:
  PredictedSets(std::shared_ptr<const TargetInfo> target, std::vector<std::uint8_t> members)
      : target_(std::move(target)), members_(std::move(members)) {}
  std::size_t rows() const { return members_.size() / target_->width(); }
  const std::vector<std::string>& classes() const { return target_->classes; }
  bool contains(std::size_t row, std::size_t class_index) const {
    return members_[row * target_->width() + class_index] != 0;
  }
  /// Classes of a row's set, in the order of classes(); views into the model's names.
  std::vector<std::string_view> labels(std::size_t row) const {
    std::vector<std::string_view> names;
    for (std::size_t k = 0; k < target_->width(); ++k)
      if (contains(row, k)) names.push_back(target_->classes[k]);
    return names;
  }
  /// Rows x classes, row-major: 1 for a class that is in the set.
  const std::vector<std::uint8_t>& members() const { return members_; }

 private:
  std::shared_ptr<const TargetInfo> target_;
  std::vector<std::uint8_t> members_;
};

/// An interval of one row.
struct Interval {
  double low = 0, high = 0;
};

}  // namespace automill
