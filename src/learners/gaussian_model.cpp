#include <automill/learners/gaussian_model.hpp>
#include <cmath>

#include "learners/linear_vectors.hpp"
#include "learners/scaled_columns.hpp"

namespace automill {
namespace {

double within_numbers(double value) {
  constexpr double largest = std::numeric_limits<double>::max();
  return std::clamp(value, -largest, largest);
}

class GaussianRows final : public RowPredictor {
 public:
  GaussianRows(const GaussianState& state, Task task)
      : state_(state), task_(task), z_(state.used.size()), similar_(state.size()) {}

  void predict(const RowView& row, std::span<double> out) noexcept override {
    read_scaled(state_, row, z_);
    if (task_ == Task::regression) return predict_numbers(out);
    if (task_ == Task::binary) {
      out[1] = likely(0);
      out[0] = 1 - out[1];
      return;
    }
    double sum = 0;
    for (std::size_t k = 0; k < out.size(); ++k) sum += out[k] = std::max(likely(k), 1e-300);
    for (double& value : out) value /= sum;
  }

 private:
  struct At {
    double mean = 0, variance = 0;
  };
  At at(std::size_t function) {
    At result;
    const double signal = state_.signals[function];
    if (signal == 0) return result;
    const std::size_t columns = z_.size(), size = similar_.size();
    const double* inverse = state_.inverse_lengths.data() + function * columns;
    const double* landmark = state_.landmarks.data();
    for (std::size_t i = 0; i < size; ++i, landmark += columns) {
      double squares = 0;
      for (std::size_t j = 0; j < columns; ++j) {
        const double far = (z_[j] - landmark[j]) * inverse[j];
        squares += far * far;
      }
      similar_[i] = signal * kernel_value(state_.kernel, squares, 1);
    }
    result.mean = linear::dot(state_.weights.data() + function * size, similar_.data(), size);
    if (state_.triangles.empty()) return result;
    const double* triangle = state_.triangles.data() + function * (size * (size + 1) / 2);
    double squares = 0;
    for (std::size_t i = 0; i < size; triangle += ++i) {
      const double each = linear::dot(triangle, similar_.data(), i + 1);
      squares += each * each;
    }
    result.variance = std::max(0.0, signal - squares);
    return result;
  }

  void predict_numbers(std::span<double> out) {
    const At here = at(0);
    if (state_.levels.empty()) {
      out[0] = within_numbers(state_.offsets[0] + state_.unit * here.mean);
      return;
    }
    const double deviation = std::sqrt(here.variance + state_.noise);
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] = within_numbers(state_.offsets[0] + state_.unit * (here.mean + state_.levels[k] * deviation));
  }
  double likely(std::size_t function) {
    const At here = at(function);
    return mean_sigmoid(state_.offsets[function] + here.mean, here.variance);
  }

  const GaussianState& state_;
  Task task_;
  std::vector<double> z_, similar_;
};

}  // namespace

double mean_sigmoid(double mean, double variance) {
  // the trapezoidal rule converges exponentially for analytic functions: the poles of the logistic function are pi /
  // deviation away, and the step is at most 0.8 / deviation, so that the error is about exp(-2 pi^2 / 0.8)
  const double deviation = std::sqrt(std::min(variance, 1e6)), step = std::min(0.5, 0.8 / deviation);
  if (deviation < 1e-10) return math::sigmoid(mean);
  constexpr double ends = 8.5;  // beyond them 2e-17 of the normal distribution
  const auto steps = static_cast<int>(ends / step);
  double sum = 0, total = 0;
  for (int i = -steps; i <= steps; ++i) {
    const double t = i * step, density = math::exp(-0.5 * t * t);
    sum += density * math::sigmoid(mean + deviation * t);
    total += density;
  }
  return sum / total;
}

void GaussianModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  predict_by_rows(*this, rows, out, context);
}

std::unique_ptr<RowPredictor> GaussianModel::row_predictor() const {
  return std::make_unique<GaussianRows>(state_, output_spec().task);
}

void GaussianModel::save(ArchiveWriter& out) const {
  out.set("kernel", kernel_names()[static_cast<std::size_t>(state_.kernel)]);
  out.set("unit", state_.unit);
  out.set("noise", state_.noise);
  save_scaled_columns(state_, out);
  out.array("landmarks", state_.landmarks);
  out.array("inverse_lengths", state_.inverse_lengths);
  out.array("signals", state_.signals);
  out.array("offsets", state_.offsets);
  out.array("weights", state_.weights);
  out.array("triangles", state_.triangles);
  out.array("levels", state_.levels);
}

std::string GaussianModel::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') + "gaussian_model: " + std::to_string(state_.size()) +
         " rows of " + std::to_string(state_.used.size()) + " columns, " +
         kernel_names()[static_cast<std::size_t>(state_.kernel)] + " kernel\n";
}

std::unique_ptr<Model> load_gaussian_model(const ArchiveReader& in, const ModelContext& context, int state_version,
                                           const Registry&) {
  check_state_version(in, state_version, 1);
  GaussianState state;
  const auto name = std::find(kernel_names().begin(), kernel_names().end(), in.text("kernel"));
  if (name == kernel_names().end()) in.fail("'kernel' is unknown");
  state.kernel = static_cast<Kernel>(name - kernel_names().begin());
  const auto amount = [&](const char* key) {
    const double value = in.number(key);
    if (!(value >= 0 && std::isfinite(value))) in.fail(std::string("'") + key + "' must be a number of 0 or more");
    return value;
  };
  state.unit = amount("unit");
  state.noise = amount("noise");
  const OutputSpec& output = context.output;
  const std::size_t functions = output.task == Task::multiclass ? output.width : 1;
  load_scaled_columns(state, in, context);
  const std::size_t used = state.used.size();
  const auto numbers = [&](const char* key, std::size_t size) {
    std::vector<double> values = in.array<double>(key, size);
    check_finite(in, key, values);
    return values;
  };
  state.inverse_lengths = numbers("inverse_lengths", functions * used);
  state.signals = numbers("signals", functions);
  state.offsets = numbers("offsets", functions);
  state.weights = in.array<double>("weights");
  check_finite(in, "weights", state.weights);
  if (state.weights.size() % functions != 0) in.fail("'weights' has a size that is no multiple of the functions");
  state.landmarks = numbers("landmarks", state.size() * used);
  state.levels = in.array<double>("levels");
  check_finite(in, "levels", state.levels);
  const bool regression = output.task == Task::regression;
  if (regression ? std::max<std::size_t>(1, state.levels.size()) != output.width : !state.levels.empty())
    in.fail("'levels' does not give " + std::to_string(output.width) + " outputs");
  const bool spread = !regression || !state.levels.empty();
  state.triangles = numbers("triangles", spread ? functions * (state.size() * (state.size() + 1) / 2) : 0);
  for (double signal : state.signals)
    if (signal < 0) in.fail("'signals' holds a number below 0");
  return std::make_unique<GaussianModel>(std::move(state));
}

}  // namespace automill
