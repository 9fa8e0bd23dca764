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

ColumnContent ColumnContents::of(const Column& column, std::span<const double> counts) {
  if (counts.empty() && column.sparse() && column.stored() < column.size()) return of_sparse(column);
  ColumnContent content;
  const std::vector<double> values = numbers_of(column);
  const double* first = nullptr;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!counts.empty() && counts[i] == 0) continue;
    if (first == nullptr) first = &values[i];
    content.all_missing = content.all_missing && std::isnan(values[i]);
    content.constant = content.constant && same(values[i], *first);
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

bool same_numbers(const Column& a, const Column& b, std::span<const double> counts) {
  const std::vector<double> ours = numbers_of(a), theirs = numbers_of(b);
  if (ours.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < ours.size(); ++i)
    if ((counts.empty() || counts[i] != 0) && !same(ours[i], theirs[i])) return false;
  return true;
}

bool same_content(const Column& a, const Column& b, std::span<const double> counts) {
  if (a.kind() != b.kind()) return false;
  const auto &ours = a.schema().dictionary, &theirs = b.schema().dictionary;
  if (ours != theirs && (ours == nullptr || theirs == nullptr || ours->names() != theirs->names())) return false;
  return same_numbers(a, b, counts);
}

}  // namespace automill
