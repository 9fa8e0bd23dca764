#pragma once
// Training rows as target encoding sees them: in an order of their content, cut into parts (rows that are held out in
// the same outer fold) and cells (what inner folds are made of). A part and a cell of it are a slot. Nothing that is
// said of a slot depends on the targets of another one.

#include <automill/core/run_context.hpp>
#include <automill/core/split.hpp>

namespace automill {

/// Outer folds to be encoded together, or one training set by itself.
class OuterFolds {
 public:
  explicit OuterFolds(const DatasetView& train);
  explicit OuterFolds(const FoldedDataset& folded);
  static constexpr std::int32_t no_part = -1;

  const Dataset& dataset() const { return trains_.front().dataset(); }
  std::size_t folds() const { return trains_.size(); }
  std::size_t parts() const { return parts_; }
  const DatasetView& train(std::size_t fold) const { return trains_[fold]; }
  /// Of a row of the dataset; `no_part` where no fold trains on it.
  std::int32_t part(std::size_t row) const { return part_of_[row]; }
  /// Whether a fold trains on a part.
  bool trains(std::size_t part, std::size_t fold) const { return trains_on_[fold * parts_ + part] != 0; }

 private:
  std::vector<DatasetView> trains_;
  std::size_t parts_ = 1;
  std::vector<std::int32_t> part_of_;
  std::vector<std::uint8_t> trains_on_;
};

/// What is summed up of some rows, row by row.
struct TargetCells {
  static constexpr std::int32_t no_signal = -1;

  std::vector<std::uint16_t> slots{};  ///< part * cells + cell
  std::vector<std::int32_t> labels{};  ///< classes: the signal that is 1, or no_signal where all are 0
  std::vector<double> values{};        ///< regression: rows x signals, less the shift of the slot
  std::vector<double> weights{};       ///< empty: all one
};

/// The rows that any fold trains on. "Position" is a place in this order.
struct TargetRows : TargetCells {
  /// `in_order`: whether the order itself matters, not only that sums do not depend on that of the table.
  TargetRows(const OuterFolds& outer, std::size_t inner_folds, bool in_order, const RunContext& context);

  std::size_t size() const { return rows.size(); }
  std::size_t part(std::size_t position) const { return slots[position] / cells; }

  std::vector<std::uint32_t> rows;        ///< of the dataset, by a hash of their content where order matters
  std::size_t cells = 0;                  ///< a part
  std::vector<std::uint8_t> cell_of_row;  ///< of each row of the dataset
  std::size_t signals = 1;                ///< what is averaged: outputs, or classes (of two, the positive one)
  bool classes = false;
  std::vector<double> shifts;     ///< regression: slots x signals, about the mean
  std::size_t kinds = 1;          ///< classes, or 1
  std::vector<double> kind_rows;  ///< rows of each slot and kind

 private:
  void sort(const OuterFolds& outer, bool in_order, const RunContext& context);
  void place(const OuterFolds& outer, const RunContext& context);
  void take_targets(const OuterFolds& outer, const Target& target, const StopToken& stop);
};

/// The inner fold of each cell for an outer fold: of the classes of its training rows, inner folds get about equal
/// shares.
std::vector<std::uint8_t> inner_folds(const TargetRows& rows, const OuterFolds& outer, std::size_t fold,
                                      std::size_t count);

}  // namespace automill
