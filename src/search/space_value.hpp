#pragma once
// Parameters of a space from plain data, before they are checked together.

#include <automill/search/space.hpp>

namespace automill::search {

struct ReadSpace {
  std::vector<SearchSpace::Entry> parameters{};
  std::vector<Object> forbidden{};
};

/// The forms that SearchSpace::from_value takes. Error search.space for what is no parameter.
ReadSpace read_space(const Value& value);

}  // namespace automill::search
