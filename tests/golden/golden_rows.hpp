#pragma once
// Rows and predictions that go with the model files of this folder. Standard library and automill::predict alone, so
// that consumers and other processors use it too. A line of predictions.txt, tabs between its parts:
//
//   binary_0.1.0.automill  age=39  job=clerk  joined=  =>  0x1.8p-1  0x1p-2
//
// Cells are as NamedRowPredictor::set takes them ("" and text columns: text, others: hexadecimal numbers); a cell that
// is not given is missing. Predictions are hexadecimal: every bit counts.

#include <automill/predict/served_model.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace golden {

struct Row {
  std::string file;
  std::vector<std::pair<std::string, std::string>> cells;
  std::vector<double> prediction;
};

inline std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t', begin)) {
    parts.push_back(line.substr(begin, tab - begin));
    begin = tab + 1;
  }
  parts.push_back(line.substr(begin));
  return parts;
}

inline std::vector<Row> read_rows(const std::string& folder) {
  std::vector<Row> rows;
  std::ifstream file(folder + "/predictions.txt");
  for (std::string line; std::getline(file, line);) {
    Row row;
    bool after = false;
    for (const std::string& part : split(line)) {
      if (row.file.empty()) row.file = part;
      else if (part == "=>") after = true;
      else if (after) row.prediction.push_back(std::strtod(part.c_str(), nullptr));
      else row.cells.emplace_back(part.substr(0, part.find('=')), part.substr(part.find('=') + 1));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Predicts all rows with the files of `folder`. The number of predictions that are not equal bit for bit, each shown;
/// -1 when there are no rows.
inline int count_differences(const std::string& folder, std::FILE* show) {
  const std::vector<Row> rows = read_rows(folder);
  if (rows.empty()) return -1;
  int differences = 0;
  std::string loaded;
  automill::ServedModel model(nullptr);
  for (const Row& row : rows) {
    if (row.file != loaded) model = automill::load(folder + "/" + (loaded = row.file));
    automill::NamedRowPredictor one = model.row_predictor();
    for (const auto& [name, cell] : row.cells) {
      const automill::RowColumn column = one.column(name);
      const automill::ColumnKind kind = model.schema()[column.index].kind;
      const bool text = kind == automill::ColumnKind::category || kind == automill::ColumnKind::text;
      if (text) one.set(column, std::string_view(cell));
      else one.set(column, std::strtod(cell.c_str(), nullptr));
    }
    const auto prediction = one.predict();
    for (std::size_t k = 0; k < row.prediction.size() || k < prediction.size(); ++k) {
      if (k < row.prediction.size() && k < prediction.size() && prediction[k] == row.prediction[k]) continue;
      ++differences;
      std::fprintf(show, "%s: output %zu differs\n", row.file.c_str(), k);
    }
  }
  return differences;
}

}  // namespace golden
