#pragma once
// The linear family: the baseline, ridge regression, logistic regression, the elastic net, robust and
// generalised linear regression, linear support vector machines, linear quantiles, and their fitted halves.

#include <automill/learners/baseline.hpp>
#include <automill/learners/elastic_net.hpp>
#include <automill/learners/generalized_linear.hpp>
#include <automill/learners/linear_model.hpp>
#include <automill/learners/linear_svm.hpp>
#include <automill/learners/logistic.hpp>
#include <automill/learners/quantile_regression.hpp>
#include <automill/learners/ridge.hpp>
