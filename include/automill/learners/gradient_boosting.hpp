#pragma once
// Gradient boosting of histogram trees. Parameters have the names and defaults of LightGBM's scikit-learn classes, but
// for monotone_constraints_method: "intermediate" took the time of "basic" on 9 sets with 2 to 5 constrained columns,
// for squared errors from 5.8 % less to 3.3 % more (506 rows), 0.9 % less on average.
//
//   GradientBoosting boosting({.n_estimators = 1000, .learning_rate = 0.05});
//   FitResult fit = boosting.fit({.train = folded.train(0), .validation = &folded.held_out(0)}, context);
//   fit.report.rounds;               // where early stopping cut the model
//
// A loss of the user's own is given by with_objective: see own_objective.hpp. Several numbers of a row are learned
// together where the target has several outputs: see dataset_from. Early stopping then weighs them alike, whatever
// their units.
//
// Three or more classes and several outputs have a tree each in every round, or with multi_strategy
// "multi_output_tree" one together. On 13 sets of 3 to 26 classes, stopped early, that had the lower log-loss on 10,
// but no reliable advantage over all (0.015 of the way from the prior to the best, at least -0.012 by the bootstrap's
// 95 %):
//  - 26 classes: 0.09 and 0.22 instead of 0.14 and 0.37, in 0.4 of the time a round;
//  - classes of few rows among 58,000 (shuttle): 0.01 instead of 0.39, steps being bounded;
//  - 650 rows of words (cnae_9): 0.46 instead of 0.23, since min_child_samples counts for all classes together; with 5,
//    0.25 instead of 0.29.
// A round took 0.7 of the time in the geometric mean and teaches less: in the same time both come equally far, with 31
// leaves. On seven problems of 3 and 4 numbers the error was 1 % larger, in the same time.
//
// The same data, parameters and seed give the same bits for any number of threads and any order of rows. Columns are
// binned once for all fits that share RunContext::cache.

#include <automill/core/estimator.hpp>
#include <automill/learners/own_objective.hpp>

namespace automill {

struct GradientBoostingParameters {
  std::int64_t n_estimators = 100;
  std::int64_t num_leaves = 31;
  std::int64_t max_depth = -1;
  std::optional<double> learning_rate = 0.1;
  std::int64_t min_child_samples = 20;
  double min_child_weight = 1e-3;
  double subsample = 1.0;
  std::int64_t subsample_freq = 1;
  std::string data_sample_strategy = "bagging";
  double top_rate = 0.2;
  double other_rate = 0.1;
  double colsample_bytree = 1.0;
  double colsample_bynode = 1.0;
  double reg_alpha = 0.0;
  double reg_lambda = 0.0;
  double min_split_gain = 0.0;
  std::int64_t max_bin = 255;
  bool extra_trees = false;
  std::string growth = "leaf_wise";
  std::string multi_strategy = "one_output_per_tree";
  std::optional<double> random_strength{};
  std::int64_t max_crossed_categories = 3;
  std::optional<std::int64_t> leaf_iterations{};
  double path_smooth = 0.0;
  double max_delta_step = 0.0;
  bool linear_tree = false;
  double linear_lambda = 0.0;
  Value monotone_constraints{};
  std::string monotone_constraints_method = "intermediate";
  Value interaction_constraints{};
  double cat_smooth = 10.0;
  double cat_l2 = 10.0;
  std::int64_t max_cat_threshold = 32;
  std::int64_t max_cat_to_onehot = 4;
  std::int64_t min_data_per_group = 100;
  std::optional<std::int64_t> early_stopping_rounds{};
  std::string objective = "auto";
  double alpha = 0.5;
  Value quantiles{};
  double fair_c = 1.0;
  double tweedie_variance_power = 1.5;

  /// The counterpart of CatBoost's defaults: 1,000 symmetric trees of 6 levels.
  static GradientBoostingParameters symmetric() {
    return {.n_estimators = 1000,
            .learning_rate = std::nullopt,
            .min_child_samples = 1,
            .min_child_weight = 0,
            .subsample = 0.8,
            .reg_lambda = 3,
            .growth = "symmetric",
            .max_cat_to_onehot = 16};
  }

  static auto declare() {
    using P = GradientBoostingParameters;
    return std::tuple{
        parameter("n_estimators", &P::n_estimators, "Rounds of boosting; early stopping may end before.")
            .range(1, 1e6)
            .search(30, 1000, Scale::log),
        parameter("num_leaves", &P::num_leaves, "Most leaves of a tree.").range(2, 131072).search(4, 255, Scale::log),
        parameter("max_depth", &P::max_depth, "Most levels of a tree; -1 for no limit.").range(-1, 1e6),
        parameter("learning_rate", &P::learning_rate,
                  "Share of each tree that is added; null: from the numbers of rows and rounds, by CatBoost's rule.")
            .range(1e-6, 10)
            .search(5e-3, 0.2, Scale::log),
        parameter("min_child_samples", &P::min_child_samples,
                  "Fewest rows in a leaf, counted by their second derivatives.")
            .range(0, 1e9)
            .search(2, 200, Scale::log),
        parameter("min_child_weight", &P::min_child_weight, "Least sum of second derivatives in a leaf.")
            .range(0, 1e12),
        parameter("subsample", &P::subsample, "Share of the rows that a tree is grown on.")
            .range(1e-3, 1)
            .search(0.4, 1),
        parameter("subsample_freq", &P::subsample_freq,
                  "Rounds between two draws of those rows; 0 is taken as 1. goss and mvs draw for each tree.")
            .range(0, 1e6)
            .only_if("data_sample_strategy", "bagging"),
        parameter(
            "data_sample_strategy", &P::data_sample_strategy,
            "How rows are drawn: bagging, each with the same probability; goss, those with the largest gradients and "
            "some of the others, after 1 / learning_rate rounds; mvs, with a probability that follows the gradient.")
            .choices({"bagging", "goss", "mvs"}),
        parameter("top_rate", &P::top_rate, "Share of the rows that are kept for their large gradients.")
            .range(0, 1)
            .only_if("data_sample_strategy", "goss"),
        parameter("other_rate", &P::other_rate, "Share of all rows that are drawn from the others.")
            .range(1e-6, 1)
            .only_if("data_sample_strategy", "goss"),
        parameter("colsample_bytree", &P::colsample_bytree, "Share of the columns that a tree may use.")
            .range(1e-6, 1)
            .search(0.3, 1),
        parameter("colsample_bynode", &P::colsample_bynode, "Share of the tree's columns that a node may use.")
            .range(1e-6, 1),
        parameter("reg_alpha", &P::reg_alpha, "L1 penalty on leaf values.").range(0, 1e12).search(1e-4, 10, Scale::log),
        parameter("reg_lambda", &P::reg_lambda, "L2 penalty on leaf values.")
            .range(0, 1e12)
            .search(1e-4, 100, Scale::log),
        parameter("min_split_gain", &P::min_split_gain, "Least gain of a split.").range(0, 1e12),
        parameter("max_bin", &P::max_bin, "Most bins of a number.").range(2, 65000),
        parameter("growth", &P::growth,
                  "Which leaf is split next: the one with the largest gain, one of the least depth, or all of a level "
                  "by one column and threshold. Symmetric trees have max_depth levels (6 where it is -1), num_leaves "
                  "does not count, and categories are also put in the order of ordered target statistics.")
            .choices({"leaf_wise", "depth_wise", "symmetric"}),
        parameter("multi_strategy", &P::multi_strategy,
                  "Trees of three or more classes and of several outputs: one_output_per_tree grows one for each in "
                  "every round, multi_output_tree a single one whose leaves hold a value for each. Of one output, both "
                  "are the same.")
            .choices({"one_output_per_tree", "multi_output_tree"}),
        parameter(
            "random_strength", &P::random_strength,
            "Noise that is added to the scores of splits, in sizes of a gradient; it dies out as trees are added. "
            "Null: 1.")
            .range(0, 1e3)
            .only_if("growth", "symmetric"),
        parameter(
            "max_crossed_categories", &P::max_crossed_categories,
            "Most category columns that are looked at together, where that tells more than each of them; 1: none.")
            .range(1, 3)
            .only_if("growth", "symmetric"),
        parameter(
            "leaf_iterations", &P::leaf_iterations,
            "Newton steps that a leaf value takes; null: 5 for symmetric trees of log_loss on two classes, else 1.")
            .range(1, 100),
        parameter("extra_trees", &P::extra_trees, "Try one random threshold a column and node instead of all.")
            .search(0, 1),
        parameter(
            "path_smooth", &P::path_smooth,
            "Rows that pull a node's value towards its parent's; 0 for none. Not with absolute_error and quantile.")
            .range(0, 1e12),
        parameter("max_delta_step", &P::max_delta_step,
                  "Most that a leaf may add before the learning rate; 0: no limit.")
            .range(0, 1e12),
        parameter("linear_tree", &P::linear_tree,
                  "Leaves are linear models of the numbers on their paths: for smooth targets, seldom for classes. Not "
                  "with absolute_error and quantile."),
        parameter("linear_lambda", &P::linear_lambda, "L2 penalty on the coefficients of linear leaves.")
            .range(0, 1e12)
            .only_if("linear_tree", true),
        parameter(
            "monotone_constraints", &P::monotone_constraints,
            "1 (predictions may only rise with the column), -1 (only fall) or 0: a list with one for each column, or "
            "an object of column names. Not for three or more classes."),
        parameter("monotone_constraints_method", &P::monotone_constraints_method,
                  "What limits the leaves below a split on a monotone column: the point halfway between both sides, or "
                  "only the values of the leaves that adjoin, which fits closer and takes longer.")
            .choices({"basic", "intermediate"}),
        parameter(
            "interaction_constraints", &P::interaction_constraints,
            "Lists of columns, by name or position, that may be used together on a path of a tree; a column that is in "
            "no list is used with no other."),
        parameter("cat_smooth", &P::cat_smooth, "Smoothing of categories before they are put in order.")
            .range(0, 1e9)
            .search(1e-2, 100, Scale::log),
        parameter("cat_l2", &P::cat_l2, "Further L2 penalty of splits on categories.")
            .range(0, 1e12)
            .search(5e-3, 50, Scale::log),
        parameter("max_cat_threshold", &P::max_cat_threshold, "Most categories on the smaller side of a split.")
            .range(1, 65000),
        parameter("max_cat_to_onehot", &P::max_cat_to_onehot, "Up to so many categories, one is split from the others.")
            .range(1, 65000),
        parameter("min_data_per_group", &P::min_data_per_group, "Rows between two tried positions of categories.")
            .range(1, 1e9),
        parameter("early_stopping_rounds", &P::early_stopping_rounds,
                  "Rounds without a better validation loss before training ends; 0 never ends early, null follows the "
                  "number of rows.")
            .range(0, 1e6),
        parameter("objective", &P::objective,
                  "Loss; auto is log_loss for classes and squared_error for numbers. Or a function of the user "
                  "(OwnObjective).")
            .choices({"auto", "log_loss", "one_vs_all", "squared_error", "absolute_error", "huber", "fair", "quantile",
                      "poisson", "gamma", "tweedie", "cross_entropy"}),
        parameter("alpha", &P::alpha,
                  "Level of the quantile loss, below 1; for huber, the residual from which the loss is linear.")
            .range(1e-6, 1e12),
        parameter("quantiles", &P::quantiles,
                  "Levels of several quantiles that are learned together, ascending, such as [0.1, 0.5, 0.9]; a "
                  "prediction then has one value a level, and they never cross. Null: the level of alpha alone.")
            .only_if("objective", "quantile"),
        parameter("fair_c", &P::fair_c, "Residual from which the fair loss flattens.")
            .range(1e-6, 1e12)
            .only_if("objective", "fair"),
        parameter("tweedie_variance_power", &P::tweedie_variance_power,
                  "Power of the mean that the variance follows: towards 1 as poisson, towards 2 as gamma.")
            .range(1 + 1e-6, 2 - 1e-6)
            .only_if("objective", "tweedie")};
  }
};

class AUTOMILL_EXPORT GradientBoosting final : public Learner<GradientBoosting, GradientBoostingParameters> {
 public:
  static constexpr const char* registered_name = "gradient_boosting";
  using Learner::Learner;

  /// A copy that minimises a loss of the user's own, in the place of the parameter `objective`.
  GradientBoosting with_objective(OwnObjective own) const;

  EstimatorTraits traits() const override;
  OutputSpec output_spec(const Target& target) const override;
  CostEstimate cost(const DataShape& shape) const override;
  /// An own objective is named "own: <name>".
  Object parameters() const override;
  /// "own: <name>" keeps the function that this learner has under that name; without it, the copy has the name alone
  /// and a fit is refused.
  std::unique_ptr<Estimator> with_parameters(const Object& values) const override;
  /// Folds share one binned copy of the columns, whether or not the context has a cache.
  std::vector<FitResult> fit_folds(const FoldedDataset& folded, const RunContext& context) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;

 private:
  std::shared_ptr<const OwnObjective> own_objective_;
};

}  // namespace automill
