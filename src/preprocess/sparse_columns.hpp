#pragma once
// Sparse columns made row by row: rows give their cells that are not 0, columns come out. O(cells + columns).

#include <automill/core/run_context.hpp>
#include <automill/core/table.hpp>

namespace automill {

class SparseRows {
 public:
  struct Cell {
    std::uint32_t column;
    double value;
  };
  /// Cells of some rows, one after the other.
  class Block {
   public:
    void add(std::size_t column, double value) { cells_.push_back({static_cast<std::uint32_t>(column), value}); }

   private:
    friend class SparseRows;
    std::vector<Cell> cells_{};
    std::vector<std::size_t> ends_{};  ///< of each row
  };

  SparseRows(std::size_t rows, const RunContext& context) : rows_(rows), context_(&context) {}

  /// `make()` gives one body a block of rows: body(row, Block&) adds the cells of a row, each column at most once.
  template <class Make>
  void fill(const Make& make) {
    blocks_.resize((rows_ + block_rows - 1) / block_rows);
    for_each_block(context_->executor(), rows_, block_rows, [&](std::size_t begin, std::size_t end) {
      auto body = make();
      Block& block = blocks_[begin / block_rows];
      for (std::size_t row = begin; row < end; ++row) {
        if (row % 64 == 0) context_->stop.throw_if_requested();
        body(row, block);
        block.ends_.push_back(block.cells_.size());
      }
    });
  }

  /// One column for each description. The columns share one piece of memory.
  std::vector<ColumnPtr> columns(std::span<const ColumnSchema> schemas) {
    struct Owned {
      std::vector<std::int32_t> rows;
      std::vector<double> values;
    };
    std::vector<std::size_t> next(schemas.size() + 1, 0);
    for (const Block& block : blocks_)
      for (const Cell& cell : block.cells_) ++next[cell.column + 1];
    for (std::size_t c = 0; c < schemas.size(); ++c) next[c + 1] += next[c];
    const std::vector<std::size_t> starts = next;
    const MemoryClaim claim(context_->memory, 28 * starts.back(), "cells of sparse columns");
    auto owned = std::make_shared<Owned>();
    owned->rows.resize(starts.back());
    owned->values.resize(starts.back());
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      context_->stop.throw_if_requested();
      const Block& block = blocks_[b];
      std::size_t at = 0;
      for (std::size_t i = 0; i < block.ends_.size(); ++i) {
        for (; at < block.ends_[i]; ++at) {
          const std::size_t place = next[block.cells_[at].column]++;
          owned->rows[place] = static_cast<std::int32_t>(b * block_rows + i);
          owned->values[place] = block.cells_[at].value;
        }
      }
      blocks_[b] = {};
    }
    std::vector<ColumnPtr> made;
    made.reserve(schemas.size());
    for (std::size_t c = 0; c < schemas.size(); ++c) {
      if (c % 4096 == 0) context_->stop.throw_if_requested();
      const std::size_t count = starts[c + 1] - starts[c];
      made.push_back(make_sparse_column(schemas[c], rows_, std::span(owned->rows).subspan(starts[c], count),
                                        std::span<const double>(owned->values).subspan(starts[c], count), owned));
    }
    return made;
  }

 private:
  static constexpr std::size_t block_rows = 1024;
  std::size_t rows_;
  const RunContext* context_;
  std::vector<Block> blocks_{};
};

}  // namespace automill
