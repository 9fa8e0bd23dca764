#pragma once
// Derived columns as a list of steps, each made of earlier ones: what a fitted GenerateFeatures holds. Data, no code: a
// step is an operation, two operands and, where rows are grouped, a table with an entry a group.
//
// The value of a step is a number or a group. Groups are counted from 0; the number of them stands for a group that
// training did not see, NaN for a missing one. Numbers that are not finite become NaN.

#include <automill/core/schema.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace automill::features {

/// input: a column (a category is a group). levels: the values of a number as groups. cross: two groups as one. From
/// `count` on, `first` is the group of a row, and `second` a number: the number of rows in the group, mean and standard
/// deviation in it, the share of the group's rows below, the difference to the group's mean, and the ratio to it.
enum class Operation : std::uint8_t {
  input,
  sum,
  difference,
  product,
  ratio,
  levels,
  cross,
  count,
  mean,
  deviation,
  rank,
  from_mean,
  over_mean
};
constexpr std::size_t operations = 13;

struct Step {
  Operation operation = Operation::input;
  std::uint32_t first = 0, second = 0;  ///< input: its column; else earlier steps, levels and count the same twice
  std::vector<double> numbers{};        ///< levels: ascending values; grouped: entries of the groups, then of unseen
  std::vector<std::uint64_t> keys{};    ///< cross: ascending: group of the first * 2^32 + group of the second
};

constexpr std::size_t rank_points = 16;  ///< of a group: its quantiles at (i + 1/2) / 16
constexpr std::size_t most_inputs = 8;   ///< that one step is made of, directly or not
constexpr std::size_t most_outputs = 1000, most_steps = 16 * most_outputs;

constexpr bool is_group(Operation operation) { return operation == Operation::levels || operation == Operation::cross; }
constexpr bool is_grouped(Operation operation) { return operation >= Operation::count; }
constexpr bool is_arithmetic(Operation operation) {
  return operation >= Operation::sum && operation <= Operation::ratio;
}
constexpr std::uint64_t cross_key(double first, double second) {
  return (static_cast<std::uint64_t>(first) << 32) | static_cast<std::uint64_t>(second);
}

/// Values of a step from those of its operands; of a row and of a block alike. O(log of the table) a row.
AUTOMILL_EXPORT void evaluate(const Step& step, const double* first, const double* second, std::size_t rows,
                              double* out) noexcept;

/// Steps and which of them are new columns.
struct AUTOMILL_EXPORT FeatureProgram {
  std::vector<Step> steps{};
  std::vector<std::uint32_t> outputs{};

  /// Number of groups of a step; 0 of a number.
  std::size_t groups(const Schema& input, std::uint32_t step) const;
  bool is_group(const Schema& input, std::uint32_t step) const;
  /// What is wrong with it, as read from a file; empty: nothing.
  std::string fault(const Schema& input) const;
  /// Its value as a formula and in words: "height / width", "ratio of height to width".
  std::string formula(const Schema& input, std::uint32_t step) const;
  std::string words(const Schema& input, std::uint32_t step) const;
  /// Names of the groups of a step: "red & small".
  std::vector<std::string> group_names(const Schema& input, std::uint32_t step) const;
  /// Memory that an output's names take, at most; without fault, O(groups).
  std::uint64_t bytes(const Schema& input, std::uint32_t output) const;
  /// Evaluates all steps in order; `values` holds `stride` of them a step, `inputs(column, out)` gives cells.
  template <class Inputs>
  void run(std::size_t rows, std::size_t stride, double* values, const Inputs& inputs) const {
    for (std::size_t s = 0; s < steps.size(); ++s) {
      const Step& step = steps[s];
      double* out = values + s * stride;
      if (step.operation == Operation::input) inputs(step.first, out);
      else evaluate(step, values + step.first * stride, values + step.second * stride, rows, out);
    }
  }

 private:
  std::vector<std::size_t> name_lengths(const Schema& input, std::uint32_t step) const;
};

}  // namespace automill::features
