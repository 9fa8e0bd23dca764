#pragma once
// The best split of one node from its histogram. All sums are in integer units, so the choice is the same for any order
// of rows; gains are reported in units of the loss.

#include <automill/learners/tree/binning.hpp>
#include <automill/learners/tree/gradients.hpp>

namespace automill::tree {

/// Rows of a child are counted by their share of the node's Hessian (as LightGBM counts them): exact where the Hessian
/// is constant; elsewhere rows that are settled count little and undecided ones more, so that a few of those may form a
/// leaf of their own. Counting rows exactly was tried: log-loss of cnae_9 0.49 instead of 0.23.
struct SplitParameters {
  double min_rows = 20, min_hessian = 1e-3;  ///< of each child
  double l1 = 0, l2 = 0, min_gain = 0;
  double cat_smooth = 10, cat_l2 = 10;  ///< categories: smoothing of the sort order, extra penalty
  int max_cat_threshold = 32;           ///< categories on the smaller side
  int max_cat_to_onehot = 4;            ///< up to so many categories, one is split from the others
  double min_rows_per_group = 100;      ///< rows between two tried positions in the order of categories
  double path_smooth = 0;     ///< pulls each node's value towards its parent's: w n / (n + s) + parent s / (n + s)
  double max_delta_step = 0;  ///< most that a leaf may be away from 0; 0: no limit
  std::vector<std::int8_t> monotone{};  ///< by column: 1 rising, -1 falling, 0 free; empty: all free

  /// Children's values do not follow from their sums alone.
  bool constrained() const { return path_smooth > 0 || max_delta_step > 0 || !monotone.empty(); }
};

/// A node's totals, its value as a leaf and the bounds of that.
struct NodeTotals {
  PackedSum sum;
  double rows = 0;
  double value = 0;
  double lower = -std::numeric_limits<double>::infinity(), upper = std::numeric_limits<double>::infinity();
};

struct Split {
  double gain = -std::numeric_limits<double>::infinity();  ///< of both children less the node's
  std::uint32_t group = 0, lane = 0, column = 0;
  bool categorical = false;
  bool missing_left = false;               ///< numbers
  std::uint32_t bin = 0;                   ///< numbers: last bin of the left side
  std::vector<std::uint64_t> left_bins{};  ///< categories: set of bins
  double extra_l2 = 0;                     ///< categories: part of the children's penalty
  PackedSum left{};

  bool found() const { return gain > -std::numeric_limits<double>::infinity(); }
  bool goes_left(std::size_t code) const {
    if (categorical) return ((left_bins[code / 64] >> (code % 64)) & 1) != 0;
    return code == 0 ? missing_left : code <= bin;
  }
};

/// One histogram: [group][bin][lane] packed sums, and a second plane of the same size where sums are wide.
struct HistogramView {
  const std::int64_t* first = nullptr;
  const std::int64_t* second = nullptr;
  PackedSum at(std::size_t entry) const { return {first[entry], second != nullptr ? second[entry] : 0}; }
  HistogramView from(std::size_t entry) const { return {first + entry, second != nullptr ? second + entry : nullptr}; }
};

/// 1 where the left child's values may not be above the right one's, -1 where not below, 0 where the column is free or
/// the split separates missing values from all numbers.
int order_of_children(const BinnedTable& bins, const std::vector<std::int8_t>& monotone, std::uint32_t column,
                      std::size_t bin, bool missing_left);

/// Random thresholds of a node: of each column one.
struct RandomThresholds {
  std::uint64_t seed = 0, node = 0;
  /// In [0, 1), of the column's thresholds.
  double of(std::uint32_t column) const {
    return RandomStream(seed, purpose("random threshold"), combine_hashes(node, column)).uniform();
  }
};

/// Searches in one thread at a time.
class SplitFinder {
 public:
  AUTOMILL_EXPORT SplitFinder(const BinnedTable& bins, const GradientScale& scale, const SplitParameters& parameters);

  /// Improves `best` by the best split of the chosen lanes of a group. `random_bins`: null, or for each lane the only
  /// threshold that is tried, as a number in [0, 1) of the lane's thresholds.
  AUTOMILL_EXPORT void find(std::size_t group, std::span<const std::uint8_t> lanes, HistogramView histogram,
                            const NodeTotals& node, const double* random_bins, Split& best) const;

  /// The same for some of the sparse columns. `random`: null, or draws the only threshold of each.
  AUTOMILL_EXPORT void find_sparse(std::span<const std::uint32_t> lanes, HistogramView histogram,
                                   const NodeTotals& node, const RandomThresholds* random, Split& best) const;

  /// -T(G) / (H + l2 + extra_l2), within max_delta_step, smoothed towards the parent's value, within the node's bounds.
  /// `parent`: null for the root, which is not smoothed.
  AUTOMILL_EXPORT double leaf_value(const NodeTotals& node, double extra_l2, const NodeTotals* parent = nullptr) const;

 private:
  struct Node {  // a node's totals and what follows from them once
    Moments total;
    double rows = 0, count_per_hessian = 0, score = 0;
    double value = 0, lower = 0, upper = 0;  ///< in units of gradient / Hessian
    double lowest = 0, highest = 0;          ///< Hessians of the left side with enough rows and weight on both sides
  };
  struct Category {  // in a node
    std::uint32_t bin = 0;
    Moments sum{};
    double count = 0;
    PackedSum packed{};
  };
  Node prepare(const NodeTotals& node) const;
  double count(const Moments& sum, const Node& node) const;
  double score(const Moments& sum, double l2) const;
  double gain(const Moments& left, const Node& node, double l2) const;
  double value(const Moments& sum, double rows, double l2, double parent, double lower, double upper) const;
  double score_at(const Moments& sum, double l2, double value) const;
  double constrained_gain(const Moments& left, const Node& node, double l2, int sign) const;
  bool allowed(const Moments& left, const Node& node) const;
  bool better(double gain, std::uint32_t column, const Split& best) const;
  void offer(double gain, std::uint32_t column, Split& best, const Split& candidate) const;

  void find_numbers(const BinnedTable::Group&, std::uint32_t group, std::span<const std::uint8_t> lanes, HistogramView,
                    const Node&, const double* random_bins, Split& best) const;
  void find_number(const BinnedTable::Group&, std::uint32_t group, std::uint32_t lane, HistogramView, const Node&,
                   const double* random_bins, Split& best) const;
  void list_categories(const BinnedTable::Group&, std::size_t lane, HistogramView, const Node&,
                       double least_rows) const;
  void find_categories(const BinnedTable::Group&, std::uint32_t group, std::uint32_t lane, HistogramView, const Node&,
                       const double* random_bins, Split& best) const;
  void try_one_hot(const Node&, Split& candidate, double& gain, const double* random) const;
  void try_subsets(const Node&, Split& candidate, double& gain, const double* random) const;

  void find_sparse_block(std::span<const std::uint32_t> lanes, HistogramView sparse, const NodeTotals& totals,
                         const Node&, const RandomThresholds* random, Split& best) const;

  const BinnedTable* bins_;
  GradientScale scale_;
  SplitParameters parameters_;
  bool constrained_;
  mutable BinnedTable::Group block_group_;                  ///< of sparse columns, written out
  mutable std::vector<std::int64_t> block_, second_block_;  ///< their histogram
  mutable std::vector<std::uint32_t> used_bins_;            ///< of the column that is searched
  mutable std::vector<Category> categories_;                ///< of those bins
  mutable std::vector<std::int64_t> order_;                 ///< sort keys of those that are used
  double l1_, l2_, cat_l2_, cat_smooth_, min_hessian_, min_rows_, gain_unit_, value_unit_;
};

}  // namespace automill::tree
