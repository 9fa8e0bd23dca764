#pragma once
// Learners of raw columns: text becomes numbers, as the family likes them; everything else is taken as it is.

#include <automill/core/registry.hpp>

namespace automill {

struct RawColumns {
  std::string family = "trees";  ///< "trees" or "neural": what text is made into
  bool text = false;             ///< whether the table has any
  bool monotone = false;         ///< columns that are kept monotone stay as they are, and text is left out
};

/// The learner by itself where there is no text, else behind the preparation of text.
std::shared_ptr<const Estimator> learner_of_raw_columns(const RawColumns& columns, const std::string& learner,
                                                        const Object& parameters);

}  // namespace automill
