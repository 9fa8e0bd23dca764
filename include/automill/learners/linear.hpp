#pragma once
// The linear family: the baseline, ridge regression, logistic regression, and their fitted halves.

#include <automill/learners/baseline.hpp>
#include <automill/learners/linear_model.hpp>
#include <automill/learners/logistic.hpp>
#include <automill/learners/ridge.hpp>
