#include "score_calibration.hpp"

#include <automill/core/math.hpp>
#include <cmath>

#include "linear_lbfgs.hpp"

namespace automill {
namespace {

constexpr std::size_t calibration_block = 512;  // rows between two looks at the stop token

class Calibration {
 public:
  Calibration(const ScoredRows& rows, const StopToken& stop) : rows_(rows), stop_(stop), of_class_(rows.classes) {
    for (std::size_t i = 0; i < rows.labels.size(); ++i) {
      of_class_[static_cast<std::size_t>(rows.labels[i])] += rows.weights[i];
      total_ += rows.weights[i];
    }
    double squares = 0;
    for (std::size_t i = 0; i < rows.labels.size(); ++i)
      for (std::size_t k = 0; k < rows.classes; ++k)
        squares += rows.weights[i] * rows.scores[i * rows.classes + k] * rows.scores[i * rows.classes + k];
    if (total_ > 0 && squares > 0) unit_ = 1 / std::sqrt(squares / total_);
  }

  std::optional<ScoreCalibration> run() {
    const std::size_t classes = rows_.classes;
    ScoreCalibration result{.offsets = std::vector<double>(classes)};
    if (!(total_ > 0)) return result;
    std::vector<double> start(1 + classes);
    for (std::size_t k = 0; k < classes; ++k) start[1 + k] = math::log(share_of(k));
    const linear::MinimizeOptions options{.tolerance = 1e-7, .max_iterations = 200};
    const auto solved = linear::minimize_lbfgs(
        start, [&](const std::vector<double>& point) { return evaluate(point); },
        [](const std::vector<double>& slopes) { return slopes; }, options);
    if (solved.stopped) return std::nullopt;
    const bool tells = solved.point[0] > 0;
    const std::vector<double>& point = tells ? solved.point : start;
    result.slope = tells ? point[0] * unit_ : 0.0;
    for (std::size_t k = 0; k < classes; ++k) result.offsets[k] = point[1 + k] - point[1];
    return result;
  }

 private:
  /// Target of the class for a row of `label`.
  double target(std::size_t label, std::size_t k) const {
    return ((label == k ? of_class_[label] : 0.0) + 1) / (of_class_[label] + static_cast<double>(rows_.classes));
  }
  double share_of(std::size_t k) const {
    double sum = 0;
    for (std::size_t label = 0; label < rows_.classes; ++label) sum += of_class_[label] * target(label, k);
    return sum / total_;
  }

  /// Mean loss; the slope counts in units of the scores.
  std::optional<linear::Evaluation> evaluate(const std::vector<double>& point) const {
    const std::size_t classes = rows_.classes;
    linear::Evaluation at{.gradient = std::vector<double>(1 + classes)};
    std::vector<double> shares(classes);
    for (std::size_t i = 0; i < rows_.labels.size(); ++i) {
      if (i % calibration_block == 0 && stop_.stop_requested()) return std::nullopt;
      const double* scores = rows_.scores.data() + i * classes;
      const double weight = rows_.weights[i] / total_;
      const auto label = static_cast<std::size_t>(rows_.labels[i]);
      for (std::size_t k = 0; k < classes; ++k) shares[k] = point[0] * unit_ * scores[k] + point[1 + k];
      const double largest = *std::max_element(shares.begin(), shares.end());
      double sum = 0, expected = 0;
      for (std::size_t k = 0; k < classes; ++k) {
        expected += target(label, k) * (shares[k] - largest);
        sum += shares[k] = math::exp(shares[k] - largest);
      }
      at.value += weight * (math::log(sum) - expected);
      for (std::size_t k = 0; k < classes; ++k) {
        const double slope = weight * (shares[k] / sum - target(label, k));
        at.gradient[0] += slope * scores[k] * unit_;
        at.gradient[1 + k] += slope;
      }
    }
    return at;
  }

  const ScoredRows& rows_;
  const StopToken& stop_;
  std::vector<double> of_class_;
  double total_ = 0, unit_ = 1;
};

}  // namespace

std::optional<ScoreCalibration> calibrate_scores(const ScoredRows& rows, const StopToken& stop) {
  return Calibration(rows, stop).run();
}

}  // namespace automill
