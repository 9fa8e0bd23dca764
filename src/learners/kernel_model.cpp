#include <automill/learners/kernel_model.hpp>
#include <cmath>

#include "state_check.hpp"

namespace automill {
namespace {

class KernelRows final : public RowPredictor {
 public:
  explicit KernelRows(const KernelState& state) : state_(state), z_(state.used.size()) {}

  void predict(const RowView& row, std::span<double> out) noexcept override {
    const std::size_t columns = z_.size(), scores = state_.scores();
    for (std::size_t j = 0; j < columns; ++j) {
      const double value = row.numbers[state_.used[j]];
      const double clipped = value < state_.lower[j]   ? state_.lower[j]
                             : value > state_.upper[j] ? state_.upper[j]
                                                       : value;
      z_[j] = std::isnan(clipped) ? 0.0 : (clipped - state_.centers[j]) * state_.factors[j];
    }
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
  const double t = std::sqrt(5 * ratio);
  return (1 + t + t * t / 3) * math::exp(-t);
}

void KernelModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  predict_by_rows(*this, rows, out, context);
}

std::unique_ptr<RowPredictor> KernelModel::row_predictor() const { return std::make_unique<KernelRows>(state_); }

void KernelModel::save(ArchiveWriter& out) const {
  out.set("kernel", kernel_names()[static_cast<std::size_t>(state_.kernel)]);
  out.set("link", link_names()[static_cast<std::size_t>(state_.link)]);
  out.set("length", state_.length);
  out.array("used", state_.used);
  out.array("centers", state_.centers);
  out.array("factors", state_.factors);
  out.array("lower", state_.lower);
  out.array("upper", state_.upper);
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
  state.used = in.array<std::uint32_t>("used");
  const std::size_t used = state.used.size();
  for (std::uint32_t column : state.used)
    if (column >= context.input->size()) in.fail("'used' names a column that is not there");
  state.centers = in.array<double>("centers", used);
  state.factors = in.array<double>("factors", used);
  state.lower = in.array<double>("lower", used);
  state.upper = in.array<double>("upper", used);
  state.offsets = in.array<double>("offsets", scores);
  state.weights = in.array<double>("weights");
  if (state.weights.size() % scores != 0) in.fail("'weights' has a size that is no multiple of the scores");
  state.landmarks = in.array<double>("landmarks", state.size() * used);
  check_finite(in, "centers", state.centers);
  check_finite(in, "factors", state.factors);
  check_finite(in, "lower", state.lower);
  check_finite(in, "upper", state.upper);
  check_finite(in, "landmarks", state.landmarks);
  check_finite(in, "weights", state.weights);
  check_finite(in, "offsets", state.offsets);
  for (std::size_t j = 0; j < used; ++j)
    if (state.lower[j] > state.upper[j]) in.fail("'lower' is above 'upper' in column " + std::to_string(state.used[j]));
  return std::make_unique<KernelModel>(std::move(state));
}

}  // namespace automill
