#include "data/column_content.hpp"

#include <automill/core/random.hpp>

namespace automill {
namespace {

std::uint64_t cell_hash(std::size_t row, double value) {
  const bool missing = std::isnan(value);
  return mix64(row * 0x9e3779b97f4a7c15ULL ^ (missing ? 0x7ff8ULL : std::bit_cast<std::uint64_t>(value + 0.0)));
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

std::vector<double> numbers_of(const Column& column) {
  std::vector<double> values(column.size());
  column.numbers(0, column.size(), values.data());
  return values;
}

}  // namespace

ColumnContent ColumnContents::of(const Column& column) {
  if (column.sparse() && column.stored() < column.size()) return of_sparse(column);
  ColumnContent content;
  const std::vector<double> values = numbers_of(column);
  for (std::size_t i = 0; i < values.size(); ++i) {
    content.all_missing = content.all_missing && std::isnan(values[i]);
    content.constant = content.constant && same(values[i], values[0]);
    content.hash += cell_hash(i, values[i]);
  }
  return content;
}

/// Of a column with zeros that are not kept: as if all were zeros, then the others in their place.
ColumnContent ColumnContents::of_sparse(const Column& column) {
  if (zeros_ == 0)
    for (std::size_t i = 0; i < column.size(); ++i) zeros_ += cell_hash(i, 0);
  ColumnContent content{.hash = zeros_, .constant = true, .all_missing = false};
  column.for_each_stored([&](std::size_t row, double value) {
    content.constant = content.constant && value == 0;
    content.hash += cell_hash(row, value) - cell_hash(row, 0);
  });
  return content;
}

bool same_numbers(const Column& a, const Column& b) {
  const std::vector<double> ours = numbers_of(a), theirs = numbers_of(b);
  return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(), same);
}

}  // namespace automill
