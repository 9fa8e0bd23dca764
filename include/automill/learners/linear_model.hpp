#pragma once
// The fitted half of the linear learners, type "linear_model": scores that are sums over columns, and a link that makes
// predictions of them.
//
//   score_k = intercept_k + sum_j (clip(x_j) - center_j) weight_jk
//
// identity: the score is the value. logistic: one score, the log-odds of class 1. softmax: a score a class. log: the
// score is the logarithm of the value. ascending: a score an output (levels of quantiles), brought into ascending
// order. Values are clipped to what training saw, widened by one range on either side, so that a typing error of 1e300
// in one cell cannot run away with the prediction; a missing value counts as the center. Predictions are finite for any
// input.

#include <automill/core/model.hpp>

namespace automill {

class Registry;

enum class Link : std::uint8_t { identity, logistic, softmax, log, ascending };

AUTOMILL_EXPORT const std::vector<std::string>& link_names();

/// What a linear model is made of. Sizes: columns x scores for `weights` (row-major), scores for `intercepts`, columns
/// for the others. Scores: 1, or the number of outputs for softmax and ascending.
struct LinearState {
  Link link = Link::identity;
  std::vector<double> weights{};     ///< in units of the columns as they come, not of standardised ones
  std::vector<double> intercepts{};  ///< score of a row whose values are all at the center
  std::vector<double> centers{};     ///< weighted mean of each column in training
  std::vector<double> lower{};       ///< smallest value that is used as it is
  std::vector<double> upper{};       ///< largest

  std::size_t columns() const { return centers.size(); }
  std::size_t scores() const { return intercepts.size(); }
};

class AUTOMILL_EXPORT LinearModel final : public Model {
 public:
  /// Precondition: sizes agree and every number is finite.
  explicit LinearModel(LinearState state);

  const LinearState& state() const { return state_; }
  /// Coefficient of a column for a score, as the textbook writes it: score = b + sum_j x_j weight_j.
  double weight(std::size_t column, std::size_t score = 0) const {
    return state_.weights[column * state_.scores() + score];
  }
  /// What a cell adds to a score, before its weight: how far it is from the center after clipping; 0 when missing.
  double distance(std::size_t column, double value) const;
  /// The b of that form.
  double intercept(std::size_t score = 0) const;

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return "linear_model"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  LinearState state_;
  std::vector<double> starts_{};              ///< scores of a row in which every column of `mostly_zero_` is 0
  std::vector<std::uint32_t> filled_{};       ///< the other columns
  std::vector<std::uint32_t> mostly_zero_{};  ///< columns whose cells are passed over where they are 0
};

/// Loader of "linear_model" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_linear_model(const ArchiveReader& in, const ModelContext& context,
                                                         int state_version, const Registry& registry);

}  // namespace automill
