#pragma once
// Random forests (Breiman 2001) and extremely randomised trees (Geurts, Ernst & Wehenkel 2006) on binned columns.
// Parameters have the names of scikit-learn's classes.
//
//   FitResult fit = RandomForest({.n_estimators = 300}).fit(dataset, context);
//   fit.out_of_bag->values;          // predictions of each training row by the trees that did not see it
//
// Trees are grown side by side and to pure leaves unless limited. Numbers may be missing (a node sends them to the side
// that is better); categories are put in the order of the target's mean among the rows of the tree, and cut there. Of
// several outputs, a tree predicts all: splits count each as a share of its variance, leaves hold single precision. The
// same data, parameters and seed give the same bits for any number of threads and any order of rows.

#include <automill/core/estimator.hpp>

namespace automill {

/// `extra`: thresholds are drawn at random, and all rows are used once.
template <bool extra>
struct ForestParameters {
  std::int64_t n_estimators = 100;
  std::int64_t max_depth = -1;
  std::int64_t min_samples_split = 2;
  std::int64_t min_samples_leaf = 1;
  std::optional<std::int64_t> max_leaf_nodes{};
  std::optional<double> max_features{};
  bool bootstrap = !extra;
  std::optional<double> max_samples{};
  double prior_weight = 0.0;
  std::int64_t max_bin = 255;

  static auto declare() {
    using P = ForestParameters;
    return std::tuple{
        parameter("n_estimators", &P::n_estimators, "Number of trees.").range(1, 1e6),
        parameter("max_depth", &P::max_depth, "Most levels of a tree; -1 for no limit.").range(-1, 1e6),
        parameter("min_samples_split", &P::min_samples_split, "Fewest rows of a node that is split.").range(2, 1e9),
        parameter("min_samples_leaf", &P::min_samples_leaf, "Fewest rows in a leaf.")
            .range(1, 1e9)
            .search(1, 40, Scale::log),
        parameter("max_leaf_nodes", &P::max_leaf_nodes,
                  "Most leaves of a tree, the best splits first; null for no limit.")
            .range(2, 1e9),
        parameter("max_features", &P::max_features,
                  "Share of the columns that a node tries; null: the square root of their number for classes, all for "
                  "numbers.")
            .range(1e-6, 1)
            .search(0.1, 1),
        parameter("bootstrap", &P::bootstrap, "Whether rows are drawn with replacement for each tree."),
        parameter("max_samples", &P::max_samples,
                  "Rows drawn for a tree, as a share of all; null for as many as there are.")
            .range(1e-6, 1),
        parameter("prior_weight", &P::prior_weight,
                  "Rows of the mean of all rows that are added to each leaf (m-estimate of its shares).")
            .range(0, 1e6),
        parameter("max_bin", &P::max_bin, "Most bins of a number.").range(2, 65000)};
  }
};

using RandomForestParameters = ForestParameters<false>;
using ExtraTreesParameters = ForestParameters<true>;

/// Each node takes the best threshold of some columns. O(trees rows log(rows) tried columns).
class AUTOMILL_EXPORT RandomForest final : public Learner<RandomForest, RandomForestParameters> {
 public:
  static constexpr const char* registered_name = "random_forest";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

/// Each node takes the best of one random threshold on each of some columns. Out-of-bag predictions exist where
/// `max_samples` or `bootstrap` leave rows out.
class AUTOMILL_EXPORT ExtraTrees final : public Learner<ExtraTrees, ExtraTreesParameters> {
 public:
  static constexpr const char* registered_name = "extra_trees";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
