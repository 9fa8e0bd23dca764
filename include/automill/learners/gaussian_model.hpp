#pragma once
// The fitted half of Gaussian process regression and classification, type "gaussian_model": some functions of the rows
// of training, of which mean and variance are known everywhere.
//
//   z_j = (clip(x_j) - center_j) * factor_j,   k_i = signal * kernel(|inverse_lengths * (z - landmark_i)|)
//   mean = sum_i weight_i k_i,   variance = signal - |F k|^2,   F lower triangular
//
// Regression has one function: the value is offset + unit * mean, or quantiles of the normal distribution with that
// mean and the deviation unit * sqrt(variance + noise). Two classes have one function: the probability of class 1 is
// the mean of the logistic function of offset + mean with that variance. Several classes have a function each, against
// the others, and probabilities that are divided by their sum. Values are clipped to what training saw, widened by one
// range on either side; a missing value counts as the center. Predictions are finite for any input.

#include <automill/learners/kernel_model.hpp>

namespace automill {

/// Sizes: `used` columns for the next four; landmarks x used; functions x used; functions; functions x landmarks;
/// functions x (landmarks + 1) landmarks / 2, or none where no variance is needed; levels of quantiles, or none.
struct GaussianState {
  Kernel kernel = Kernel::matern;
  double unit = 1, noise = 0;
  std::vector<std::uint32_t> used{};  ///< columns that are not constant
  std::vector<double> centers{}, factors{}, lower{}, upper{};
  std::vector<double> landmarks{};
  std::vector<double> inverse_lengths{};
  std::vector<double> signals{}, offsets{};  ///< a signal of 0: the function is 0 everywhere
  std::vector<double> weights{};
  std::vector<double> triangles{};
  std::vector<double> levels{};  ///< of the standard normal distribution, ascending: its quantiles

  std::size_t functions() const { return offsets.size(); }
  std::size_t size() const { return weights.size() / offsets.size(); }
};

/// The mean of the logistic function of a normal distribution; within 1e-10.
AUTOMILL_EXPORT double mean_sigmoid(double mean, double variance);

class AUTOMILL_EXPORT GaussianModel final : public Model {
 public:
  /// Precondition: sizes agree and every number is finite.
  explicit GaussianModel(GaussianState state) : state_(std::move(state)) {}
  const GaussianState& state() const { return state_; }

  /// O(functions landmarks (columns + landmarks)) a row; O(landmarks columns) for values.
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return "gaussian_model"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  GaussianState state_;
};

/// Loader of "gaussian_model" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_gaussian_model(const ArchiveReader& in, const ModelContext& context,
                                                           int state_version, const Registry& registry);

}  // namespace automill
