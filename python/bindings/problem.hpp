#pragma once
// What the bindings of components share: learners from structures, and the problems that they learn.

#include "models.hpp"

namespace automill::python {

/// A learning problem that keeps what is needed to serve a model of it.
struct Problem {
  std::shared_ptr<const Dataset> dataset;
  TargetInfo target;
  std::vector<std::uint32_t> input_row;
  std::size_t input_rows = 0;
};

/// The learner of a structure; `objective` is what it names by a label, or None.
std::shared_ptr<const Estimator> make_learner(const Value& structure, const py::object& objective);

py::dict describe_report(const FitReport& report);

}  // namespace automill::python
