#pragma once
// What predict gives back: labels and probabilities (classification) or values (regression). Asking for the wrong kind
// is an Error that names the right one.

#include <automill/core/predictions.hpp>
#include <memory>
#include <string_view>
#include <vector>

namespace automill {

/// The target as the model knows it.
struct TargetInfo {
  std::string name;
  Task task = Task::regression;
  std::vector<std::string> classes{};  ///< names in the order of probability columns
  std::size_t positive = 1;            ///< binary: index of the positive class
  std::string label_type = "text";     ///< what labels were in training: "text", "boolean", "integer" or "number"
  double decision_threshold = 0.5;     ///< binary: predicted positive at or above this probability
  std::vector<double> costs{};  ///< classification: truth x prediction, row-major, what labels cost; empty: all alike
  std::vector<std::string> outputs{};  ///< regression: names of the values of a row where there are several, else empty

  std::size_t width() const {
    return is_classification(task) ? classes.size() : std::max<std::size_t>(1, outputs.size());
  }
};

/// What a row of predictions of such a target holds.
inline OutputSpec output_of(const TargetInfo& target) {
  return {target.task, target.width(), target.classes, target.positive, target.outputs};
}

class AUTOMILL_EXPORT PredictionResult {
 public:
  PredictionResult(std::shared_ptr<const TargetInfo> target, Predictions predictions)
      : target_(std::move(target)), predictions_(std::move(predictions)) {}

  std::size_t rows() const { return predictions_.rows(); }
  /// Regression: one value a row, or rows x outputs, row-major, in the order of outputs().
  std::span<const double> values() const {
    if (target_->task != Task::regression) wrong_kind("values()", "labels() or probabilities()");
    return predictions_.values;
  }
  /// Classification: rows x classes, row-major, in the order of classes().
  const Predictions& probabilities() const {
    if (!is_classification(target_->task)) wrong_kind("probabilities()", "values()");
    return predictions_;
  }
  /// Classification: index of the predicted class of each row.
  std::vector<std::size_t> label_indices() const {
    if (!is_classification(target_->task)) wrong_kind("labels()", "values()");
    std::vector<std::size_t> indices(rows());
    for (std::size_t i = 0; i < rows(); ++i) indices[i] = decide(*target_, predictions_.row(i));
    return indices;
  }
  /// Classification: the predicted label of each row; views into the model's class names.
  std::vector<std::string_view> labels() const {
    std::vector<std::string_view> names;
    for (std::size_t index : label_indices()) names.push_back(target_->classes[index]);
    return names;
  }
  const std::vector<std::string>& classes() const { return target_->classes; }
  /// Regression of several outputs: their names; otherwise empty.
  const std::vector<std::string>& outputs() const { return target_->outputs; }
  const Predictions& raw() const { return predictions_; }

  /// The class that probabilities mean: by the threshold for two classes (which follows from costs where the target has
  /// them), else the first of the least expected cost, else the first of the largest.
  static std::size_t decide(const TargetInfo& target, std::span<const double> probabilities) {
    if (target.task == Task::binary)
      return probabilities[target.positive] >= target.decision_threshold ? target.positive : 1 - target.positive;
    if (!target.costs.empty()) return cheapest(target.costs, probabilities);
    std::size_t best = 0;
    for (std::size_t k = 1; k < probabilities.size(); ++k)
      if (probabilities[k] > probabilities[best]) best = k;
    return best;
  }

 private:
  static std::size_t cheapest(std::span<const double> costs, std::span<const double> probabilities) {
    const std::size_t classes = probabilities.size();
    std::size_t best = 0;
    double least = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      double cost = 0;
      for (std::size_t j = 0; j < classes; ++j) cost += probabilities[j] * costs[j * classes + k];
      if (k > 0 && !(cost < least)) continue;
      least = cost;
      best = k;
    }
    return best;
  }
  [[noreturn]] void wrong_kind(const char* asked, const char* right) const {
    throw Error("predict.wrong_kind", asked, "this is a " + task_name(target_->task) + " model",
                std::string("use ") + right);
  }
  std::shared_ptr<const TargetInfo> target_;
  Predictions predictions_;
};

}  // namespace automill
