#pragma once
// What strings are: numbers or points in time in one spelling (data/cell_format.hpp), booleans, identifiers, lists,
// JSON. Decided over the whole column, from its distinct cells; the order of rows does not matter.

#include <automill/core/schema.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace automill {

/// A distinct cell of a column and how many rows hold it.
struct DistinctCell {
  std::string_view text{};
  std::size_t rows = 0;
};

/// A format that reads a column.
struct FoundFormat {
  ColumnKind kind = ColumnKind::number;
  std::string format{};
  bool integer = false;                      ///< number: every value is whole
  std::size_t unread = 0, unread_cells = 0;  ///< rows, and different cells, that spell none and are missing then
  std::string example{};                     ///< a cell that is read
  std::string unread_cell{};                 ///< the most frequent cell that is none
  std::string ambiguity{};                   ///< what else the cells could mean; empty: nothing
};

/// How the cells are read; null: they are categories or text. Both spellings of a boolean and nothing else, or what
/// infer_values finds in 90 % of the rows that hold a value. O(cells).
std::optional<FoundFormat> infer_format(std::span<const DistinctCell> cells);
/// Numbers or times, of which at least `least_share` of the rows that hold a value must spell one. Plain whole numbers
/// of at most 20 different values, codes with leading zeros, and numbers beside numbers that are spelled otherwise or
/// beside more than three words, are none.
std::optional<FoundFormat> infer_values(std::span<const DistinctCell> cells, double least_share);
/// The format of a kind that is asked for: every cell must spell one.
std::optional<FoundFormat> infer_format(std::span<const DistinctCell> cells, ColumnKind kind);

/// "lists" or "JSON objects" where 90 % of the rows hold such cells; empty otherwise.
std::string nested_cells(std::span<const DistinctCell> cells);

}  // namespace automill
