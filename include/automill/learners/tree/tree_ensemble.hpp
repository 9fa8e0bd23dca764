#pragma once
// The fitted half of all tree learners: flat arrays of trees over raw values. It knows nothing of training.
//
// A row starts at the base scores; tree t adds its leaf to score t % width, or where leaves are vectors, to all scores;
// a leaf may be a linear model of the row's numbers (linear_leaves.hpp); the transform makes predictions of the scores.
// A number goes left when it is <= the threshold; a missing one goes where the node says. A category is looked up in
// the column's table of bins, and goes left when its bin is in the node's set; unseen categories have bin 0. A column
// of numbers that stand for categories may have such a table, too. Two category columns may be looked at as one (a
// cross). What trees compare are cells: of the columns in use, then of the crosses.

#include <automill/core/registry.hpp>
#include <automill/learners/tree/linear_leaves.hpp>
#include <mutex>

namespace automill {

namespace tree {
class SweptTrees;
}

/// From scores to predictions. logistic: one score of two classes; probability: shares already, one of two classes or
/// one a class; one_vs_all: sigmoids that are made to sum to one; sigmoid: each score by itself; ascending: the scores
/// in order, so that quantiles do not cross (Chernozhukov et al. 2010).
enum class ScoreTransform : std::uint8_t {
  identity,
  logistic,
  softmax,
  exponential,
  probability,
  one_vs_all,
  sigmoid,
  ascending
};

inline const std::vector<std::string>& score_transform_names() {
  static const std::vector<std::string> names{"identity",    "logistic",   "softmax", "exponential",
                                              "probability", "one_vs_all", "sigmoid", "ascending"};
  return names;
}

/// Sixteen bytes; children lie side by side.
struct TreeNode {
  double threshold = 0;     ///< leaf: its value, or its vector's number; category node: first word in TreeArrays::sets
  std::uint32_t child = 0;  ///< the left child, the right one follows; 0: a leaf. Always above the node's own index
  std::uint32_t feature = 0;  ///< position of its cell, with the flags in the high bits
  static constexpr std::uint32_t missing_left = 1U << 31, category = 1U << 30, position = category - 1;
};

/// Bins of the dictionary codes of a category column. For a column of numbers, its whole parts are the codes.
struct CategoryTable {
  std::vector<std::uint16_t> bin_of_code{};
  std::uint16_t missing_bin = 0;
  std::uint32_t bins = 1;
  std::size_t words() const { return (bins + 63) / 64; }  ///< of a set
};

/// Two cells of categories as one, whose bin i + 1 is the pair of bins keys[i]; bin 0 is any other pair.
struct CategoryCross {
  std::uint32_t first = 0, second = 0;  ///< positions of the cells, both below its own: a cross may be crossed again
  std::vector<std::uint32_t> keys{};    ///< ascending: bin of the first * bins of the second + bin of the second
};

struct TreeArrays {
  ScoreTransform transform = ScoreTransform::identity;
  std::vector<double> base{};               ///< one a score
  std::vector<std::uint32_t> columns{};     ///< schema positions of the columns in use
  std::vector<CategoryTable> categories{};  ///< one a cell; bin_of_code is empty for numbers, with bins 1, and crosses
  std::vector<CategoryCross> crosses{};
  std::vector<std::uint32_t> roots{};  ///< first node of each tree
  std::vector<TreeNode> nodes{};
  std::vector<std::uint64_t> sets{};
  std::vector<std::uint32_t> rows{};  ///< training rows in each node
  std::vector<float> gains{};         ///< of each inner node, 0 for leaves
  std::vector<float> leaf_vectors{};  ///< empty: a leaf adds one value to one score; else width() values a leaf
  LinearLeaves linear{};              ///< of leaves that are no vectors

  std::size_t width() const { return base.size(); }
  std::size_t trees() const { return roots.size(); }
  std::size_t cells() const { return columns.size() + crosses.size(); }
  bool vector_leaves() const { return !leaf_vectors.empty(); }
  const float* leaf_vector(const TreeNode& leaf) const {
    return leaf_vectors.data() + static_cast<std::size_t>(leaf.threshold) * width();
  }
  /// What a leaf that is no vector adds; `cells`: of the row.
  double leaf_value(std::size_t node, const double* cells) const {
    const LinearLeaf* model = linear.find(node);
    const double plain = nodes[node].threshold;
    if (model == nullptr) return plain;
    return linear.value(*model, plain, [cells](std::uint32_t, const LinearTerm& term) { return cells[term.cell]; });
  }
  /// Gives back memory that was taken for more trees.
  void shrink_to_fit() {
    roots.shrink_to_fit();
    nodes.shrink_to_fit();
    sets.shrink_to_fit();
    rows.shrink_to_fit();
    gains.shrink_to_fit();
    leaf_vectors.shrink_to_fit();
    linear.shrink_to_fit();
  }
  /// Memory of what grows with each tree.
  std::uint64_t bytes() const {
    return 4 * roots.capacity() + sizeof(TreeNode) * nodes.capacity() + 8 * sets.capacity() + 4 * rows.capacity() +
           4 * gains.capacity() + 4 * leaf_vectors.capacity() + linear.bytes();
  }
};

class AUTOMILL_EXPORT TreeEnsemble final : public Model {
 public:
  static constexpr const char* registered_type = "tree_ensemble";
  explicit TreeEnsemble(TreeArrays arrays);
  ~TreeEnsemble() override;

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return registered_type; }
  int state_version() const override { return 5; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

  const TreeArrays& arrays() const { return arrays_; }
  /// Total gain of the splits on each column of the input schema.
  std::vector<double> feature_gains() const;

 private:
  const tree::SweptTrees& swept() const;

  TreeArrays arrays_;
  mutable std::once_flag swept_once_;
  mutable std::unique_ptr<const tree::SweptTrees> swept_;  ///< made for the first large batch
};

/// Loads what TreeEnsemble::save wrote. Every index, size and cycle is checked; damage is an Error.
AUTOMILL_EXPORT std::unique_ptr<Model> load_tree_ensemble(const ArchiveReader& in, const ModelContext& context,
                                                          int state_version, const Registry& registry);

namespace tree {

/// Scores of one row to predictions, in place of `out` (width of the output). Shared by training and prediction.
AUTOMILL_EXPORT void transform_scores(ScoreTransform transform, const double* scores, std::size_t width,
                                      std::size_t positive, double* out) noexcept;

}  // namespace tree

}  // namespace automill
