#pragma once
// A single decision tree (Breiman, Friedman, Olshen & Stone 1984) on binned columns, of a size that is chosen inside.
// Parameters have the names of scikit-learn's classes.
//
//   FitResult fit = DecisionTree({.max_leaf_nodes = 16}).fit(dataset, context);
//   fit.report.details.find("leaves")->integer();       // after pruning
//   std::cout << rules(served).text();                  // explain/rules.hpp: the tree as text and as data
//
// The tree is grown by the best splits first (of variance for numbers, of the Gini index for classes), and then pruned
// by its weakest links: a subtree goes when what it explains is at most ccp_alpha for each leaf beyond the first, as a
// share of the weight of all rows. Without a ccp_alpha the strength of least held-out loss (squared error, log-loss)
// over five folds of the training rows is taken, each with a tree of its own; folds follow from the content of rows,
// and groups stay together. Shares in leaves are moved towards those of all rows by prior_weight rows.
//
// Numbers may be missing (a node sends them to the side that is better); categories are put in the order of the
// target's mean and cut there. The same data, parameters and seed give the same bits for any number of threads and any
// order of rows. O(6 rows columns depth).

#include <automill/core/estimator.hpp>

namespace automill {

struct DecisionTreeParameters {
  std::optional<std::int64_t> max_leaf_nodes = 64;
  std::int64_t max_depth = -1;
  std::int64_t min_samples_split = 2;
  std::int64_t min_samples_leaf = 5;
  std::optional<double> ccp_alpha{};
  std::string pruning = "least_loss";
  double prior_weight = 1.0;
  std::int64_t max_bin = 255;

  static auto declare() {
    using P = DecisionTreeParameters;
    return std::tuple{
        parameter("max_leaf_nodes", &P::max_leaf_nodes,
                  "Most leaves before pruning, the best splits first; null for no limit.")
            .range(2, 1e9)
            .search(8, 512, Scale::log),
        parameter("max_depth", &P::max_depth, "Most levels; -1 for no limit.").range(-1, 1e6),
        parameter("min_samples_split", &P::min_samples_split, "Fewest rows of a node that is split.").range(2, 1e9),
        parameter("min_samples_leaf", &P::min_samples_leaf, "Fewest rows in a leaf.")
            .range(1, 1e9)
            .search(1, 100, Scale::log),
        parameter("ccp_alpha", &P::ccp_alpha,
                  "Strength of pruning by cost and complexity: the least gain for each further leaf, as a share of the "
                  "weight of all rows; null: chosen on held-out rows, 0: no pruning.")
            .range(0, 1e300),
        parameter(
            "pruning", &P::pruning,
            "How the strength is chosen: least_loss, or one_standard_error: the smallest tree whose held-out loss is "
            "within one standard error of the least.")
            .choices({"least_loss", "one_standard_error"}),
        parameter("prior_weight", &P::prior_weight,
                  "Rows of the mean of all rows that are added to each leaf, of classes (m-estimate of its shares).")
            .range(0, 1e6),
        parameter("max_bin", &P::max_bin, "Most bins of a number.").range(2, 65000)};
  }
};

class AUTOMILL_EXPORT DecisionTree final : public Learner<DecisionTree, DecisionTreeParameters> {
 public:
  static constexpr const char* registered_name = "decision_tree";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
