#pragma once
// Predictions: rows x width numbers, row-major. Width is the number of classes (probabilities in class order), or 1 for
// a value; several outputs (quantities, or levels of quantiles) stand side by side.

#include <algorithm>
#include <automill/core/task.hpp>
#include <cstddef>
#include <cstdint>
#include <span>

namespace automill {

/// What a row of predictions holds.
struct OutputSpec {
  Task task = Task::regression;
  std::size_t width = 1;
  std::vector<std::string> classes{};
  std::size_t positive = 1;
  std::vector<std::string> outputs{};  ///< regression: names of the outputs where there are several, else empty
};

/// A caller's buffer for predictions.
struct PredictionsView {
  double* data = nullptr;
  std::size_t rows = 0, width = 1;
  std::span<double> row(std::size_t i) const { return {data + i * width, width}; }
  PredictionsView part(std::size_t first, std::size_t count) const { return {data + first * width, count, width}; }
};

struct Predictions {
  std::size_t width = 1;
  std::vector<double> values{};
  Predictions() = default;
  Predictions(std::size_t rows, std::size_t columns) : width(columns), values(rows * columns) {}
  std::size_t rows() const { return width == 0 ? 0 : values.size() / width; }
  std::span<const double> row(std::size_t i) const { return {values.data() + i * width, width}; }
  PredictionsView view() { return {values.data(), rows(), width}; }
  /// Puts the predictions of some rows (a fold) where they belong. Precondition: the same width.
  void put(std::span<const std::uint32_t> row_numbers, const Predictions& part) {
    for (std::size_t i = 0; i < row_numbers.size(); ++i)
      std::copy_n(part.values.data() + i * width, width, values.data() + row_numbers[i] * width);
  }
};

}  // namespace automill
