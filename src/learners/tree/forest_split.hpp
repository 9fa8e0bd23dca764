#pragma once
// The best split of a node of a forest on one column: all thresholds between the codes that the node holds, or one
// drawn at random. The criterion is the sum over both sides of S^2 / W - for numbers the reduction of variance, for
// classes of the Gini index. Of several outputs, the reductions are added up as shares of the variance of all rows.

#include <span>

#include "learners/tree/forest_target.hpp"

namespace automill::tree {

/// A training row in a tree.
struct ForestItem {
  std::uint32_t row = 0;     ///< of the binned table
  std::uint32_t weight = 0;  ///< with the number of its copies
  std::int64_t value = 0;    ///< as in ForestTarget::values; of several outputs, their row there
};

/// What a node holds.
struct ForestSums {
  double weight = 0;
  double rows = 0;                      ///< items
  std::int64_t moment = 0;              ///< sum of weight * value
  std::vector<double> classes{};        ///< weight of each class, where there are more than two
  std::vector<std::int64_t> moments{};  ///< of several outputs
  double squares = 0;                   ///< sum of the squares of those

  double score() const {
    const auto sum = static_cast<double>(moment);
    return (classes.empty() && moments.empty() ? sum * sum : squares) / weight;
  }
};

struct ForestSplit {
  double score = -std::numeric_limits<double>::infinity();  ///< of both sides
  std::uint32_t column = 0;                                 ///< position among the forest's columns
  std::uint32_t last = 0;                                   ///< codes up to this one go left
  bool missing_left = false;
  bool found() const { return score > -std::numeric_limits<double>::infinity(); }
};

/// Which codes go left, in one comparison: where missing values (code 0) go right, they wrap around.
class CodeSides {
 public:
  CodeSides(bool has_missing, const ForestSplit& split)
      : first_(has_missing && !split.missing_left ? 1 : 0), span_(split.last - first_) {}
  bool left(std::size_t code) const { return static_cast<std::uint32_t>(code) - first_ <= span_; }

 private:
  std::uint32_t first_, span_;
};

/// How the codes of a column are to be read.
struct CodeKind {
  std::size_t codes = 0;            ///< they are below it
  bool has_missing = false;         ///< code 0 stands for a missing number
  std::span<const double> edges{};  ///< numbers: upper bounds of codes 1, 2 ...; empty: codes are ranks
};

/// Scratch of the search in one thread.
class ForestSplitter {
 public:
  /// `target` must outlive it.
  ForestSplitter(const ForestTarget& target, double min_samples_leaf, std::size_t most_codes);

  /// Improves `best` by the column's best split. False: all items have the same code.
  bool find_best(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, const ForestSums& node,
                 const CodeKind& kind, ForestSplit& best);
  /// The same for one threshold, `uniform` in [0, 1) of the range of the node's values.
  bool find_random(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, const ForestSums& node,
                   const CodeKind& kind, double uniform, ForestSplit& best);

 private:
  struct Cell {
    std::uint64_t weight = 0;  ///< the weight above the number of items
    std::int64_t moment = 0;
  };
  struct Side {
    double weight = 0, rows = 0, squares = 0;
  };
  bool find_best_of_few(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, const ForestSums& node,
                        const CodeKind& kind, ForestSplit& best);
  void add_items(std::span<const ForestItem> items, std::span<const std::uint16_t> codes);
  /// Those that the items have, ascending.
  std::span<const std::uint16_t> list_codes(std::span<const std::uint16_t> codes, std::size_t all);
  void sort_items(std::span<const std::uint16_t> codes, std::span<const std::uint16_t> present);
  void scan_cells(std::span<const std::uint16_t> present, const ForestSums& node, const CodeKind& kind,
                  bool missing_left, ForestSplit& best) const;
  template <class Move, class Finish>
  void scan_items(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, bool has_missing,
                  bool missing_left, const Move& move, const Finish& finish) const;
  void scan_sorted(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, const ForestSums& node,
                   const CodeKind& kind, bool missing_left, ForestSplit& best);
  void scan_numbers(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, const ForestSums& node,
                    const CodeKind& kind, bool missing_left, ForestSplit& best) const;
  void scan_classes(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, const ForestSums& node,
                    const CodeKind& kind, bool missing_left, ForestSplit& best);
  void scan_outputs(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, const ForestSums& node,
                    const CodeKind& kind, bool missing_left, ForestSplit& best);
  void add_outputs(const ForestItem& item, std::int64_t weight);
  double right_squares(const ForestSums& node);
  void try_threshold(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, const ForestSums& node,
                     const CodeKind& kind, const ForestSplit& tried, ForestSplit& best);
  template <class Add>
  static void add_sides(std::span<const ForestItem> items, std::span<const std::uint16_t> codes, const CodeSides& sides,
                        Side& left, const Add& add);
  /// `tried` with its score, where both sides are large enough and it is better.
  void offer(const Side& left, const ForestSums& node, double right_squares, const ForestSplit& tried,
             ForestSplit& best) const;

  const ForestTarget& target_;
  double min_rows_;
  std::vector<Cell> cells_;
  std::vector<std::uint32_t> starts_;  ///< of the items of a code, where leaves are vectors
  std::vector<std::uint32_t> order_;   ///< of the items by code
  std::vector<std::uint16_t> present_;
  std::vector<double> left_, right_;                        ///< weight of each class
  std::vector<std::int64_t> left_moments_, right_moments_;  ///< of several outputs
};

}  // namespace automill::tree
