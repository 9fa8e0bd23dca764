#include "learners/quantile_levels.hpp"

#include <automill/core/param.hpp>

namespace automill {

using param_detail::number_text;
using param_detail::value_text;

std::vector<double> quantile_levels(const Value& given, const std::string& owner) {
  const std::string place = owner + ".quantiles";
  std::vector<double> levels;
  Faults faults;
  if (given.is_null()) return levels;
  if (!given.is_array() || given.array().empty())
    throw Error("parameter.wrong_type", place, value_text(given) + " is not allowed: a list of levels is needed",
                "for example [0.1, 0.5, 0.9]");
  for (std::size_t k = 0; k < given.array().size(); ++k) {
    const Value& value = given.array()[k];
    const std::string here = place + "[" + std::to_string(k) + "]";
    const double level = value.is_number() ? value.number() : 0;
    if (!(level > 0 && level < 1))
      faults.add("parameter.out_of_range", here, value_text(value) + " is not allowed: a level lies between 0 and 1");
    else if (!levels.empty() && level <= levels.back())
      faults.add("parameter.out_of_range", here,
                 number_text(level) + " does not come after " + number_text(levels.back()) + ": levels ascend");
    levels.push_back(level);
  }
  faults.throw_if_any();
  return levels;
}

OutputSpec output_of_levels(OutputSpec of_target, const std::vector<double>& levels) {
  of_target.width = levels.size();
  for (double level : levels)
    if (levels.size() > 1) of_target.outputs.push_back(number_text(level));
  return of_target;
}

}  // namespace automill
