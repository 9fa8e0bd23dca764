#pragma once
// Grows symmetric trees: all nodes of a level split by the same column and threshold (oblivious trees; Prokhorenkova et
// al. 2018, "CatBoost"). Missing values lie below all numbers; of a column of few categories one is split from the
// others, other categories need columns of target statistics.
//
// Each threshold has the score sqrt(S), S = sum over the children of G^2 / (H + l2): the length of the step that the
// leaves would make. Of several outputs S is the sum over all: the tree has one structure for them. With noise added to
// all scores, each column proposes its best threshold; with new noise, the best proposal wins (CatBoost's random
// strength). It keeps the first trees from all being alike.

#include <automill/learners/tree/grown_tree.hpp>
#include <automill/learners/tree/histogram_builder.hpp>

namespace automill::tree {

struct SymmetricParameters {
  int depth = 6;
  double min_rows = 1, min_hessian = 0;  ///< of both sides; a node that would break them stays whole
  double l2 = 3, min_gain = 0;
  double column_fraction = 1;
  int max_cat_to_onehot = 4;
};

class SymmetricGrower {
 public:
  static constexpr int most_levels = 12;
  explicit SymmetricGrower(const SymmetricParameters& parameters);

  /// False: the context stopped, and there is no tree. `rows` is reordered: each leaf's rows become contiguous.
  /// `outputs`: gradients of each output; leaves have values where there is one. `noise`: standard deviation of what is
  /// added to the score of each column.
  bool grow(const BinnedTable& bins, std::span<const QuantisedGradients> outputs, std::vector<std::uint32_t>& rows,
            double noise, std::uint64_t seed, std::uint64_t index, const RunContext& context);

  GrownTree& tree() { return tree_; }
  std::span<const std::uint32_t> leaf_rows(std::size_t leaf) const {
    return std::span(*rows_).subspan(leaves_[leaf].begin, leaves_[leaf].size());
  }
  static std::uint64_t estimate_bytes(std::size_t rows, std::size_t histogram_size, std::size_t outputs, int depth);

 private:
  struct Leaf {
    std::size_t begin = 0, end = 0;
    std::vector<PackedSum> sums{};          ///< of each output
    std::vector<std::int64_t> histogram{};  ///< of one output; of several, each is built when it is scored
    std::size_t size() const { return end - begin; }
  };
  /// An output's gradients, and the parameters in its integer units.
  struct Output {
    const QuantisedGradients* gradients = nullptr;
    double l2 = 0, min_hessian = 0;
    double unit = 1;  ///< of a score, in that of the first output
    Moments moments(PackedSum sum) const { return gradients->scale.moments(sum); }
  };
  /// A threshold that all nodes of a level may share.
  struct Candidate {
    double score = -1, noisy = -1;
    std::uint32_t group = 0, lane = 0, column = 0, bin = 0;
  };

  void start(std::span<const QuantisedGradients> outputs);
  bool one_output() const { return outputs_.size() == 1; }
  bool grow_level(int level, std::uint64_t index);
  Candidate find_best(int level, std::uint64_t index, double noise) const;
  void find_in_group(const ActiveGroup& active, std::uint64_t key, double noise, Candidate& best) const;
  bool score_level();
  bool score_output(std::size_t output, std::vector<double>& scores);
  void score_nodes(std::span<const LevelInput> nodes, std::vector<double>& scores) const;
  void score_group(const ActiveGroup& active, const LevelInput& node, std::vector<double>& scores) const;
  void score_sparse(LevelInput node, PackedSum total, std::vector<double>& scores);
  void find_in_sparse(std::span<const std::uint32_t> lanes, std::uint64_t key, double noise, Candidate& best) const;
  void offer(Candidate candidate, std::uint64_t key, double noise, Candidate& best) const;
  double noisy(double score, double noise, RandomStream& random) const;
  LevelInput level_input(const Leaf& leaf, std::size_t output, const std::int64_t* histogram) const;
  void add_wide_numbers(const LevelInput& node, const BinnedTable::Group& group, double* scores) const;
  void add_split(const LevelInput& node, const Moments& left, double& score) const;
  bool usable(const BinnedTable::Group& group, std::size_t lane) const;
  Split split_of(const Candidate& best, double gain) const;
  std::vector<PackedSum> left_sums(const Leaf& leaf, std::size_t left, const Candidate& best);
  std::vector<PackedSum> sums_of(std::span<const std::uint32_t> rows);
  PackedSum sum_of_bin(const Leaf& leaf, const Candidate& column, std::size_t bin) const;
  bool pass_on(std::vector<std::int64_t>& histogram, Leaf& small, Leaf& large, bool last);
  std::vector<std::int64_t> spare_histogram();
  bool divide(const Split& split, const Candidate& best, bool last);
  bool may_split(const Leaf& leaf) const;
  double whole_score(const Leaf& leaf, std::size_t output) const;
  double whole_score() const;
  void finish();

  SymmetricParameters parameters_;
  HistogramBuilder histograms_;
  ActiveColumns active_;
  std::vector<Leaf> leaves_;
  std::vector<std::vector<std::int64_t>> spare_;  ///< histograms that can be used again
  std::vector<std::int64_t> shared_;              ///< the histogram that is scored, of several outputs
  std::vector<double> scores_;      ///< of thresholds, in the places of their bins' sums; sparse columns have no gaps
  std::vector<double> own_scores_;  ///< of one of several outputs
  std::vector<std::int64_t> block_, second_block_;
  std::vector<double> block_scores_;
  std::vector<std::uint32_t> scratch_;
  std::vector<std::vector<double>> level_rows_;  ///< rows of each node of the levels that were split
  std::vector<Split> splits_;
  GrownTree tree_;

  const BinnedTable* bins_ = nullptr;
  std::vector<Output> outputs_;
  const RunContext* context_ = nullptr;
  std::vector<std::uint32_t>* rows_ = nullptr;
  double noise_ = 0, unit_ = 1;
  std::uint64_t seed_ = 0;
};

}  // namespace automill::tree
