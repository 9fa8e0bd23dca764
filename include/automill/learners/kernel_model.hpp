#pragma once
// The fitted half of kernel ridge regression, type "kernel_model": scores that are weighted sums of similarities to
// some rows of training, the landmarks.
//
//   z_j = (clip(x_j) - center_j) * factor_j,   score_k = offset_k + sum_i weight_ik k(|z - landmark_i|)
//   gaussian: k(r) = exp(-r^2 / 2 l^2),   matern: k(r) = (1 + t + t^2 / 3) exp(-t) with t = sqrt(5) r / l
//
// identity: the score is the value. logistic: one score, the log-odds of class 1. softmax: a score a class. Values are
// clipped to what training saw, widened by one range on either side; a missing value counts as the center. Predictions
// are finite for any input.

#include <automill/learners/linear_model.hpp>

namespace automill {

enum class Kernel : std::uint8_t { gaussian, matern };

AUTOMILL_EXPORT const std::vector<std::string>& kernel_names();

/// Sizes: `used` columns for the next four; landmarks x used; landmarks x scores (row-major); scores.
struct KernelState {
  Kernel kernel = Kernel::gaussian;
  Link link = Link::identity;
  double length = 1;                  ///< l
  std::vector<std::uint32_t> used{};  ///< columns that are not constant
  std::vector<double> centers{}, factors{}, lower{}, upper{};
  std::vector<double> landmarks{};
  std::vector<double> weights{};
  std::vector<double> offsets{};

  std::size_t scores() const { return offsets.size(); }
  std::size_t size() const { return weights.size() / offsets.size(); }
};

/// k of a squared distance.
AUTOMILL_EXPORT double kernel_value(Kernel kernel, double squared_distance, double length);

class AUTOMILL_EXPORT KernelModel final : public Model {
 public:
  /// Precondition: sizes agree and every number is finite.
  explicit KernelModel(KernelState state) : state_(std::move(state)) {}
  const KernelState& state() const { return state_; }

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return "kernel_model"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  KernelState state_;
};

/// Loader of "kernel_model" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_kernel_model(const ArchiveReader& in, const ModelContext& context,
                                                         int state_version, const Registry& registry);

}  // namespace automill
