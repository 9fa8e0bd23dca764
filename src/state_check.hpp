#pragma once
// Checks that the loaders of fitted components share.

#include <automill/core/archive.hpp>
#include <cmath>

namespace automill {

/// State versions above `newest` come from a later AutoMill.
inline void check_state_version(const ArchiveReader& in, int version, int newest) {
  if (version > newest)
    in.fail("state version " + std::to_string(version) + " of '" + in.text("type") + "' is newer than this AutoMill");
}

inline void check_finite(const ArchiveReader& in, const char* key, const std::vector<double>& values) {
  for (double value : values)
    if (!std::isfinite(value)) in.fail(std::string("'") + key + "' holds a number that is not finite");
}

}  // namespace automill
