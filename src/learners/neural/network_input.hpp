#pragma once
// How the cells of a row become the numbers and table rows that a network reads.
//
// A number is centred by its median, divided by the distance of its quartiles, and drawn in smoothly to (-3, 3). A
// category is a row of a table: columns of 0 and 1 brought to the scale of numbers where there are few categories, a
// vector that is learned where there are many. Row 0 is for missing, unseen and rare ones. Booleans, and whether a
// number is missing, are categories, too.

#include <automill/core/archive.hpp>
#include <automill/core/export.hpp>
#include <automill/core/table.hpp>

#include "network_kernels.hpp"

namespace automill::neural {

struct NumberInput {
  std::uint32_t column = 0;
  bool indicator = false;  ///< reads whether the cell is missing, as 0 or 1
  double half_center = 0;  ///< halves, so that differences of the largest numbers do not overflow
  double factor = 0;       ///< 0: constant
};

struct CategoryInput {
  std::uint32_t column = 0;
  bool boolean = false;                      ///< rows of the table: missing, false, true
  std::size_t width = 1;                     ///< columns of the network's input
  std::size_t rows = 1;                      ///< of its table
  std::vector<std::uint32_t> row_of_code{};  ///< of a category: by code of the schema's dictionary
  std::vector<float> table{};                ///< rows x width; empty: learned, each network has its own
  bool learned() const { return table.empty(); }
};

/// Drawn in to (-3, 3), which keeps the order of numbers.
float smooth_clip(double value);

/// A cell as the network reads it; missing is the median.
AUTOMILL_EXPORT float scaled_number(const NumberInput& input, double value);

/// Row of the table for a cell.
AUTOMILL_EXPORT std::uint32_t table_row(const CategoryInput& input, double value);

struct AUTOMILL_EXPORT NetworkInput {
  std::vector<NumberInput> numbers{};
  std::vector<CategoryInput> categories{};

  /// Columns that the first layer sees where a number takes `number_width` of them.
  std::size_t width(std::size_t number_width) const;

  void save(ArchiveWriter& out) const;
  static NetworkInput load(const ArchiveReader& in, const Schema& schema);
};

/// Encoded cells of some rows: numbers [number][stride], table rows [category][stride].
struct EncodedRows {
  std::size_t stride = 0, rows = 0;
  std::vector<float> numbers{};
  std::vector<std::uint32_t> table_rows{};

  EncodedRows(const NetworkInput& input, std::size_t most_rows);
  void encode(const NetworkInput& input, const TableView& view);  ///< at most `most_rows`
  void encode(const NetworkInput& input, const RowView& row);     ///< one row

 private:
  std::vector<double> cells_{};
};

}  // namespace automill::neural
