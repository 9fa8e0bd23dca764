#pragma once
// Explainable boosting machine: a sum of functions of one column and of two columns, which can be read, drawn and added
// up by hand, and which comes near to what boosted trees predict (GA2M: Lou, Caruana, Gehrke & Hooker 2013; parameters
// as interpret's ExplainableBoosting classes name them).
//
//   ExplainableBoosting ebm({.outer_bags = 8, .interactions = 10});
//   const FitResult fit = ebm.fit(dataset);
//   const auto& model = dynamic_cast<const AdditiveModel&>(*fit.model);
//   for (const AdditiveTerm& term : model.terms()) plot(term);       // see additive_model.hpp
//
// Trees of up to max_leaves leaves (four on pairs) are grown on the bins of one column after the other, with a low
// learning rate: first some rounds of random cuts, which make the functions smooth, then always on the column that
// gains most. Each outer bag holds out some rows; when the mean loss of all of those no longer falls, training ends at
// the round where it was least. Pairs of columns are then ranked by how much four quadrants tell beyond the sum of
// their sides (FAST), and the best of them are boosted on a grid in the same way. What bags learned is averaged, pairs
// are purified (what a column adds by itself moves to its own function) and all functions are centred.
//
// Missing values are a bin of their own. Categories are bins of their own, cut in the order of their smoothed means;
// those of few rows go together. Functions of columns with a monotone constraint only rise or fall, and such columns
// are in no pairs. Three and more classes have one function a column and class, and no pairs.
//
// Eight bags are boosted side by side, in the lanes of a vector (see learners/additive/bag_group.hpp). Bags of a group
// take the same column at a time, and all bags end at the same round: interpret's choose and end each by itself.
//
// The same data, parameters and seed give the same bits for any number of threads and any order of rows. O(rounds rows
// columns bags / 8) operations on vectors.

#include <automill/core/estimator.hpp>

namespace automill {

struct ExplainableBoostingParameters {
  std::int64_t max_bin = 255;
  std::int64_t max_interaction_bins = 32;
  std::optional<std::int64_t> interactions{};
  std::int64_t outer_bags = 14;
  double validation_size = 0.15;
  std::optional<double> learning_rate{};
  std::int64_t max_leaves = 2;
  std::int64_t min_samples_leaf = 4;
  double min_hessian = 1e-4;
  double reg_lambda = 0.0;
  std::int64_t max_rounds = 5000;
  std::optional<std::int64_t> smoothing_rounds{};
  std::optional<std::int64_t> interaction_smoothing_rounds{};
  std::int64_t greedy_rounds = 10;
  std::int64_t early_stopping_rounds = 100;
  double early_stopping_tolerance = 1e-5;
  double cat_smooth = 10.0;
  std::int64_t min_cat_samples = 10;
  Value monotone_constraints{};
  std::string objective = "auto";

  static auto declare() {
    using P = ExplainableBoostingParameters;
    return std::tuple{
        parameter("max_bin", &P::max_bin, "Most bins of a number.").range(2, 65000),
        parameter("max_interaction_bins", &P::max_interaction_bins, "Most bins of a column in a pair.").range(2, 200),
        parameter("interactions", &P::interactions,
                  "Pairs of columns; null: three for each column, where there are two classes or a number to learn.")
            .range(0, 1e5),
        parameter("outer_bags", &P::outer_bags,
                  "Models that are averaged, each on its own random share of the rows; standard errors come of them.")
            .range(1, 1000),
        parameter("validation_size", &P::validation_size,
                  "Share of the rows that a bag holds out to see when to end; 0: all rounds are trained.")
            .range(0, 0.9),
        parameter("learning_rate", &P::learning_rate,
                  "Share of each tree that is added; null: 0.015 for classes, 0.04 for numbers.")
            .range(1e-6, 1)
            .search(0.005, 0.1, Scale::log),
        parameter("max_leaves", &P::max_leaves, "Most leaves of a tree on one column.").range(2, 3),
        parameter("min_samples_leaf", &P::min_samples_leaf, "Fewest rows of a bag in a leaf.")
            .range(1, 1e9)
            .search(2, 50, Scale::log),
        parameter("min_hessian", &P::min_hessian, "Least sum of second derivatives in a leaf.").range(0, 1e12),
        parameter("reg_lambda", &P::reg_lambda, "L2 penalty on leaf values.").range(0, 1e12),
        parameter("max_rounds", &P::max_rounds,
                  "Most rounds of each of both stages; a round is as many trees as there are functions.")
            .range(1, 1e7),
        parameter(
            "smoothing_rounds", &P::smoothing_rounds,
            "First rounds, in which columns take turns and numbers are cut at random; null: 75 for classes, 500 for "
            "numbers.")
            .range(0, 1e6),
        parameter("interaction_smoothing_rounds", &P::interaction_smoothing_rounds,
                  "The same of pairs; null: 75 for classes, 100 for numbers.")
            .range(0, 1e6),
        parameter("greedy_rounds", &P::greedy_rounds,
                  "Rounds between two looks at what each function would gain; between them a tree's gain counts until "
                  "its function has another one.")
            .range(1, 1e6),
        parameter("early_stopping_rounds", &P::early_stopping_rounds,
                  "Rounds without a smaller held-out loss before a stage ends; 0 never ends early.")
            .range(0, 1e6),
        parameter("early_stopping_tolerance", &P::early_stopping_tolerance,
                  "Share of the loss by which it must fall to count as smaller.")
            .range(0, 1),
        parameter("cat_smooth", &P::cat_smooth, "Smoothing of categories before they are put in order.").range(0, 1e9),
        parameter("min_cat_samples", &P::min_cat_samples, "Categories of fewer rows are taken together.").range(1, 1e9),
        parameter(
            "monotone_constraints", &P::monotone_constraints,
            "1 (predictions may only rise with the column), -1 (only fall) or 0: a list with one for each column, "
            "or an object of column names. Not for three or more classes."),
        parameter("objective", &P::objective, "Loss; auto is log_loss for classes and squared_error for numbers.")
            .choices({"auto", "log_loss", "squared_error", "poisson"})};
  }
};

class AUTOMILL_EXPORT ExplainableBoosting final : public Learner<ExplainableBoosting, ExplainableBoostingParameters> {
 public:
  static constexpr const char* registered_name = "explainable_boosting";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
