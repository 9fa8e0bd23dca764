#include <automill/automl/leaderboard.hpp>
#include <cmath>
#include <cstdio>

namespace automill {
namespace {

std::string number_text(double value, const char* format) {
  if (std::isnan(value)) return "";
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

double number_of(const Object& object, std::string_view key) {
  const Value* value = object.find(key);
  return value != nullptr && value->is_number() ? value->number() : LeaderboardRow::none;  // NaN is stored as text
}

}  // namespace

const std::vector<std::string>& LeaderboardRow::column_names() {
  static const std::vector<std::string> names{
      "rank",  "name",       "family",      "validation_score", "low",
      "high",  "test_score", "fit_seconds", "cpu_seconds",      "predict_us_per_row",
      "bytes", "peak_bytes", "folds_done",  "weight",           "status",
      "reason"};
  return names;
}

Object LeaderboardRow::to_object() const {
  return Object{{"rank", rank},
                {"name", name},
                {"family", family},
                {"validation_score", validation_score},
                {"low", low},
                {"high", high},
                {"test_score", test_score},
                {"fit_seconds", fit_seconds},
                {"cpu_seconds", cpu_seconds},
                {"predict_us_per_row", predict_us_per_row},
                {"bytes", bytes},
                {"peak_bytes", peak_bytes},
                {"folds_done", folds_done},
                {"weight", weight},
                {"status", status},
                {"reason", reason},
                {"parameters", parameters}};
}

LeaderboardRow LeaderboardRow::from_object(const Object& object) {
  LeaderboardRow row;
  const auto text = [&](std::string_view key) {
    const Value* value = object.find(key);
    return value != nullptr && value->is_text() ? value->text() : std::string();
  };
  const auto integer = [&](std::string_view key) {
    const double number = number_of(object, key);
    return std::isnan(number) ? std::int64_t{0} : static_cast<std::int64_t>(number);
  };
  row.rank = integer("rank");
  row.name = text("name");
  row.family = text("family");
  row.validation_score = number_of(object, "validation_score");
  row.low = number_of(object, "low");
  row.high = number_of(object, "high");
  row.test_score = number_of(object, "test_score");
  row.fit_seconds = number_of(object, "fit_seconds");
  row.cpu_seconds = number_of(object, "cpu_seconds");
  row.predict_us_per_row = number_of(object, "predict_us_per_row");
  row.bytes = static_cast<std::uint64_t>(integer("bytes"));
  row.peak_bytes = static_cast<std::uint64_t>(integer("peak_bytes"));
  row.folds_done = integer("folds_done");
  row.weight = number_of(object, "weight");
  row.status = text("status");
  row.reason = text("reason");
  if (const Value* value = object.find("parameters"); value != nullptr && value->is_object())
    row.parameters = value->object();
  return row;
}

std::string leaderboard_text(const std::vector<LeaderboardRow>& rows, bool with_test_score) {
  std::vector<std::vector<std::string>> cells{
      {"rank", "name", "validation_score", "low", "high", "fit_seconds", "us/row", "weight", "status", "reason"}};
  if (with_test_score) cells[0].insert(cells[0].begin() + 3, "test_score");
  for (const auto& row : rows) {
    cells.push_back({row.rank > 0 ? std::to_string(row.rank) : "", row.name, number_text(row.validation_score, "%.6g"),
                     number_text(row.low, "%.6g"), number_text(row.high, "%.6g"), number_text(row.fit_seconds, "%.2f"),
                     number_text(row.predict_us_per_row, "%.2f"), row.weight > 0 ? number_text(row.weight, "%.2f") : "",
                     row.status, row.reason});
    if (with_test_score) cells.back().insert(cells.back().begin() + 3, number_text(row.test_score, "%.6g"));
  }
  std::vector<std::size_t> widths(cells[0].size(), 0);
  for (const auto& line : cells)
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], line[c].size());
  std::string text;
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < line.size(); ++c)
      text += line[c] + (c + 1 < line.size() ? std::string(widths[c] - line[c].size() + 2, ' ') : "");
    while (!text.empty() && text.back() == ' ') text.pop_back();
    text += "\n";
  }
  return text;
}

}  // namespace automill
