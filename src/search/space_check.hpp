#pragma once
// The faults of a search space.

#include <automill/search/space.hpp>

namespace automill::search {

/// Notes everything that is wrong with the parameters and with their conditions, and writes out conditions and
/// forbidden combinations: a list of values becomes those values, each as its parameter declares it.
void check_parameters_of_space(std::vector<SearchSpace::Entry>& parameters, Faults& faults);
/// Positions of parameters, parents before children. Notes circles and conditions that can never hold together.
std::vector<std::size_t> order_by_conditions(const std::vector<SearchSpace::Entry>& parameters, Faults& faults);
void check_forbidden(const std::vector<SearchSpace::Entry>& parameters, std::vector<Object>& forbidden, Faults& faults);

/// Position of a name, or their number.
std::size_t find_parameter(const std::vector<SearchSpace::Entry>& parameters, std::string_view name);
std::vector<std::string> names_of(const std::vector<SearchSpace::Entry>& parameters);

}  // namespace automill::search
