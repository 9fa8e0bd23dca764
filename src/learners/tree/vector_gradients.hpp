#pragma once
// What the splits of a tree with several outputs are searched by: gradients in few columns, and one Hessian.
//
// Up to seven outputs have a column each. More are put into seven (SketchBoost: Iosipoi and Vakhrushev 2022, arXiv
// 2211.12858): each output is added to one column, drawn for each tree, with a random sign (a count sketch, Charikar,
// Chen and Farach-Colton 2002), so that the expected sum of squares over the columns is that over the outputs. It is
// the projection that costs one addition a row and output. The Hessian is the mean of all outputs'. Seven columns and
// the Hessian are one line of the cache: an entry of a histogram is one addition of a vector.
//
//   VectorGradients columns(units);
//   columns.begin(rows.size(), seed);
//   for (k ...) columns.add(k, gradients_of_output_k);
//   columns.pack(rows, table_rows);

#include <automill/learners/tree/gradients.hpp>
#include <automill/learners/tree/lines_of_integers.hpp>

namespace automill::tree {

class VectorGradients {
 public:
  static constexpr std::size_t most_columns = 7;

  /// `units`: of each output's loss. Gains of outputs are added in these units, so that all count alike.
  explicit VectorGradients(std::vector<double> units);

  /// Draws where the outputs go.
  void begin(std::size_t training_rows, std::uint64_t seed);
  void add(std::size_t output, const QuantisedGradients& gradients);
  /// Size of a row's gradient, the root of its columns' squares, and its Hessian, for sampling of rows.
  void pool(QuantisedGradients& out) const;
  /// To integers, by row of the table. Error when a gradient is not finite.
  void pack(std::span<const std::uint32_t> rows, std::size_t table_rows);

  /// Integers of a row: its columns, zeros, and the Hessian last.
  std::size_t entry_size() const { return entry_size_of(columns_.size()); }
  static constexpr std::size_t entry_size_of(std::size_t outputs) { return outputs < 4 ? 4 : 8; }
  const std::int64_t* entry(std::uint32_t row) const { return entries_.data() + row * entry_size(); }
  double gradient_unit() const { return scale_.gradient_unit; }
  double hessian_unit() const { return scale_.hessian_unit; }
  /// Bytes for `outputs` outputs.
  static std::uint64_t estimate_bytes(std::size_t rows, std::size_t table_rows, std::size_t outputs);

 private:
  double mean_hessian(std::size_t i) const;

  std::vector<double> units_;
  std::vector<std::uint32_t> column_of_;  ///< of each output
  std::vector<double> factors_;           ///< of each output: its sign and unit
  std::vector<std::vector<double>> columns_;
  std::vector<double> hessians_;  ///< sums over the outputs
  GradientScale scale_;
  LinesOfIntegers entries_;
};

}  // namespace automill::tree
