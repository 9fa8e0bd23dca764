#pragma once
// The fitted half of quadratic discriminant analysis, type "quadratic_model": scores that are quadratic in the columns,
// and their softmax.
//
//   z_j = (clip(x_j) - center_j) * factor_j,   score_k = offset_k - |T_k z - b_k|^2 / 2
//
// T_k is lower triangular: the inverse of the covariance's Cholesky factor. Values are clipped to what training saw,
// widened by one range on either side; a missing value counts as the center. Predictions are finite for any input.

#include <automill/core/model.hpp>

namespace automill {

class Registry;

/// Sizes: columns; classes for `offsets`; used columns x classes for `images`; classes x used (used + 1) / 2 for
/// `triangles`, row by row.
struct QuadraticState {
  std::vector<std::uint32_t> used{};                           ///< columns that are not constant
  std::vector<double> centers{}, factors{}, lower{}, upper{};  ///< of those
  std::vector<double> offsets{};
  std::vector<double> triangles{};  ///< T_k
  std::vector<double> images{};     ///< b_k = T_k m_k: used a class

  std::size_t classes() const { return offsets.size(); }
};

class AUTOMILL_EXPORT QuadraticModel final : public Model {
 public:
  /// Precondition: sizes agree and every number is finite.
  explicit QuadraticModel(QuadraticState state) : state_(std::move(state)) {}
  const QuadraticState& state() const { return state_; }

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return "quadratic_model"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  QuadraticState state_;
};

/// Loader of "quadratic_model" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_quadratic_model(const ArchiveReader& in, const ModelContext& context,
                                                            int state_version, const Registry& registry);

}  // namespace automill
