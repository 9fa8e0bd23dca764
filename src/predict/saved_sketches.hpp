#pragma once
// Sketches of all columns in a model file: six arrays for any number of columns.

#include <automill/core/archive.hpp>
#include <automill/predict/sketch.hpp>

namespace automill {

void save_sketches(const std::vector<ColumnSketch>& sketches, ArchiveWriter& out);
/// One a column of the schema, or none; every invariant that `check` needs is checked here.
std::vector<ColumnSketch> load_sketches(const ArchiveReader& in, const Schema& schema);

}  // namespace automill
