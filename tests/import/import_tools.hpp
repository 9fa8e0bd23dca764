#pragma once
// What the tests of imported models share: the files of models/ with the rows and numbers that their library gave.

#include <automill/import/import_model.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "json.hpp"

namespace import_tools {

using namespace automill;

inline const std::string folder = AUTOMILL_TEST_DATA "/import/models/";
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

inline std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}

inline ServedModel import_text(std::string_view text, const ImportOptions& options = {}) {
  return import_model(bytes_of(text), options);
}

inline std::vector<double> numbers_of(const Value& matrix) {
  std::vector<double> all;
  for (const Value& row : matrix.array())
    for (const Value& value : row.array()) all.push_back(value.number());
  return all;
}

/// An entry of make_models.py.
struct Expected {
  std::string name, path;
  Table rows{};
  std::vector<double> raw{}, predictions{};
};

inline std::string text_of(const Value& cell) { return cell.is_text() ? cell.text() : std::to_string(cell.integer()); }

inline ColumnPtr column_of(const Value& document, std::size_t c) {
  const std::string& name = document.at("columns").array()[c].text();
  const Array& rows = document.at("rows").array();
  if (document.at("kinds").array()[c].text() == "number") {
    std::vector<double> values;
    for (const Value& row : rows) {
      const Value& cell = row.array()[c];
      values.push_back(cell.is_null() ? missing : cell.number());
    }
    return make_number_column({.name = name}, std::move(values));
  }
  std::vector<std::string> texts;
  for (const Value& row : rows) texts.push_back(row.array()[c].is_null() ? "" : text_of(row.array()[c]));
  std::vector<std::string_view> views;
  for (const std::string& text : texts) views.push_back(text.empty() ? std::string_view() : std::string_view(text));
  return make_category_column(name, views);
}

inline Expected read_expected(const std::string& name) {
  const Value document = from_json(contents(folder + name + ".expected.json"), name);
  Expected expected{.name = name, .path = folder + document.at("file").text()};
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < document.at("columns").array().size(); ++c) columns.push_back(column_of(document, c));
  expected.rows = Table(std::move(columns));
  expected.raw = numbers_of(document.at("raw"));
  expected.predictions = numbers_of(document.at("predictions"));
  return expected;
}

/// Names of all entries whose file begins so.
inline std::vector<std::string> entries(const std::string& begin = "") {
  const std::string ending = ".expected.json";
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename();
    if (name.starts_with(begin) && name.ends_with(ending)) names.push_back(name.substr(0, name.size() - ending.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline const TreeEnsemble& ensemble_of(const ServedModel& model) {
  return dynamic_cast<const TreeEnsemble&>(*model.parts().model);
}

/// Scores before the transform, rows x scores.
inline std::vector<double> raw_scores(const ServedModel& model, const Table& rows) {
  TreeArrays arrays = ensemble_of(model).arrays();
  arrays.transform = ScoreTransform::identity;
  const std::size_t width = arrays.width();
  TreeEnsemble raw(std::move(arrays));
  raw.set_context({model.parts().schema, {Task::regression, width, {}, 1}});
  return raw.predict(rows).values;
}

/// What the other library calls its predictions: probabilities of class 1, of all classes, or values.
inline std::vector<double> their_predictions(const ServedModel& model, const Table& rows) {
  const Predictions all = model.predict(rows).raw();
  if (model.task() != Task::binary) return all.values;
  std::vector<double> positive;
  for (std::size_t i = 0; i < all.rows(); ++i) positive.push_back(all.row(i)[1]);
  return positive;
}

/// |a - b| relative to the larger, or to 1.
inline double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = a.size() == b.size() ? 0 : std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(a[i] - b[i]) / std::max({1.0, std::abs(a[i]), std::abs(b[i])}));
  return largest;
}

template <class Call>
std::string code_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace import_tools
