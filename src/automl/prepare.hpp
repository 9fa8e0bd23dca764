#pragma once
// From a raw table and options to a learning problem: task, classes, positive class, rows and columns that are used,
// and a reason for each that is not.

#include <automill/automl/options.hpp>
#include <automill/predict/prediction_result.hpp>

namespace automill {

struct Prepared {
  std::shared_ptr<const Dataset> dataset{};
  TargetInfo target{};
  std::vector<double> metric_weights{};           ///< sample weights alone (class weights are for fitting)
  std::vector<std::uint32_t> input_row{};         ///< row of the caller's table for each row of the dataset
  std::size_t input_rows = 0, input_columns = 0;  ///< columns without the target
  std::vector<std::pair<std::string, std::size_t>> dropped_rows{};     ///< reason, count
  std::vector<std::pair<std::string, std::string>> dropped_columns{};  ///< name, reason
  std::size_t sampled_rows = 0;  ///< asked of a sample where memory is short (row_sample.hpp); 0: none was drawn
  std::vector<ColumnPtr> identifiers{};  ///< numbers of rows that were dropped, for a look whether they tell the target
  std::vector<std::string> notes{};      ///< decisions that users should see
  std::string positive_reason{};
  std::map<std::string, int> monotone{};  ///< used columns alone, along which predictions only rise (1) or fall (-1)
  std::optional<std::vector<std::int32_t>> fold_of{};  ///< predefined folds of the used rows
};

/// All faults of data and options come in one Error.
Prepared prepare(const Table& data, const TrainOptions& options);

/// How many came in and are used, and what was dropped for which reason.
Object book_of_rows(const Prepared& prepared);
Object book_of_columns(const Prepared& prepared);

/// The target of a dataset before its rows are added.
Target empty_target(const TargetInfo& target);

/// The target of labelled rows in the terms of a trained model; rows without one get label -1 or NaN.
struct LabelledRows {
  std::vector<std::int32_t> labels{};
  std::vector<double> values{};
};
LabelledRows read_target(const Column& column, const TargetInfo& target);
/// Error: metrics judge one value a row, and the model gives several.
void require_one_output(const TargetInfo& target);

/// A number as a class is named: shortest text that reads back the same.
std::string number_name(double value);

}  // namespace automill
