#pragma once
// The best split of one node of a tree with several outputs. Its gain is the sum over the columns of VectorGradients of
// G^2 / (H + l2), both children less the node, with one Hessian H for all: so much does the second-order loss fall, but
// for the outputs' Hessians being taken as their mean. Rows of a child are counted as SplitFinder counts them.
//
// Many categories are put in the order of their gradients along the direction in which those differ most (Coppersmith,
// Hong and Hosking 1999, "Partitioning nominal attributes in decision trees"), and then cut as for one output.

#include "learners/tree/vector_histogram.hpp"

namespace automill::tree {

struct VectorTotals {
  VectorSum sum{};
  double rows = 0;
};

/// Split::left, which is a sum of one output, is not used.
struct VectorSplit {
  Split split{};
  VectorSum left{};
};

inline const Split& split_of(const VectorSplit& best) { return best.split; }

/// Searches in one thread at a time.
class VectorSplitFinder {
 public:
  VectorSplitFinder(const BinnedTable& bins, const VectorGradients& gradients, const SplitParameters& parameters);

  /// Improves `best` by the best split of the chosen lanes of a group.
  void find(std::size_t group, std::span<const std::uint8_t> lanes, const std::int64_t* histogram,
            const VectorTotals& totals, VectorSplit& best) const;
  /// The same for some of the sparse columns.
  void find_sparse(std::span<const std::uint32_t> lanes, const std::int64_t* histogram, const VectorTotals& totals,
                   VectorSplit& best) const;

 private:
  using Gradients = std::array<double, VectorGradients::most_columns>;
  struct Moments {
    Gradients gradients{};
    double hessian = 0;
    friend Moments operator+(Moments a, const Moments& b) {
      for (std::size_t c = 0; c < a.gradients.size(); ++c) a.gradients[c] += b.gradients[c];
      a.hessian += b.hessian;
      return a;
    }
  };
  struct Node {  // a node's totals and what follows from them once
    Moments total;
    std::array<double, VectorGradients::most_columns + 1> entry{};  ///< the same as one entry
    double rows = 0, count_per_hessian = 0, score = 0;
    double lowest = 0, highest = 0;  ///< Hessians of the left side with enough rows and weight on both sides
  };
  struct Category {  // in a node
    std::uint32_t bin = 0;
    Moments sum{};
    double count = 0;
    Gradients value{};  ///< smoothed
    double place = 0;   ///< in the order of categories
  };

  Moments moments(const std::int64_t* entry) const;
  Node prepare(const VectorTotals& totals) const;
  double score(const Moments& sum, double l2) const;
  double gain(const Moments& left, const Node& node, double l2) const;
  void offer(double gain, const Split& candidate, const VectorSum& left, VectorSplit& best) const;
  void find_number(const std::int64_t* entries, const Node& node, Split& candidate, VectorSplit& best) const;
  void find_categories(const std::int64_t* entries, const Node& node, Split& candidate, VectorSplit& best) const;
  void list_categories(const std::int64_t* entries, std::size_t bins, const Node& node, double least_rows) const;
  double try_one_hot(const Node& node, Split& candidate) const;
  double try_subsets(const Node& node, Split& candidate) const;
  void order_categories() const;

  const BinnedTable* bins_;
  SplitParameters parameters_;
  std::size_t entry_size_;
  double l2_, cat_l2_, cat_smooth_, min_hessian_, min_rows_, gain_unit_;
  mutable std::vector<std::int64_t> column_;  ///< entries of a sparse column, written out
  mutable std::vector<Category> categories_;  ///< of the column that is searched
};

}  // namespace automill::tree
