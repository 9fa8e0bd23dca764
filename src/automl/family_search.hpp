#pragma once
// Proposals within one family of learners, from what the trials before have shown.

#include <automill/core/registry.hpp>
#include <automill/search/space.hpp>
#include <span>

namespace automill {

/// A trial as a later proposal sees it.
struct SeenTrial {
  std::string family;
  Object parameters{};           ///< of its learner
  std::optional<double> loss{};  ///< lower is better; none: it runs, failed or was skipped
  bool running = false;          ///< its end is not to be seen yet
};

/// The space of the plan with what a user gives in its place: named parameters are searched as the user says, the
/// others as before, and those go whose condition can no longer hold.
SearchSpace merged_space(const SearchSpace& space, const SearchSpace& given);

/// The configuration of the space that is nearest to these parameters: numbers are moved into their ranges, choices
/// that do not exist become the first one, and what is not named has the default of the learner.
Object nearest_configuration(const SearchSpace& space, const Object& parameters,
                             const std::vector<ParameterDeclaration>& declarations);

/// The next configuration: by turns one that a Gaussian process expects to improve on the trials of the family, and
/// one at random, since members of an ensemble gain from being different. The same trials, seed and number give the
/// same configuration. Null when a finite space has no other.
std::optional<Object> searched_configuration(const SearchSpace& space, std::span<const SeenTrial> trials,
                                             const std::string& family,
                                             const std::vector<ParameterDeclaration>& declarations, std::uint64_t seed,
                                             std::size_t number);

/// Faults for names that the learner does not declare, and for values that it does not take.
void check_search_space(const std::string& family, const SearchSpace& space, const Registry::EstimatorEntry& learner,
                        Faults& faults);

}  // namespace automill
