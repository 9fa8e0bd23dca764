#pragma once
// An estimator of any kind in a list: what is stacked, what a user gives to train.
//
//   std::vector<NamedEstimator> several{Ridge{}, {"forest", RandomForest{{.n_estimators = 300}}}};

#include <automill/core/estimator.hpp>

namespace automill {

/// An estimator of any kind, given by value; without a name it is called by its type.
struct NamedEstimator {
  std::string name{};
  std::shared_ptr<const Estimator> estimator{};

  NamedEstimator() = default;
  NamedEstimator(std::string own_name, std::shared_ptr<const Estimator> given)
      : name(std::move(own_name)), estimator(std::move(given)) {}
  template <class Given>
  requires(std::is_base_of_v<Estimator, Given>) NamedEstimator(Given given)  // NOLINT: a list of estimators
      : estimator(std::make_shared<const Given>(std::move(given))) {
    name = estimator->name();
  }
  template <class Given>
  requires(std::is_base_of_v<Estimator, Given>) NamedEstimator(std::string own_name, Given given)
      : name(std::move(own_name)), estimator(std::make_shared<const Given>(std::move(given))) {}
};

}  // namespace automill
