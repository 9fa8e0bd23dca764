#include <automill/preprocess/truncated_svd.hpp>
#include <cmath>

#include "column_statistics.hpp"
#include "data/row_cells.hpp"
#include "linear_algebra.hpp"
#include "truncated_svd_fitted.hpp"

namespace automill {
namespace {

using RowMatrix =
    automill_eigen::Matrix<double, automill_eigen::Dynamic, automill_eigen::Dynamic, automill_eigen::RowMajor>;
using automill_eigen::Index;

/// The rows, each times the square root of its copies and divided by the largest magnitude of a cell; also by columns.
class ScaledRows {
 public:
  ScaledRows(const DatasetView& train, std::span<const std::uint32_t> used, const RunContext& context)
      : context_(&context),
        rows_(row_cells(train.features(), used, context.stop)),
        claim_(context.memory, 24 * rows_.values.size(), "cells of a singular value decomposition") {
    const std::vector<double> counts = row_counts(train);
    double largest = 0;
    for (double& value : rows_.values) {
      value = FittedTruncatedSvd::used_value(value);
      largest = std::max(largest, std::abs(value));
    }
    for (std::size_t i = 0; i < train.rows(); ++i) {
      const double root = counts.empty() ? 1 : std::sqrt(counts[i]);
      for (std::size_t a = rows_.starts[i]; a < rows_.starts[i + 1]; ++a)
        rows_.values[a] = largest > 0 ? rows_.values[a] / largest * root : 0;
    }
    transpose(used.size());
  }

  std::size_t rows() const { return rows_.starts.size() - 1; }
  /// The cells as a matrix A: A B and A' B.
  RowMatrix times(const RowMatrix& b) const { return product(rows_, b); }
  RowMatrix transposed_times(const RowMatrix& b) const { return product(columns_, b); }

 private:
  void transpose(std::size_t columns) {
    columns_.starts.assign(columns + 1, 0);
    for (std::uint32_t c : rows_.columns) ++columns_.starts[c + 1];
    for (std::size_t c = 0; c < columns; ++c) columns_.starts[c + 1] += columns_.starts[c];
    columns_.columns.resize(rows_.columns.size());
    columns_.values.resize(rows_.values.size());
    std::vector<std::size_t> next(columns_.starts.begin(), columns_.starts.end() - 1);
    for (std::size_t i = 0; i < rows(); ++i)
      for (std::size_t a = rows_.starts[i]; a < rows_.starts[i + 1]; ++a) {
        const std::size_t place = next[rows_.columns[a]]++;
        columns_.columns[place] = static_cast<std::uint32_t>(i);
        columns_.values[place] = rows_.values[a];
      }
  }
  RowMatrix product(const RowCells& cells, const RowMatrix& b) const {
    const std::size_t n = cells.starts.size() - 1;
    RowMatrix out = RowMatrix::Zero(static_cast<Index>(n), b.cols());
    for_each_block(context_->executor(), n, 256, [&](std::size_t begin, std::size_t end) {
      context_->stop.throw_if_requested();
      for (std::size_t i = begin; i < end; ++i) {
        auto row = out.row(static_cast<Index>(i));
        for (std::size_t a = cells.starts[i]; a < cells.starts[i + 1]; ++a)
          row += cells.values[a] * b.row(static_cast<Index>(cells.columns[a]));
      }
    });
    return out;
  }

  const RunContext* context_;
  RowCells rows_;
  RowCells columns_{};  ///< the same with the parts of rows and columns exchanged
  MemoryClaim claim_;
};

/// Eigenvalues and vectors of a symmetric matrix, largest first.
struct Eigensystem {
  std::vector<double> values{};
  RowMatrix vectors{};
  explicit Eigensystem(const RowMatrix& symmetric) {
    const automill_eigen::SelfAdjointEigenSolver<RowMatrix> solver(symmetric);
    const Index size = symmetric.rows();
    vectors = solver.eigenvectors().rowwise().reverse();
    for (Index k = 0; k < size; ++k) values.push_back(std::max(0.0, solver.eigenvalues()(size - 1 - k)));
  }
};

/// Orthonormal columns with the range of the matrix's, in which directions of no extent are left out.
RowMatrix orthonormal(RowMatrix matrix) {
  for (int pass = 0; pass < 2; ++pass) {  // the second makes good what rounding left of the first
    const Eigensystem gram(matrix.transpose() * matrix);
    Index rank = 0;
    while (rank < matrix.cols() && gram.values[static_cast<std::size_t>(rank)] > 1e-14 * gram.values[0]) ++rank;
    RowMatrix scaled = gram.vectors.leftCols(rank);
    for (Index k = 0; k < rank; ++k) scaled.col(k) /= std::sqrt(gram.values[static_cast<std::size_t>(k)]);
    matrix = matrix * scaled;
  }
  return matrix;
}

/// A space of columns that holds the leading right singular vectors, about.
RowMatrix leading_space(const ScaledRows& cells, std::size_t columns, std::size_t size, int iterations,
                        const RunContext& context) {
  if (columns <= size) return RowMatrix::Identity(static_cast<Index>(columns), static_cast<Index>(columns));
  RowMatrix space(static_cast<Index>(columns), static_cast<Index>(size));
  for (std::size_t j = 0; j < columns; ++j) {
    RandomStream random = context.random("truncated svd", j);
    for (std::size_t k = 0; k < size; ++k) space(static_cast<Index>(j), static_cast<Index>(k)) = random.normal();
  }
  space = orthonormal(std::move(space));
  for (int i = 0; i < iterations; ++i) {
    context.stop.throw_if_requested();
    space = orthonormal(cells.transposed_times(cells.times(space)));
  }
  return space;
}

/// Each column's entry of largest magnitude becomes positive.
void fix_signs(RowMatrix& vectors) {
  for (Index k = 0; k < vectors.cols(); ++k) {
    Index largest = 0;
    for (Index j = 1; j < vectors.rows(); ++j)
      if (std::abs(vectors(j, k)) > std::abs(vectors(largest, k))) largest = j;
    if (vectors.rows() > 0 && vectors(largest, k) < 0) vectors.col(k) = -vectors.col(k);
  }
}

}  // namespace

DataShape TruncatedSvd::output_shape(const DataShape& input) const {
  DataShape made = input;
  made.columns = std::min(input.columns, input.texts + static_cast<std::size_t>(parameters_.components));
  made.nonzeros = 0;
  return made;
}

/// Products of the cells with all directions, there and back in each iteration; the directions of the columns twice.
CostEstimate TruncatedSvd::cost(const DataShape& input) const {
  const auto rows = static_cast<double>(input.rows), columns = static_cast<double>(input.columns);
  const double wide = std::min(columns, static_cast<double>(parameters_.components + parameters_.oversampling));
  const double passes = 2.0 * parameters_.iterations + 2;
  return {passes * wide * (2 * rows * input.filled() + 2 * columns * wide),
          8 * wide * (rows + 3 * columns) + 12 * rows * input.filled()};
}

std::unique_ptr<FittedTransformer> TruncatedSvd::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  const std::vector<std::uint32_t> used = FittedTruncatedSvd::columns_used(schema);
  const std::size_t components = std::min(used.size(), static_cast<std::size_t>(parameters_.components));
  std::vector<float> vectors(used.size() * components, 0.0F);
  if (components > 0 && train.rows() > 0) {
    const auto size = static_cast<std::size_t>(parameters_.components + parameters_.oversampling);
    const std::size_t most = std::min(size, used.size());
    const MemoryClaim claim(context.memory, 8 * most * (2 * used.size() + train.rows()), "singular vectors");
    const ScaledRows cells(train, used, context);
    const RowMatrix space = leading_space(cells, used.size(), size, parameters_.iterations, context);
    const RowMatrix image = cells.times(space);
    const Eigensystem found(image.transpose() * image);
    RowMatrix right = space * found.vectors.leftCols(std::min<Index>(space.cols(), static_cast<Index>(components)));
    fix_signs(right);
    for (Index k = 0; k < right.cols(); ++k) {
      if (!(found.values[static_cast<std::size_t>(k)] > 1e-14 * found.values[0])) break;
      for (std::size_t j = 0; j < used.size(); ++j)
        vectors[j * components + static_cast<std::size_t>(k)] = static_cast<float>(right(static_cast<Index>(j), k));
    }
  }
  return std::make_unique<FittedTruncatedSvd>(schema, components, std::move(vectors));
}

}  // namespace automill
