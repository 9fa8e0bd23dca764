#include "automl/model_checks.hpp"

#include <automill/predict/self_test.hpp>

#include "data/bottom_sample.hpp"

namespace automill {

void add_checks(const Dataset& dataset, ModelParts& parts) {
  constexpr std::size_t sketch_rows = 50000;
  const auto sketched = bottom_sample(dataset.keys, sketch_rows, purpose("column sketches"));
  for (const auto& column : dataset.features.columns()) parts.sketches.push_back(make_sketch(*column, sketched));
  std::tie(parts.self_test_cells, parts.self_test_outputs) = make_self_test(parts);
}

}  // namespace automill
