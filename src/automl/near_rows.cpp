#include "automl/near_rows.hpp"

#include <cmath>

namespace automill {
namespace {

constexpr std::uint64_t drawn_rows = 64;
constexpr double taken_share = 0.5;  // of the cells

/// Cells as coordinates, row by row: numbers in standard deviations, categories as codes.
class Coordinates {
 public:
  Coordinates(const Table& table, const std::vector<std::uint32_t>& rows) : rows_(rows.size()) {
    for (std::size_t c = 0; c < table.size(); ++c) {
      if (table[c].kind() == ColumnKind::text) continue;
      category_.push_back(table[c].kind() == ColumnKind::category ? 1 : 0);
    }
    values_.resize(rows.size() * width());
    std::vector<double> column(rows.size());
    std::size_t at = 0;
    for (std::size_t c = 0; c < table.size(); ++c) {
      if (table[c].kind() == ColumnKind::text) continue;
      table[c].gather(rows, column.data());
      if (category_[at] == 0) standardise(column);
      for (std::size_t i = 0; i < rows.size(); ++i) values_[i * width() + at] = static_cast<float>(column[i]);
      ++at;
    }
  }

  double distance(std::size_t a, std::size_t b) const {
    const float *first = values_.data() + a * width(), *second = values_.data() + b * width();
    double sum = 0;
    for (std::size_t c = 0; c < width(); ++c) {
      const bool missing = std::isnan(first[c]) || std::isnan(second[c]);
      if (missing) sum += std::isnan(first[c]) == std::isnan(second[c]) ? 0 : 1;
      else if (category_[c] != 0) sum += first[c] == second[c] ? 0 : 1;
      else
        sum += std::min(1.0, static_cast<double>(std::abs(first[c] - second[c])));  // outliers are no matter of degree
    }
    return sum;
  }

 private:
  std::size_t width() const { return category_.size(); }

  static void standardise(std::vector<double>& column) {
    double sum = 0, squares = 0, count = 0, largest = 0;
    for (double value : column)
      if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    if (!(largest > 0)) return;
    for (double& value : column) {
      value = std::isinf(value) ? std::copysign(1.0, value) : value / largest;
      if (std::isnan(value)) continue;
      sum += value;
      squares += value * value;
      count += 1;
    }
    const double mean = sum / count, deviation = std::sqrt(std::max(0.0, squares / count - mean * mean));
    for (double& value : column) value = deviation > 0 ? (value - mean) / deviation : value - mean;
  }

  std::size_t rows_;
  std::vector<std::uint8_t> category_;
  std::vector<float> values_;
};

}  // namespace

Table near_rows(const Table& table, std::vector<std::uint32_t> rows, std::span<const std::uint64_t> keys,
                std::size_t count, std::uint64_t seed) {
  std::sort(rows.begin(), rows.end(), [&](auto a, auto b) { return keys[a] != keys[b] ? keys[a] < keys[b] : a < b; });
  const Coordinates coordinates(table, rows);
  std::vector<std::vector<std::uint32_t>> sources(table.size(), std::vector<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    RandomStream random(seed, purpose("near rows"), i);
    const std::size_t own = i % rows.size();
    std::size_t near = own;
    double least = std::numeric_limits<double>::infinity();
    for (std::uint64_t k = 0; k < drawn_rows; ++k) {
      const auto other = static_cast<std::size_t>(random.below(rows.size()));
      const double apart = other == own ? std::numeric_limits<double>::infinity() : coordinates.distance(own, other);
      if (!(apart < least)) continue;
      least = apart;
      near = other;
    }
    for (auto& column : sources) column[i] = rows[random.uniform() < taken_share ? near : own];
  }
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < table.size(); ++c) columns.push_back(copy_column(TableView(table, sources[c]), c));
  return Table::with_rows(std::move(columns), count);
}

}  // namespace automill
