#pragma once
// The levels of quantiles that a learner gives side by side, as parameters hold them.

#include <automill/core/predictions.hpp>
#include <automill/core/value.hpp>

namespace automill {

/// A list of levels between 0 and 1, ascending; null gives none. Error with the place `owner`.quantiles for anything
/// else.
std::vector<double> quantile_levels(const Value& given, const std::string& owner);

/// What a row of predictions holds: a value a level, named by it.
OutputSpec output_of_levels(OutputSpec of_target, const std::vector<double>& levels);

}  // namespace automill
