#pragma once
// The Yeo-Johnson power that a sample asks for.

#include "column_statistics.hpp"
#include "yeo_johnson_power.hpp"

namespace automill {

/// Center and spread of a sample whose values are powers.
struct PowerFit {
  double power = 1, center = 0, deviation = 0;
};

/// Most likely power of the sorted values of a column (ColumnValues::distinct), 1 where they are all the same, and mean
/// and standard deviation (0 within rounding, or where it is beyond the range of doubles) of what it makes of them.
/// Stopped leaves it between blocks.
PowerFit fit_power(const std::vector<CountedValue>& values, const StopToken& stop);

}  // namespace automill
