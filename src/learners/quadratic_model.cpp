#include <automill/learners/quadratic_model.hpp>
#include <cmath>

#include "learners/linear_vectors.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

class QuadraticRows final : public RowPredictor {
 public:
  explicit QuadraticRows(const QuadraticState& state) : state_(state), z_(state.used.size()) {}

  void predict(const RowView& row, std::span<double> out) noexcept override {
    const std::size_t size = z_.size();
    for (std::size_t j = 0; j < size; ++j) {
      const double value = row.numbers[state_.used[j]];
      const double clipped = value < state_.lower[j]   ? state_.lower[j]
                             : value > state_.upper[j] ? state_.upper[j]
                                                       : value;
      z_[j] = std::isnan(clipped) ? 0.0 : (clipped - state_.centers[j]) * state_.factors[j];
    }
    const double* triangle = state_.triangles.data();
    for (std::size_t k = 0; k < out.size(); ++k) {
      const double* image = state_.images.data() + k * size;
      double squares = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const double at = linear::dot(triangle, z_.data(), i + 1) - image[i];
        squares += at * at;
        triangle += i + 1;
      }
      out[k] = state_.offsets[k] - 0.5 * std::min(squares, 1e300);
    }
    math::softmax(out.data(), out.size());
  }

 private:
  const QuadraticState& state_;
  std::vector<double> z_;
};

}  // namespace

void QuadraticModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  predict_by_rows(*this, rows, out, context);
}

std::unique_ptr<RowPredictor> QuadraticModel::row_predictor() const { return std::make_unique<QuadraticRows>(state_); }

void QuadraticModel::save(ArchiveWriter& out) const {
  out.array("used", state_.used);
  out.array("centers", state_.centers);
  out.array("factors", state_.factors);
  out.array("lower", state_.lower);
  out.array("upper", state_.upper);
  out.array("offsets", state_.offsets);
  out.array("triangles", state_.triangles);
  out.array("images", state_.images);
}

std::string QuadraticModel::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') + "quadratic_model: " + std::to_string(state_.used.size()) +
         " columns, " + std::to_string(state_.classes()) + " classes\n";
}

std::unique_ptr<Model> load_quadratic_model(const ArchiveReader& in, const ModelContext& context, int state_version,
                                            const Registry&) {
  check_state_version(in, state_version, 1);
  QuadraticState state;
  const std::size_t classes = context.output.width;
  if (classes < 2) in.fail("a quadratic model has two classes or more");
  state.used = in.array<std::uint32_t>("used");
  const std::size_t used = state.used.size();
  for (std::size_t j = 0; j < used; ++j)
    if (state.used[j] >= context.input->size()) in.fail("'used' names a column that is not there");
  state.centers = in.array<double>("centers", used);
  state.factors = in.array<double>("factors", used);
  state.lower = in.array<double>("lower", used);
  state.upper = in.array<double>("upper", used);
  state.offsets = in.array<double>("offsets", classes);
  state.triangles = in.array<double>("triangles", classes * (used * (used + 1) / 2));
  state.images = in.array<double>("images", classes * used);
  check_finite(in, "centers", state.centers);
  check_finite(in, "factors", state.factors);
  check_finite(in, "lower", state.lower);
  check_finite(in, "upper", state.upper);
  check_finite(in, "offsets", state.offsets);
  check_finite(in, "triangles", state.triangles);
  check_finite(in, "images", state.images);
  for (std::size_t j = 0; j < used; ++j)
    if (state.lower[j] > state.upper[j]) in.fail("'lower' is above 'upper' in column " + std::to_string(state.used[j]));
  return std::make_unique<QuadraticModel>(std::move(state));
}

}  // namespace automill
