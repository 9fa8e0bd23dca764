#pragma once
// A loss of the user's own for gradient boosting: a function that fills the gradients and Hessians of all rows.
//
//   OwnObjective squared{.name = "squared",
//                        .derivatives = [](const ObjectiveRows& rows, std::span<double> gradients,
//                                          std::span<double> hessians) {
//                          for (std::size_t i = 0; i < rows.size(); ++i) {
//                            gradients[i] = rows.scores[i] - rows.targets[i];
//                            hessians[i] = 1;
//                          }
//                        }};
//   FitResult fit = GradientBoosting({.n_estimators = 200}).with_objective(squared).fit(dataset);
//
// What is predicted follows from the task: the score itself for numbers, its logistic function for two classes, the
// softmax of a row's scores for more. The fitted model is an ordinary ensemble of trees, which is saved and loaded
// without the function; parameters as data say "own: squared".
//
// Folds are fitted side by side and call the functions from several threads at once. Models are the same for any number
// of threads, and for any order of rows, where each row's derivatives follow from that row alone.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace automill {

/// Rows of a fit, in the order of its view. A number and two classes have one score a row, more classes one a class,
/// several numbers one each: score k of row i is scores[i * outputs + k]; gradients and Hessians lie in the same way.
struct ObjectiveRows {
  std::span<const double> scores{};
  std::span<const double> targets{};  ///< the number, or the row's numbers; of two classes, 1 for the positive one and
                                      ///< 0; of more, the class
  std::span<const double> weights{};  ///< empty: all one
  std::size_t outputs = 1;
  std::size_t size() const { return scores.size() / outputs; }
};

struct OwnObjective {
  std::string name = "objective";

  /// Called once a round for all outputs (with `leaf_iterations` n, n times). Gradients must be finite, Hessians finite
  /// and not negative; what is left unfilled counts as NaN.
  std::function<void(const ObjectiveRows& rows, std::span<double> gradients, std::span<double> hessians)> derivatives{};

  /// Fills the loss of each row, for early stopping and learning curves, where the weighted mean counts. Without it:
  /// the squared error, or the log loss.
  std::function<void(const ObjectiveRows& rows, std::span<double> losses)> loss{};

  /// Every score before the first tree. Without it the prior of the task (mean, log-odds, logs of shares), from which
  /// losses on the scale of the predictions start best; a loss of numbers with a logarithmic link needs one, such as 0.
  std::optional<double> base_score{};

  /// The derivatives have the weights in them; otherwise AutoMill multiplies by the weights.
  bool weighted = false;

  /// How parameters as data name it: the function itself is not in them.
  std::string label() const { return label_prefix + name; }
  static constexpr const char* label_prefix = "own: ";
};

}  // namespace automill
