#pragma once
// --log FILE: the events of a run in a file.

#include <automill/core/events.hpp>
#include <functional>
#include <string>

namespace automill::cli {

/// Appends to the file `path`; one line an event, on the disk at once. Error file.unwritable.
std::function<void(const Event&)> log_to_file(const std::string& path);

}  // namespace automill::cli
