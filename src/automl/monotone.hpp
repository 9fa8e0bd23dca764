#pragma once
// Columns along which predictions only rise or only fall: what the option names, checked against the table that is
// used. For two classes the prediction is the probability of the positive one.

#include "automl/prepare.hpp"

namespace automill {

/// Signs of the columns that are used. A column that was dropped keeps any promise.
std::map<std::string, int> monotone_columns(const std::map<std::string, int>& asked, const Table& features, Task task,
                                            Faults& faults);

/// The structure of a recorded learner without constraints on columns that are not used any more.
Value without_lost_constraints(const Value& structure, const Table& features);

/// What users should know; empty where nothing is monotone.
std::string monotone_note(const std::map<std::string, int>& monotone, const std::vector<std::string>& left_out);

}  // namespace automill
