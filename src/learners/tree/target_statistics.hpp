#pragma once
// Categories as numbers: the mean of the target among the rows of a category, smoothed towards the mean of all, and how
// often it occurs. A training row's own target must not be in its number: rows get the mean of the rows before them in
// a random order (ordered target statistics; Prokhorenkova et al. 2018, "CatBoost", section 3.2). There are several
// orders, and each tree takes one; other rows, and prediction, use all training rows. Columns that tell more together
// have numbers of their crosses, too (category_crosses.hpp).
//
// The numbers are codes of columns that are put behind the binned ones (BinnedTable::extend), so a category costs a
// tree no more than a number does, and a threshold on them is a set of categories in the fitted tree.

#include <automill/core/run_context.hpp>
#include <automill/learners/tree/binning.hpp>
#include <automill/learners/tree/objective.hpp>

#include "learners/tree/category_crosses.hpp"

namespace automill::tree {

struct StatisticsOptions {
  std::size_t orders = 4;
  std::size_t min_categories = 5;  ///< columns with fewer are left to one-hot splits
  CrossOptions crosses{};
};

class TargetStatistics {
 public:
  /// `rows`: training rows in the table, with their keys and targets. Throws StoppedWhileBinning.
  TargetStatistics(std::shared_ptr<const BinnedTable> table, std::span<const std::uint32_t> rows,
                   std::span<const std::uint64_t> keys, const TargetRows& targets, const StatisticsOptions& options,
                   const RunContext& context);

  /// No column has enough categories.
  bool empty() const { return derived_.empty(); }
  std::size_t orders() const { return ordered_.size(); }
  /// Training rows by order number `order`, other rows of the table by all training rows.
  const std::shared_ptr<const BinnedTable>& ordered(std::size_t order) const { return ordered_[order]; }
  /// All rows by all training rows. `table`: that of the training rows, or one like it.
  std::shared_ptr<const BinnedTable> complete(std::shared_ptr<const BinnedTable> table,
                                              const RunContext& context) const;

  /// Bytes of the tables of all orders.
  static std::uint64_t estimate_bytes(const BinnedTable& table, std::size_t outputs, const StatisticsOptions& options);

 private:
  /// What a derived column holds.
  struct Kind {
    std::optional<std::size_t> signal{};  ///< none: the number of rows
    double smoothing = 0;                 ///< rows of the mean of all that are added
  };
  /// A category column or a cross, with the derived columns that follow `first`.
  struct Source {
    std::uint32_t column = 0;
    std::size_t first = 0, kinds = 0;
  };
  struct Sums;

  void read_signals(const TargetRows& targets);
  void find_crosses(std::span<const std::uint32_t> order, const StatisticsOptions& options, const RunContext& context);
  void list_columns(const StatisticsOptions& options);
  /// `bins`: of each source, by row of the table.
  using SourceBins = std::vector<std::vector<std::uint16_t>>;
  SourceBins bins_of_sources(const BinnedTable& table, const RunContext& context) const;
  std::shared_ptr<const BinnedTable> make_order(std::span<const std::uint32_t> walk, bool first, const SourceBins& bins,
                                                const RunContext& context);
  void walk_source(const Source& source, const std::vector<std::uint16_t>& bin_of, std::span<const std::uint32_t> walk,
                   bool first, std::span<std::uint8_t> codes);
  void set_mapping(std::size_t derived, const Source& source, const Kind& kind, std::vector<double> values,
                   const Sums& sums);
  double value(const Kind& kind, const Sums& sums, std::size_t bin) const;
  std::uint8_t code(std::size_t derived, double value) const;

  std::shared_ptr<const BinnedTable> table_;
  std::span<const std::uint32_t> rows_;
  std::vector<double> weights_;               ///< of each training row
  std::vector<std::vector<double>> signals_;  ///< [signal][training row]: what is averaged
  std::vector<double> means_;                 ///< of each signal
  std::vector<BinMapping> crosses_;
  std::vector<BinMapping> mappings_;  ///< of the table and the crosses
  std::vector<Source> sources_;
  std::vector<Kind> kinds_;  ///< of each derived column
  std::vector<BinMapping> derived_;
  std::vector<std::shared_ptr<const BinnedTable>> ordered_;
};

}  // namespace automill::tree
