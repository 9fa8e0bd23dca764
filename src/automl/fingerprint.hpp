#pragma once
// What a run learns from, in a few figures: two runs with the same ones fit the same rows, in the same order, in the
// same folds.

#include "automl/prepare.hpp"

namespace automill {

/// Rows, target, classes, kinds of columns, and hashes of cells (with the target, in the order of rows), weights and
/// folds. O(rows).
Object fingerprint_of(const Prepared& prepared, const SplitPlan& plan);

/// How a difference is told.
struct FingerprintWords {
  const char* code;
  const char* then;  ///< "when the journal was begun"
  const char* hint;
};
/// A fault for each thing that differs (ten at most).
void compare_fingerprints(const Object& recorded, const Object& now, const FingerprintWords& words, Faults& faults);

}  // namespace automill
