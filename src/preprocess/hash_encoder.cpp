#include <automill/preprocess/hash_encoder.hpp>

#include "hash_encoder_fitted.hpp"

namespace automill {

std::unique_ptr<FittedTransformer> HashEncoder::fit(const DatasetView& train, const RunContext&) const {
  return std::make_unique<FittedHashEncoder>(*train.dataset().features.schema(), parameters_.bits,
                                             parameters_.missing_as_category);
}

}  // namespace automill
