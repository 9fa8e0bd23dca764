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

/// What goes into the file of a model beside what prediction needs.
struct SaveOptions {
  bool out_of_fold =
      false;  ///< the predictions of training rows, for out_of_fold() after load: 8 bytes a row and class
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

/// A training row whose label the model, which had not seen it, finds unlikely.
struct SuspiciousRow {
  std::uint32_t row = 0;         ///< of the caller's table, counted from 0
  std::size_t label = 0;         ///< classification: class of the row, in the order of classes()
  std::size_t predicted = 0;     ///< the likeliest class
  double probability = 0;        ///< of the predicted class
  double label_probability = 0;  ///< of the row's own class
  double value = 0;              ///< regression: the target of the row
  double prediction = 0;         ///< and what is predicted for it
  double loss = 0;  ///< -log of label_probability; regression: residual / spread of residuals near this prediction
};

class AUTOMILL_EXPORT AutoMLModel : public ServedModel {
 public:
  /// A loaded model: what is not in the file (training rows, out-of-fold predictions unless it was saved with them) is
  /// absent and said so when asked for.
  explicit AutoMLModel(ServedModel served);
  AutoMLModel(ServedModel served, std::shared_ptr<const OutOfFold> out_of_fold, std::shared_ptr<const Dataset> dataset)
      : ServedModel(std::move(served)), out_of_fold_(std::move(out_of_fold)), dataset_(std::move(dataset)) {}

  Score validation_score() const;
  std::vector<LeaderboardRow> leaderboard() const;
  /// With a test score for every member.
  std::vector<LeaderboardRow> leaderboard(const Table& data, const RunContext& context = {}) const;
  const OutOfFold& out_of_fold() const;  ///< Error model.no_out_of_fold after load, unless the file has them
  /// The `n` rows of the largest loss in their fold, the largest first: likely wrong labels. Classification: rows for
  /// which another class is predicted; regression: by the size of `loss`. Of two classes with 1 % of the labels
  /// flipped, most of the first rows are flipped ones where the model separates the classes. Errors:
  /// model.no_out_of_fold after load. O(rows log rows).
  std::vector<SuspiciousRow> suspicious_rows(std::size_t n = 20) const;
  const std::vector<std::uint32_t>& training_rows() const { return out_of_fold().used_rows; }
  const std::shared_ptr<const Dataset>& training_data() const { return dataset_; }             ///< null after load
  const std::shared_ptr<const OutOfFold>& shared_out_of_fold() const { return out_of_fold_; }  ///< null: it has none
  bool interrupted() const;
  std::vector<std::string> member_names() const;
  AutoMLModel member(std::string_view name) const;   ///< one by itself; "gbdt_1.fold_0": one of its fold models
  AutoMLModel without(std::string_view name) const;  ///< the others, weights scaled to sum to 1
  const Value& recipe() const;
  /// What print shows: target, why this ensemble, rows and columns, time and memory, next steps.
  std::string summary() const;
  AutoMLModel with_decision_threshold(double threshold) const;
  /// As ServedModel's. Error model.no_out_of_fold.
  void save(const std::string& path, const SaveOptions& options = {}) const;
  std::vector<std::byte> bytes(const SaveOptions& options = {}) const;

 private:
  ServedModel as_saved(const SaveOptions& options) const;

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

/// The same members, each as one model that is fitted on all rows of training in the place of its fold models: several
/// times smaller and faster, and mostly a little less accurate. Its score is the out-of-fold score, for that was made
/// by single models, too; intervals and sets stay. Deterministic. Errors: model.no_training_data after load. As one
/// fold of each member, with all rows.
AUTOMILL_EXPORT AutoMLModel collapse(const AutoMLModel& model, const RunContext& context = {});

/// One small booster that learned what the members predict together, for training rows and for rows that are made of
/// near ones (model compression: Bucila, Caruana & Niculescu-Mizil 2006): a file of less than 1 MB and microseconds a
/// row for most tables, and mostly a little less accurate. Its score is its own: a student of each fold learns from the
/// fold's own models and predicts the rows that these were not fitted on. These rows
/// ended their rounds and weighed members: by as much as the ensemble looks better with such predictions than by its
/// own score, the student's is put back. The model is the student of all of them. The leaderboard lists it beside the
/// candidates; intervals and sets are those of its own residuals; monotone columns stay so. `refit` fits the members
/// and distills again. Deterministic. Errors: model.no_training_data after load; model.not_distilled (members that were
/// fitted on all rows, glass_box, a student). O(folds rows trees).
AUTOMILL_EXPORT AutoMLModel distill(const AutoMLModel& model, const RunContext& context = {});

/// Does again what the recipe says on new data, without a search.
AUTOMILL_EXPORT AutoMLModel refit(const ServedModel& model, const Table& data, const TrainOptions& how = {});

}  // namespace automill
