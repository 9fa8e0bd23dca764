#pragma once
// What train gives: a served model with its leaderboard, out-of-fold predictions and recipe.

#include <automill/automl/leaderboard.hpp>
#include <automill/automl/options.hpp>
#include <automill/predict/served_model.hpp>
#include <iosfwd>

namespace automill {

/// A score with a 90 % interval and how it was found.
struct Score {
  double value = std::numeric_limits<double>::quiet_NaN(), low = value, high = value;
  std::string metric{}, protocol{};
};

/// Out-of-fold predictions in the caller's row order. Rows that no fold held out (or that were dropped) have fold -1
/// and NaN.
struct OutOfFold {
  Predictions predictions{};
  std::vector<std::int32_t> fold{};
  std::vector<std::uint32_t> used_rows{};  ///< rows of the caller's table that were trained on, ascending
};

/// One metric on one slice of rows.
struct EvaluationRow {
  std::string slice;  ///< value of the `by` column; empty: all rows
  std::string metric;
  double value = 0, low = 0, high = 0;
  std::size_t rows = 0;
  bool higher_is_better = true;
};
struct Evaluation {
  std::vector<EvaluationRow> rows{};
  std::vector<std::string> warnings{};  ///< rows that were in training, dropped rows with a missing target
  double value(std::string_view metric) const;
};

struct ImportanceRow {
  std::string column;
  double importance = 0, low = 0, high = 0;  ///< loss of score when the column is permuted
};

class AUTOMILL_EXPORT AutoMLModel : public ServedModel {
 public:
  /// A loaded model: what is not in the file (out-of-fold predictions) is absent and said so when asked for.
  explicit AutoMLModel(ServedModel served) : ServedModel(std::move(served)) {}
  AutoMLModel(ServedModel served, std::shared_ptr<const OutOfFold> out_of_fold, std::shared_ptr<const Dataset> dataset)
      : ServedModel(std::move(served)), out_of_fold_(std::move(out_of_fold)), dataset_(std::move(dataset)) {}

  Score validation_score() const;
  std::vector<LeaderboardRow> leaderboard() const;
  /// With a test score for every member.
  std::vector<LeaderboardRow> leaderboard(const Table& data, const RunContext& context = {}) const;
  const OutOfFold& out_of_fold() const;  ///< Error model.no_out_of_fold after load
  const std::vector<std::uint32_t>& training_rows() const { return out_of_fold().used_rows; }
  const std::shared_ptr<const Dataset>& training_data() const { return dataset_; }             ///< null after load
  const std::shared_ptr<const OutOfFold>& shared_out_of_fold() const { return out_of_fold_; }  ///< null after load
  bool interrupted() const;
  std::vector<std::string> member_names() const;
  AutoMLModel member(std::string_view name) const;   ///< one by itself; "gbdt_1.fold_0": one of its fold models
  AutoMLModel without(std::string_view name) const;  ///< the others, weights scaled to sum to 1
  const Value& recipe() const;
  /// What print shows: target, why this ensemble, rows and columns, time and memory, next steps.
  std::string summary() const;
  AutoMLModel with_decision_threshold(double threshold) const;

 private:
  std::shared_ptr<const OutOfFold> out_of_fold_;
  std::shared_ptr<const Dataset> dataset_;
};

AUTOMILL_EXPORT std::ostream& operator<<(std::ostream& out, const AutoMLModel& model);

/// Every metric of the task (or those named) on labelled rows, with 90 % bootstrap intervals; `by`: also one a slice.
AUTOMILL_EXPORT Evaluation evaluate(const ServedModel& model, const Table& data,
                                    const std::vector<std::string>& metrics = {}, const std::string& by = {},
                                    const RunContext& context = {});

/// The same, with a warning when rows of `data` were in training (known as long as the model holds its training rows).
AUTOMILL_EXPORT Evaluation evaluate(const AutoMLModel& model, const Table& data,
                                    const std::vector<std::string>& metrics = {}, const std::string& by = {},
                                    const RunContext& context = {});

/// Permutation importance of the original columns, on `data` (with the target column).
AUTOMILL_EXPORT std::vector<ImportanceRow> feature_importance(const ServedModel& model, const Table& data,
                                                              int repeats = 5, const RunContext& context = {});
/// The same on out-of-fold rows: fold models predict the rows that they did not see. Needs fold models in the model and
/// the training data.
AUTOMILL_EXPORT std::vector<ImportanceRow> feature_importance(const AutoMLModel& model, int repeats = 5,
                                                              const RunContext& context = {});

/// Does again what the recipe says on new data, without a search.
AUTOMILL_EXPORT AutoMLModel refit(const ServedModel& model, const Table& data, const TrainOptions& how = {});

}  // namespace automill
