#pragma once
// A column of a view, which may be long: in blocks, between which the stop token is asked.

#include <automill/core/stop.hpp>
#include <automill/core/table.hpp>

namespace automill {

/// Cells of a column, one a row, missing as NaN. Stopped leaves it when there is a stop.
inline void read_column(const TableView& rows, std::size_t column, const StopToken& stop, double* out) {
  constexpr std::size_t block = 4096;
  for (std::size_t begin = 0; begin < rows.rows(); begin += block) {
    stop.throw_if_requested();
    rows.part(begin, std::min(block, rows.rows() - begin)).numbers(column, out + begin);
  }
}

}  // namespace automill
