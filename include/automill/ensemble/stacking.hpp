#pragma once
// Stacking (Wolpert 1992, "Stacked generalization"; Breiman 1996, "Stacked regressions"): a final estimator learns from
// what other estimators predict for rows that they were not fitted on.
//
//   Stacking stacking{{.estimators = {GradientBoosting{}, {"forest", RandomForest{}}}, .final_estimator = Logistic{}}};
//   FitResult result = stacking.fit(dataset);
//   stacking.with_parameters({{"forest.n_estimators", 300}, {"final_estimator.alpha", 1.0}, {"passthrough", true}});
//
// A final estimator may be a Stacking, too: layers. As data, estimators are structures with their names:
// {"estimators": [{"name": "forest", "component": {"type": "random_forest", "parameters": {}}}, ...], ...}.

#include <automill/core/named_estimator.hpp>
#include <automill/core/registry.hpp>

namespace automill {

/// What a Stacking is made of in C++. No estimators: gradient_boosting and random_forest; no final estimator: ridge for
/// numbers, logistic for classes.
struct StackingOptions {
  std::vector<NamedEstimator> estimators{};
  NamedEstimator final_estimator{};
  std::int64_t folds = 5;
  bool passthrough = false;
};

/// The same as data.
struct StackingParameters {
  Value estimators{};
  Value final_estimator{};
  std::int64_t folds = 5;
  bool passthrough = false;

  static auto declare() {
    using P = StackingParameters;
    return std::tuple{
        parameter(
            "estimators", &P::estimators,
            "What is stacked: a list of {\"name\": name, \"component\": {\"type\": name, \"parameters\": {...}}}; "
            "without one, gradient_boosting and random_forest."),
        parameter("final_estimator", &P::final_estimator,
                  "Learns from their predictions, as {\"type\": name, \"parameters\": {...}}; without one, ridge for "
                  "numbers and logistic for classes."),
        parameter("folds", &P::folds, "The predictions that the final estimator learns from are out of so many folds.")
            .range(2, 1000),
        parameter("passthrough", &P::passthrough, "Whether the final estimator sees the columns, too.")};
  }
};

/// Each estimator is fitted once a fold and once on all rows. Folds are stratified, keep groups together, and depend on
/// the content of rows alone. The final estimator sees a column for numbers, the probability of the positive of two
/// classes, or a probability for each of more. Rows of `validation` end the fits of those that end early; a deadline is
/// divided among the fits. folds + 1 fits of each estimator and one of the final one.
///
/// Errors: "fit.task" names the estimator that cannot learn the target, "fit.stacking_output" one that predicts several
/// levels, "parameter.wrong_type" where a parameter is no structure.
class AUTOMILL_EXPORT Stacking : public Learner<Stacking, StackingParameters> {
 public:
  static constexpr const char* registered_name = "stacking";
  /// Makes an estimator of its structure; a registry's make_estimator.
  using Maker = std::function<std::shared_ptr<const Estimator>(const Value&)>;

  Stacking();
  explicit Stacking(StackingOptions options);

  /// Empty where the parameter is no list of structures.
  const std::vector<NamedEstimator>& estimators() const { return estimators_; }
  /// Null: that of the task.
  const std::shared_ptr<const Estimator>& final_estimator() const { return final_; }

  EstimatorTraits traits() const override;
  OutputSpec output_spec(const Target& target) const override { return output_of(target); }
  CostEstimate cost(const DataShape& shape) const override;
  std::unique_ptr<Estimator> with_parameters(const Object& values) const override;
  std::string describe(int indent = 0) const override;

 protected:
  explicit Stacking(Maker maker);
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;

 private:
  void set_estimators(std::vector<NamedEstimator> given);
  void change(const std::string& name, const Object& values);
  [[noreturn]] void refuse(const char* parameter) const;
  void read_estimators();
  void read_final_estimator();
  std::shared_ptr<const Estimator> final_estimator_of(const Target& target) const;
  void check(const Target& target, const Estimator& final_estimator) const;

  Maker maker_{};
  std::vector<NamedEstimator> estimators_{};
  std::shared_ptr<const Estimator> final_{};
};

/// Loader of "stacking" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_stacking(const ArchiveReader& in, const ModelContext& context,
                                                     int state_version, const Registry& registry);

}  // namespace automill
