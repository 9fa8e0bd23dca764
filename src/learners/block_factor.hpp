#pragma once
// Symmetric matrices of some thousand rows in blocks, their Cholesky factors and inverses, which can be stopped between
// blocks and are the same bits for any number of threads.

#include <automill/core/run_context.hpp>

#include "linear_kernels.hpp"

namespace automill::linear {

/// The blocks on and below the diagonal, tile_rows rows and columns each. A block holds its columns one after the
/// other, tile_rows numbers each; rows beyond the size are 0.
class SymmetricBlocks {
 public:
  SymmetricBlocks() = default;
  explicit SymmetricBlocks(std::size_t size);
  static std::uint64_t bytes(std::size_t size);

  std::size_t size() const { return size_; }
  std::size_t blocks() const { return (size_ + tile_rows - 1) / tile_rows; }
  /// Rows, or columns, of block number `i` of them.
  std::size_t width(std::size_t i) const { return std::min(tile_rows, size_ - i * tile_rows); }
  double* block(std::size_t row, std::size_t column) { return lower_[row * (row + 1) / 2 + column].data(); }
  const double* block(std::size_t row, std::size_t column) const { return lower_[row * (row + 1) / 2 + column].data(); }
  /// Precondition: row >= column.
  double& at(std::size_t row, std::size_t column) {
    return block(row / tile_rows, column / tile_rows)[column % tile_rows * tile_rows + row % tile_rows];
  }
  double at(std::size_t row, std::size_t column) const { return const_cast<SymmetricBlocks*>(this)->at(row, column); }
  /// Element (i, j) times factors[i] factors[j].
  void scale(const std::vector<double>& factors);
  /// The product with a vector.
  std::vector<double> times(const std::vector<double>& x) const;

 private:
  std::size_t size_ = 0;
  std::vector<std::vector<double>> lower_{};
};

/// Block (i, j) of all that are on and below the diagonal, in parallel; false: stopped.
bool for_each_lower_block(std::size_t blocks, const RunContext& context,
                          const std::function<void(std::size_t row, std::size_t column)>& body);

class BlockFactor {
 public:
  /// `matrix` = L L', positive definite; pivots below `least` count as that. Nothing when stopped. O(size^3).
  static std::optional<BlockFactor> of(SymmetricBlocks matrix, double least, const RunContext& context);

  /// log |matrix|.
  double log_determinant() const { return 2 * log_determinant_; }
  std::vector<double> solve(const std::vector<double>& x) const;

  /// L^-1, row by row below each other: row i has i + 1 numbers.
  class Inverse {
   public:
    std::vector<double> packed() const;
    /// The inverse of the matrix. Nothing when stopped.
    std::optional<SymmetricBlocks> square(const RunContext& context) const;

   private:
    friend class BlockFactor;
    SymmetricBlocks transposed_{};  ///< block (i, j) holds L^-1's block (i, j) transposed: rows of j, columns of i
  };
  std::optional<Inverse> inverse(const RunContext& context) const;

 private:
  bool factorise(double least, const RunContext& context);
  bool factorise_diagonal(std::size_t i, double least, const StopToken& stop);

  SymmetricBlocks factor_{};    ///< below the diagonal L; on it, the inverses of L's diagonal blocks
  double log_determinant_ = 0;  ///< of L
};

/// x of `matrix` x = right, of whose `matrix` the lower triangle is read, row by row: by rows where it is small, by
/// blocks otherwise. Pivots below `least` count as that. Nothing when stopped. O(size^3).
std::optional<std::vector<double>> solve_system(std::vector<double> matrix, std::size_t size, std::vector<double> right,
                                                double least, const RunContext& context);

}  // namespace automill::linear
