#pragma once
// The fitted half of TransformedTarget, type "transformed_target".

#include <automill/core/registry.hpp>

namespace automill {

enum class TargetMethod : std::uint8_t { log1p, yeo_johnson, quantile_normal, standardize };

AUTOMILL_EXPORT const std::vector<std::string>& target_method_names();

/// A rising function of a target and its inverse. power, center and scale: (f(y) - center) / scale, f by the method.
/// Normal scores interpolate between knots of targets and scores instead.
struct AUTOMILL_EXPORT TargetCurve {
  TargetMethod method = TargetMethod::standardize;
  double power = 1, center = 0, scale = 1;
  std::vector<double> targets{}, scores{};  ///< quantile_normal: strictly ascending, of one size, one or more

  double forward(double target) const noexcept;
  double back(double score) const noexcept;  ///< finite; log1p: not below 0
};

/// What is added to a score before it goes back, with its share of the residuals (shares sum to 1).
struct ResidualGroup {
  double residual = 0, share = 1;
};

class AUTOMILL_EXPORT TransformedTargetModel final : public Model {
 public:
  static constexpr const char* registered_name = "transformed_target";
  TransformedTargetModel(std::unique_ptr<Model> model, TargetCurve curve, std::vector<ResidualGroup> residuals)
      : model_(std::move(model)), curve_(std::move(curve)), residuals_(std::move(residuals)) {}

  const Model& model() const { return *model_; }
  /// Scores of the inner model become predictions, in place; O(residuals) each.
  void transform_back(std::span<double> scores) const noexcept;
  /// The same; what comes after a stop is missing. False: stopped.
  bool transform_back(std::span<double> scores, const StopToken& stop) const noexcept;

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return registered_name; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  std::unique_ptr<Model> model_;
  TargetCurve curve_;
  std::vector<ResidualGroup> residuals_;
};

}  // namespace automill
