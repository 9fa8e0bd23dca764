#pragma once
// Shared by the bindings that take or give models and options.

#include <automill/automl/train.hpp>

#include "interrupt.hpp"

namespace automill::python {

/// All cores, and a stop token; the executor lives as long as this.
struct CallContext {
  explicit CallContext(std::stop_token stop, std::optional<int> threads = {}, std::uint64_t seed = 0);
  std::unique_ptr<Executor> executor;
  RunContext context;
};

py::dict describe_score(const Score& score);
py::dict describe_target(const TargetInfo& target);

/// TrainOptions from a dict whose keys are the members' names; see python/automill/options.py, which fills it.
TrainOptions make_options(const py::dict& values);

}  // namespace automill::python
