#pragma once
// Options of train as data: what a journal keeps of them, compares when a run is resumed, and makes options of again.

#include <automill/automl/options.hpp>

namespace automill {

/// Those that change what is learned, under their names; unset ones are left out. Values that stand for each row
/// (weights, groups, folds as arrays) are hashes: the rows' fingerprint.
Object record_options(const TrainOptions& options);

/// The opposite. Errors: option.not_recorded where an array or an own metric was given, which a journal does not hold.
TrainOptions options_of_record(const Object& record);

/// A fault for each option that differs, with both values, under the code `code`.
void compare_records(const Object& recorded, const Object& now, const char* code, Faults& faults);

}  // namespace automill
