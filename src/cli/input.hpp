#pragma once
// Models and tables from paths; "-" is the standard input.

#include <automill/automl/automl_model.hpp>
#include <automill/data/csv.hpp>

namespace automill::cli {

AutoMLModel load_model(const std::string& path);

/// A table as training reads it. All rows are in memory.
Table read_rows(const std::string& path, const CsvOptions& options);

/// Rows with the target for a trained model: kinds and categories of training; `extra` columns as well, as text.
Table read_labelled_rows(const std::string& path, const ServedModel& model, const std::vector<std::string>& extra = {});

/// Rows for another training: kinds of the model's columns and of its target, but their categories may be new ones;
/// other columns as found.
Table read_rows_like(const std::string& path, const ServedModel& model);

}  // namespace automill::cli
