#pragma once
// What a model holds to check new data and itself.

#include <automill/core/dataset.hpp>
#include <automill/predict/served_model.hpp>

namespace automill {

/// Sketches of the dataset's columns, and self-test rows drawn from them. The parts have their schema and model.
void add_checks(const Dataset& dataset, ModelParts& parts);

}  // namespace automill
