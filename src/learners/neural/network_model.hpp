#pragma once
// What a NeuralModel holds, and how it turns outputs of networks into predictions.

#include <automill/core/export.hpp>
#include <automill/core/task.hpp>

#include "network.hpp"

namespace automill::neural {

/// Regression: what an output of a network is in the target's unit.
struct OutputScale {
  double center = 0, scale = 1;
  double lowest = 0, highest = 0;  ///< of the training targets: predictions stay within
};

struct FittedNetworks {
  NetworkInput input{};
  std::vector<Network> members{};     ///< of one shape; their predictions are averaged
  std::vector<OutputScale> scales{};  ///< one an output; of classes empty

  std::size_t outputs() const { return members.front().outputs(); }
};

/// Predicts blocks of encoded rows; own scratch, no allocation per call.
class AUTOMILL_EXPORT Predictor {
 public:
  Predictor(const FittedNetworks& networks, std::size_t most_rows);
  EncodedRows& rows() { return rows_; }  ///< to be encoded before each call
  void predict(double* out);             ///< rows x outputs: probabilities, or values

 private:
  const FittedNetworks* networks_;
  EncodedRows rows_;
  NetworkPass pass_;
  std::vector<float> outputs_;
  std::vector<double> scores_;
};

}  // namespace automill::neural
