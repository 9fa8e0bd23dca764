#pragma once
// Transformers that ask a learner which columns tell something of the target, and all preparation as one.

#include <automill/features/generate_features.hpp>
#include <automill/features/select_features.hpp>
#include <automill/features/table_preparer.hpp>
