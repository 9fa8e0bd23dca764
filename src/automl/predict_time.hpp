#pragma once
// What a prediction costs on this machine.

#include <automill/core/model.hpp>

namespace automill {

/// In one thread, from a few rows, or a few hundred where those take no time.
double microseconds_per_row(const Model& model, const TableView& rows);

}  // namespace automill
