#pragma once
// Weights of training rows, checked.

#include <automill/core/dataset.hpp>
#include <cmath>

namespace automill {

/// A weight of the view; an Error with its row where it is negative or not finite.
inline double checked_weight(const DatasetView& train, std::size_t i) {
  const double weight = train.weight(i);
  if (!(weight >= 0 && std::isfinite(weight)))
    throw Error("data.weight_invalid", "weights",
                "row " + std::to_string(train.row_numbers()[i]) + " has a weight that is not a number from 0 on");
  return weight;
}

/// What weights are multiplied by so that their sums stay finite: 1, but for the hugest.
inline double weight_unit(const DatasetView& train) {
  double largest = 0;
  for (std::size_t i = 0; i < train.rows(); ++i) largest = std::max(largest, checked_weight(train, i));
  return largest > 1e100 ? std::ldexp(1.0, -std::ilogb(largest)) : 1.0;
}

/// One a row of the view, in that unit; an Error where all are 0.
inline std::vector<double> row_weights(const DatasetView& train) {
  const double unit = weight_unit(train);
  std::vector<double> weights(train.rows());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = train.weight(i) * unit;
  if (std::none_of(weights.begin(), weights.end(), [](double w) { return w > 0; }))
    throw Error("data.weight_invalid", "weights", "all weights are 0");
  return weights;
}

}  // namespace automill
