#pragma once
// Options of train that can be checked without the data; every fault in one Error.

#include <automill/automl/options.hpp>

namespace automill {

AUTOMILL_EXPORT void check_options(const TrainOptions& options);

/// Seconds that a run may take: the limit, else the preset's cap; none when trials are counted.
AUTOMILL_EXPORT std::optional<double> seconds_allowed(const TrainOptions& options);

}  // namespace automill
