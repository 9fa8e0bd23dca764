#pragma once
// Multinomial and complement naive Bayes: scores are sums of counts times weights, so the fitted half is a linear
// model.

#include <automill/learners/linear_model.hpp>

#include "naive_bayes_rows.hpp"

namespace automill {

/// `parameters.kind` is "multinomial" or "complement". Faults: numbers below 0, categories.
std::unique_ptr<LinearModel> fit_counts(const NaiveBayesData& data, const NaiveBayesParameters& parameters,
                                        const RunContext& context);

}  // namespace automill
