#pragma once
// Why a model predicts what it predicts: what each column adds to the score of a row, Shapley values.
//
//   const ScoreContributions why = automill::predict_contributions(served, rows);
//   why.of(3)[served.schema().column("age")];                 // what the age adds to the score of row 3
//   why.of(3).back();                                         // the bias; all values of a row sum to its score
//   why.scale;                                                // of what they are: "log_odds"
//   why.standard_errors;                                      // empty: they are exact
//   automill::predict_contributions(served, rows, usual);     // against rows of what is usual
//   automill::sample_contributions(served, rows, {.pairs = 128});   // of what is predicted, of any model
//
// Exact are models whose score is a sum of trees or of columns: boosters, forests, linear models and constants,
// each also behind transformers and with a transformed target, and means of such models where the score is what is
// predicted: values, or probabilities of forests. All others (a mean of probabilities of models whose scores are
// log-odds, a temperature, networks, neighbours, learners of your own, topics of text) are sampled: contributions to
// the prediction itself, probability or value, with their standard errors. Other errors: explain.depth (a tree with a
// path of more than 2000 splits), explain.linear_leaves (imported linear leaves without a background), data.* (rows
// that do not fit).
//
// What a derived column adds goes back to the columns that it is made of: to the one, or to several (generated columns,
// statistics of a row, differences of datetimes) in equal parts. What is filled in for a missing value is its column's.
//
// Scales: "value" (what predict gives), "probability", "log_odds" (of the positive class of two, of each class of more,
// of a predicted share), "log_probability" (a class each; up to a number that is the same for all classes of a row),
// "log_rate" (the logarithm of what predict gives). Behind TransformedTarget "transformed_value",
// "transformed_log_rate" and so on: what its regressor learned. predict gives the way back from there, a mean over what
// is left of training rows, which is no sum of columns: such contributions have no unit of the target; the row of the
// larger score never has the smaller prediction.

#include <automill/predict/served_model.hpp>

namespace automill {

struct ScoreContributions {
  std::string scale{};
  std::vector<std::string> columns{};     ///< of the model's schema
  std::vector<std::string> outputs{};     ///< the target; two classes: the positive one; else a class each
  std::vector<double> values{};           ///< [row][output][column], and the bias after the columns
  std::vector<double> standard_errors{};  ///< of the values, where they are sampled; empty: they are exact
  std::size_t rows() const { return values.size() / (outputs.size() * (columns.size() + 1)); }
  std::span<const double> of(std::size_t row, std::size_t output = 0) const {
    const std::size_t width = columns.size() + 1;
    return std::span(values).subspan((row * outputs.size() + output) * width, width);
  }
};

/// Interaction values: symmetric in the two columns; a line sums to the column's contribution.
struct ScoreInteractions {
  std::string scale{};
  std::vector<std::string> columns{}, outputs{};
  std::vector<double> values{};  ///< [row][output][column][column]
  double of(std::size_t row, std::size_t output, std::size_t first, std::size_t second) const {
    return values[((row * outputs.size() + output) * columns.size() + first) * columns.size() + second];
  }
};

/// Path-dependent: a column that is left out of a tree goes both ways, in proportion to the training rows (TreeSHAP,
/// Lundberg et al. 2020); in a linear model it has its mean of training. The bias is the score of a row of which
/// nothing is known. Rows are a table with the columns of training, in any order. O(nodes * columns of a path) a row.
AUTOMILL_EXPORT ScoreContributions predict_contributions(const ServedModel& model, const Table& rows,
                                                         const RunContext& context = {});

/// Interventional: a column that is left out has the value of a background row, averaged over them; the bias is their
/// mean score. Error explain.background: no rows. See learners/tree/contributions.hpp for the cost.
AUTOMILL_EXPORT ScoreContributions predict_contributions(const ServedModel& model, const Table& rows,
                                                         const Table& background, const RunContext& context = {});

struct ContributionSamples {
  const Table* background = nullptr;  ///< rows of what is usual; null: drawn from the model's sketches of its columns
  std::size_t pairs = 32;             ///< of walks, 2 to 100,000: four times as many halve the errors
  std::uint64_t seed = 0;
};

/// Interventional Shapley values of what is predicted (the probability of the positive class, of each class, or the
/// value), of any model. A pair of walks goes from a row of the background to the row, taking over one column after the
/// other, in a random order and in the opposite one (Castro, Gomez & Tejada 2009; antithetic pairs: Mitchell et al.
/// 2022); values are the means over the pairs, and sum to the prediction but for rounding. All rows have the same
/// orders and background rows. Without a background columns are drawn independently, and text is missing there. A row
/// costs 2 * pairs * columns predictions, columns that are as in the background none. The same for any number of
/// threads. Errors: explain.samples, explain.background.
AUTOMILL_EXPORT ScoreContributions sample_contributions(const ServedModel& model, const Table& rows,
                                                        const ContributionSamples& samples = {},
                                                        const RunContext& context = {});

/// Path-dependent interaction values, exact. Errors: explain.not_additive (names a member that can be asked),
/// explain.model and explain.transformer (a component that is not known here).
/// columns * columns numbers a row and output.
AUTOMILL_EXPORT ScoreInteractions predict_interactions(const ServedModel& model, const Table& rows,
                                                       const RunContext& context = {});

}  // namespace automill
