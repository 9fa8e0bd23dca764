#include <automill/learners/kernel_model.hpp>
#include <cmath>

#include "learners/scaled_columns.hpp"
#include "matern.hpp"

namespace automill {
namespace {

class KernelRows final : public RowPredictor {
 public:
  explicit KernelRows(const KernelState& state) : state_(state), z_(state.used.size()) {}

  void predict(const RowView& row, std::span<double> out) noexcept override {
    const std::size_t columns = z_.size(), scores = state_.scores();
    read_scaled(state_, row, z_);
    std::copy(state_.offsets.begin(), state_.offsets.end(), out.begin());
    const double* landmark = state_.landmarks.data();
    const double* weight = state_.weights.data();
    for (std::size_t i = 0; i < state_.size(); ++i, landmark += columns, weight += scores) {
      double squares = 0;
      for (std::size_t j = 0; j < columns; ++j) squares += (z_[j] - landmark[j]) * (z_[j] - landmark[j]);
      const double similarity = kernel_value(state_.kernel, squares, state_.length);
      for (std::size_t k = 0; k < scores; ++k) out[k] += weight[k] * similarity;
    }
    if (state_.link == Link::softmax) {
      math::softmax(out.data(), scores);
    } else if (state_.link == Link::logistic) {
      const double likely = math::sigmoid(out[0]);
      out[0] = math::sigmoid(-out[0]);
      out[1] = likely;
    }
  }

 private:
  const KernelState& state_;
  std::vector<double> z_;
};

}  // namespace

const std::vector<std::string>& kernel_names() {
  static const std::vector<std::string> names{"gaussian", "matern"};
  return names;
}

double kernel_value(Kernel kernel, double squared_distance, double length) {
  const double ratio = std::min(squared_distance / (length * length), 1e6);
  if (kernel == Kernel::gaussian) return math::exp(-0.5 * ratio);
  return matern_terms(ratio, 1).value;
}

void KernelModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  predict_by_rows(*this, rows, out, context);
}

std::unique_ptr<RowPredictor> KernelModel::row_predictor() const { return std::make_unique<KernelRows>(state_); }

void KernelModel::save(ArchiveWriter& out) const {
  out.set("kernel", kernel_names()[static_cast<std::size_t>(state_.kernel)]);
  out.set("link", link_names()[static_cast<std::size_t>(state_.link)]);
  out.set("length", state_.length);
  save_scaled_columns(state_, out);
  out.array("landmarks", state_.landmarks);
  out.array("weights", state_.weights);
  out.array("offsets", state_.offsets);
}

std::string KernelModel::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') + "kernel_model: " + std::to_string(state_.size()) +
         " landmarks of " + std::to_string(state_.used.size()) + " columns, " +
         kernel_names()[static_cast<std::size_t>(state_.kernel)] + " kernel\n";
}

std::unique_ptr<Model> load_kernel_model(const ArchiveReader& in, const ModelContext& context, int state_version,
                                         const Registry&) {
  check_state_version(in, state_version, 1);
  KernelState state;
  const auto choice = [&](const char* key, const std::vector<std::string>& names, std::size_t count) {
    const auto found = std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count), in.text(key));
    if (found == names.begin() + static_cast<std::ptrdiff_t>(count)) in.fail(std::string("'") + key + "' is unknown");
    return found - names.begin();
  };
  state.kernel = static_cast<Kernel>(choice("kernel", kernel_names(), kernel_names().size()));
  state.link = static_cast<Link>(choice("link", link_names(), 3));
  state.length = in.number("length");
  if (!(state.length > 0 && std::isfinite(state.length))) in.fail("'length' must be a number above 0");
  const std::size_t width = context.output.width, scores = state.link == Link::softmax ? width : 1;
  if (state.link == Link::logistic ? width != 2 : width != scores)
    in.fail("the link '" + in.text("link") + "' does not give " + std::to_string(width) + " outputs");
  load_scaled_columns(state, in, context);
  state.offsets = in.array<double>("offsets", scores);
  state.weights = in.array<double>("weights");
  if (state.weights.size() % scores != 0) in.fail("'weights' has a size that is no multiple of the scores");
  state.landmarks = in.array<double>("landmarks", state.size() * state.used.size());
  check_finite(in, "landmarks", state.landmarks);
  check_finite(in, "weights", state.weights);
  check_finite(in, "offsets", state.offsets);
  return std::make_unique<KernelModel>(std::move(state));
}

}  // namespace automill
