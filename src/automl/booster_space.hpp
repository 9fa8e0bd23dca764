#pragma once
// Which boosters the plan begins with, and among which it searches after them.

#include <automill/search/space.hpp>

#include "automl/portfolio.hpp"

namespace automill {

/// Known-good and different ones, in the order of trial: parameters of gradient_boosting.
std::vector<Object> first_boosters(const PortfolioInput& input);

/// What is searched after them, by the learner's own names. `learning_rate` lies around the one for the time there is.
SearchSpace booster_space(const PortfolioInput& input);

/// Not so symmetric trees and linear leaves.
bool goes_with_monotone(const std::string& name);

/// A configuration of the space with what goes with it and is not searched.
Object completed_booster(const PortfolioInput& input, const Object& configuration);

}  // namespace automill
