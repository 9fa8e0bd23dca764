#pragma once
// The growers of boosting behind one interface: leaf-wise and depth-wise trees, of one output or of several, and
// symmetric ones, which also bring the target statistics of categories.

#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/tree/grower.hpp>
#include <automill/learners/tree/objective.hpp>

#include "learners/tree/vector_gradients.hpp"

namespace automill {

/// A tree of a round that is to be grown.
struct TreeRequest {
  std::span<const tree::QuantisedGradients> gradients{};  ///< of each of the tree's outputs
  const tree::VectorGradients* vectors = nullptr;         ///< instead of those where free trees have several
  std::vector<std::uint32_t>* rows = nullptr;             ///< reordered: each leaf's rows become contiguous
  std::uint64_t index = 0;                                ///< of the tree's own random numbers
  std::int64_t round = 0;
};

/// Levels of symmetric trees: max_depth, 6 (CatBoost's default) where that is -1.
std::int64_t symmetric_levels(const GradientBoostingParameters& parameters);

/// Trees have leaves with a value for each of `outputs` outputs. Splits of free trees are then searched by
/// VectorGradients, those of symmetric ones by the gradients of each output.
bool has_vector_leaves(const GradientBoostingParameters& parameters, std::size_t outputs);

class BoostingGrower {
 public:
  virtual ~BoostingGrower() = default;
  /// False: the context stopped, and there is no tree.
  virtual bool grow(const TreeRequest& request, const RunContext& context) = 0;
  virtual tree::GrownTree& tree() = 0;
  virtual std::span<const std::uint32_t> leaf_rows(std::size_t leaf) const = 0;
  /// Of the last tree's splits.
  virtual const tree::BinnedTable& bins() const = 0;
  /// Rows that do not train, as the splits see them. `table`: the training rows' table, or one like it.
  virtual std::shared_ptr<const tree::BinnedTable> bins_of_others(std::shared_ptr<const tree::BinnedTable> table,
                                                                  const RunContext& context) const = 0;
};

/// What a grower is made for.
struct BoostingRows {
  std::shared_ptr<const tree::BinnedTable> bins;
  std::span<const std::uint32_t> rows;
  std::span<const std::uint64_t> keys;
  const tree::TargetRows* targets = nullptr;
  std::size_t outputs = 1;
  double learning_rate = 0.1;
};

/// Throws StoppedWhileBinning.
std::unique_ptr<BoostingGrower> make_boosting_grower(const GradientBoostingParameters& parameters,
                                                     const tree::GrowParameters& grow, const BoostingRows& rows,
                                                     const RunContext& context);

/// Bytes of the grower's buffers and tables.
std::uint64_t boosting_grower_bytes(const GradientBoostingParameters& parameters, const tree::GrowParameters& grow,
                                    const tree::BinnedTable& bins, std::size_t rows, std::size_t outputs);

}  // namespace automill
