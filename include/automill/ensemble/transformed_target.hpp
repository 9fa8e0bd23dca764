#pragma once
// A regressor of a transformed target: it learns f(y), and its predictions go back through the inverse of f. Skewed
// targets (prices, counts, durations) lose their tail.
//
//   TransformedTarget model(GradientBoosting{}, {.method = "log1p"});
//   model.with_parameters({{"estimator.learning_rate", 0.05}});      // parameters of the regressor
//   Pipeline{Impute{}, OneHot{}, TransformedTarget(Ridge{})};
//
// As data the regressor is a structure: {"type": "ridge", "parameters": {"alpha": 1}}, also of a pipeline.

#include <automill/core/registry.hpp>

namespace automill {

struct TransformedTargetParameters {
  Value estimator{};
  std::string method = "yeo_johnson";
  bool smearing = true;

  static auto declare() {
    return std::tuple{
        parameter("estimator", &TransformedTargetParameters::estimator,
                  "The regressor, as {\"type\": name, \"parameters\": {...}}; without one, ridge."),
        parameter("method", &TransformedTargetParameters::method,
                  "log1p: ln(1 + y) of targets from 0 on. yeo_johnson: a learned power, standardised. quantile_normal: "
                  "normal scores of at most 1000 quantiles. standardize: mean 0, standard deviation 1.")
            .choices({"log1p", "yeo_johnson", "quantile_normal", "standardize"}),
        parameter("smearing", &TransformedTargetParameters::smearing,
                  "Whether a prediction is the mean over the residuals of training, transformed back, which estimates "
                  "the mean of the target, or its middle (median) alone.")};
  }
};

/// Smearing is Duan's (1983): mean over residuals e of f^-1(prediction + e). Residuals are out-of-bag where the
/// regressor gives them, else those of its training rows, which are too small where it overfits; 54 groups of them are
/// kept, finer at the ends. Several outputs of the regressor (quantiles) are transformed back alone. Early stopping
/// sees the transformed target; values of held-out rows below 0 count as 0 there with log1p. Weights count as copies.
///
/// Errors: "fit.task" for classes, "fit.several_outputs", "fit.target_negative" (log1p; names row and value),
/// "parameter.wrong_type" where `estimator` is no structure. predict_contributions gives what columns add to what the
/// regressor predicts, on the transformed scale.
class AUTOMILL_EXPORT TransformedTarget : public Learner<TransformedTarget, TransformedTargetParameters> {
 public:
  static constexpr const char* registered_name = "transformed_target";
  /// Makes a regressor of its structure; a registry's make_estimator.
  using Maker = std::function<std::shared_ptr<const Estimator>(const Value&)>;

  TransformedTarget();
  /// A regressor given by value.
  template <class Regressor>
  requires(std::is_base_of_v<Estimator, Regressor> &&
           !std::is_base_of_v<TransformedTarget, Regressor>) explicit TransformedTarget(Regressor regressor,
                                                                                        TransformedTargetParameters
                                                                                            parameters = {})
      : TransformedTarget(std::make_shared<const Regressor>(std::move(regressor)), std::move(parameters)) {}
  TransformedTarget(std::shared_ptr<const Estimator> regressor, TransformedTargetParameters parameters);

  /// The regressor; null where the parameter is no structure of one.
  const std::shared_ptr<const Estimator>& regressor() const { return regressor_; }

  EstimatorTraits traits() const override;
  OutputSpec output_spec(const Target& target) const override;
  CostEstimate cost(const DataShape& shape) const override;
  std::unique_ptr<Estimator> with_parameters(const Object& values) const override;
  std::string describe(int indent = 0) const override;

 protected:
  explicit TransformedTarget(Maker maker);
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;

 private:
  [[noreturn]] void refuse_regressor() const;

  Maker maker_{};
  std::shared_ptr<const Estimator> regressor_{};
};

/// Loader of "transformed_target" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_transformed_target(const ArchiveReader& in, const ModelContext& context,
                                                               int state_version, const Registry& registry);

}  // namespace automill
