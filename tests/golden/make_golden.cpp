// Makes the golden files of this version: model files and the predictions that every later version must give.
//
//   make_golden tests/golden >> tests/golden/predictions.txt
//
// A file that is there is never made again: it is what an older AutoMill wrote, also within a version that is not
// released yet. See run_make_golden.sh.

#include <cstdio>
#include <filesystem>

#include "predict/sample_models.hpp"

namespace {

using namespace automill;

void print_row(const std::string& file, const ServedModel& model, const Table& rows, std::size_t i) {
  std::printf("%s", file.c_str());
  for (const ColumnSchema& column : model.schema().columns()) {
    const Column& cells = rows.column(column.name);
    if (cells.missing(i)) continue;
    if (column.kind == ColumnKind::category || column.kind == ColumnKind::text)
      std::printf("\t%s=%s", column.name.c_str(), std::string(cells.text(i)).c_str());
    else std::printf("\t%s=%a", column.name.c_str(), cells.number(i));
  }
  std::printf("\t=>");
  const PredictionResult prediction = model.predict(rows);
  for (const double value : prediction.raw().row(i)) std::printf("\t%a", value);
  std::printf("\n");
}

void make(const std::string& folder, const std::string& name, const ServedModel& model) {
  const std::string file = name + "_" AUTOMILL_VERSION ".automill";
  if (std::filesystem::exists(folder + "/" + file)) return;
  model.save(folder + "/" + file);
  const Table rows = samples::people(12, 99);
  for (std::size_t i = 0; i < rows.rows(); ++i) print_row(file, model, rows, i);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  make(argv[1], "binary", samples::binary());
  make(argv[1], "judged", samples::judged());
  make(argv[1], "multiclass", samples::multiclass());
  make(argv[1], "regression", samples::regression());
  make(argv[1], "constant", samples::constant());
  make(argv[1], "votes", samples::votes());
  make(argv[1], "crossed", samples::crossed());
  make(argv[1], "quantiles", samples::quantiles());
  make(argv[1], "linear_leaves", samples::linear_leaves());
  make(argv[1], "transformed", samples::transformed());
  make(argv[1], "network", samples::network());
  make(argv[1], "network_of_numbers", samples::network_of_numbers());
  make(argv[1], "additive", samples::additive());
  make(argv[1], "naive_bayes", samples::naive_bayes());
  make(argv[1], "neighbors", samples::neighbors());
  make(argv[1], "quadratic", samples::quadratic());
  make(argv[1], "kernel", samples::kernel());
  make(argv[1], "gaussian", samples::gaussian());
  make(argv[1], "log_line", samples::log_line());
  make(argv[1], "quantile_lines", samples::quantile_lines());
  make(argv[1], "stacked", samples::stacked());
  make(argv[1], "intervals", samples::intervals());
  make(argv[1], "sets", samples::sets());
  return 0;
}
