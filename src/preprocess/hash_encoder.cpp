#include <automill/preprocess/hash_encoder.hpp>

#include "hash_encoder_fitted.hpp"

namespace automill {

DataShape HashEncoder::output_shape(const DataShape& input) const {
  DataShape made = input;
  if (input.categories == 0) return made;
  made.columns += input.columns * ((std::size_t{1} << parameters_.bits) - 1);
  if (made.nonzeros > 0) made.nonzeros += made.columns - input.columns;
  made.categories = 0;
  return made;
}

std::unique_ptr<FittedTransformer> HashEncoder::fit(const DatasetView& train, const RunContext&) const {
  return std::make_unique<FittedHashEncoder>(*train.dataset().features.schema(), parameters_.bits,
                                             parameters_.missing_as_category);
}

}  // namespace automill
