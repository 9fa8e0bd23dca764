#include <automill/learners/quadratic_model.hpp>
#include <cmath>

#include "learners/linear_vectors.hpp"
#include "learners/scaled_columns.hpp"

namespace automill {
namespace {

class QuadraticRows final : public RowPredictor {
 public:
  explicit QuadraticRows(const QuadraticState& state) : state_(state), z_(state.used.size()) {}

  void predict(const RowView& row, std::span<double> out) noexcept override {
    const std::size_t size = z_.size();
    read_scaled(state_, row, z_);
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
  save_scaled_columns(state_, out);
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
  load_scaled_columns(state, in, context);
  const std::size_t used = state.used.size();
  state.offsets = in.array<double>("offsets", classes);
  state.triangles = in.array<double>("triangles", classes * (used * (used + 1) / 2));
  state.images = in.array<double>("images", classes * used);
  check_finite(in, "offsets", state.offsets);
  check_finite(in, "triangles", state.triangles);
  check_finite(in, "images", state.images);
  return std::make_unique<QuadraticModel>(std::move(state));
}

}  // namespace automill
