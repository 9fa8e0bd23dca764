#pragma once
// A training of the shell, from options that are known by now to a saved model: `train`, and `runs resume`.

#include "cli/arguments.hpp"
#include "cli/train_options.hpp"

namespace automill::cli {

/// Reads the rows, trains with progress, saves and shows. Returns the exit code.
int train_and_save(TrainRequest request, const TrainArguments& arguments, const CallStart& start);

}  // namespace automill::cli
