// Prediction of tree ensembles. Part of the predict-only library: needs the core alone.

#include <automill/core/math.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>

#include "learners/tree/row_blocks.hpp"
#include "learners/tree/row_trees.hpp"
#include "learners/tree/swept_trees.hpp"
#include "learners/tree/tree_cells.hpp"
#include "learners/tree/tree_walk.hpp"
#include "state_check.hpp"

namespace automill {

namespace {

using tree::cells_of_row;
using tree::goes_right;
using tree::transform_scores;

constexpr std::size_t walks = 8;  // that overlap in time

/// Takes each walk from the node where it stands to a leaf. `cells`: one a used column; a category is its bin.
inline void walk(const TreeArrays& arrays, std::uint32_t (&at)[walks], const double* const (&cells)[walks]) {
  const TreeNode* nodes = arrays.nodes.data();
  std::uint32_t open;
  do {
    open = 0;
    for (std::size_t k = 0; k < walks; ++k) {
      const TreeNode node = nodes[at[k]];
      const std::uint32_t next = node.child + goes_right(arrays, node, cells[k][node.feature & TreeNode::position]);
      at[k] = node.child != 0 ? next : at[k];
      open |= node.child;
    }
  } while (open != 0);
}

/// Adds a leaf of a tree of this output; score k is at scores[k * stride].
inline void add_leaf(const TreeArrays& arrays, std::size_t leaf, const double* cells, std::size_t output,
                     std::size_t stride, double* scores) {
  const std::size_t width = arrays.width();
  if (!arrays.vector_leaves()) {
    scores[output * stride] += arrays.leaf_value(leaf, cells);
    return;
  }
  const float* values = arrays.leaf_vector(arrays.nodes[leaf]);
  for (std::size_t k = 0; k < width; ++k) scores[k * stride] += static_cast<double>(values[k]);
}

/// Scores of one row, `at_once` trees at a time: `walk_all(at)` takes them from their roots to their leaves,
/// `add(leaf, output)` adds a leaf to the scores.
template <std::size_t at_once, class WalkAll, class Add>
void score_row(const TreeArrays& arrays, double* scores, const WalkAll& walk_all, const Add& add) {
  const std::size_t trees = arrays.trees(), width = arrays.width();
  std::copy(arrays.base.begin(), arrays.base.end(), scores);
  for (std::size_t first = 0, output = 0; first < trees; first += at_once) {
    const std::size_t count = std::min(at_once, trees - first);
    std::uint32_t at[at_once];
    for (std::size_t k = 0; k < at_once; ++k) at[k] = arrays.roots[first + std::min(k, count - 1)];
    walk_all(at);
    for (std::size_t k = 0; k < count; ++k) {
      add(at[k], output);
      output = output + 1 < width ? output + 1 : 0;
    }
  }
}

/// Adds a tree's leaves to the scores ([output][256]) of rows whose cells lie row by row: eight rows at a time.
void add_tree(const TreeArrays& arrays, std::size_t tree, const double* cells, std::size_t rows, double* scores) {
  const std::size_t columns = cells_of_row(arrays);
  for (std::size_t first = 0; first < rows; first += walks) {
    const std::size_t count = std::min(walks, rows - first);
    std::uint32_t at[walks];
    const double* own[walks];
    for (std::size_t k = 0; k < walks; ++k) {
      at[k] = arrays.roots[tree];
      own[k] = cells + (first + std::min(k, count - 1)) * columns;
    }
    walk(arrays, at, own);
    for (std::size_t k = 0; k < count; ++k)
      add_leaf(arrays, at[k], own[k], tree % arrays.width(), tree::swept_rows, scores + first + k);
  }
}

class TreeRowPredictor final : public RowPredictor {
 public:
  TreeRowPredictor(const TreeArrays& arrays, std::size_t positive)
      : arrays_(&arrays), positive_(positive), cells_(cells_of_row(arrays)), scores_(arrays.width()) {
    if (tree::RowBlocks::worthwhile(arrays)) blocks_ = tree::RowBlocks::prepared(arrays);
    if (blocks_ || !tree::RowTrees::worthwhile(arrays)) return;
    prepared_.emplace(arrays);
    codes_.resize(prepared_->slots());
  }
  void predict(const RowView& row, std::span<double> out) noexcept override {
    tree::read_row(*arrays_, row.numbers, cells_.data());
    if (blocks_) score_blocks();
    else if (prepared_) score_prepared();
    else score_plain();
    transform_scores(arrays_->transform, scores_.data(), scores_.size(), positive_, out.data());
  }

 private:
  void score_blocks() noexcept {
    double* scores = scores_.data();
    blocks_->encode(cells_.data());
    if (blocks_->one_value_a_leaf() && scores_.size() == 1) {
      scores[0] = blocks_->sum(arrays_->base[0]);
      return;
    }
    std::copy(arrays_->base.begin(), arrays_->base.end(), scores);
    blocks_->find_leaves();
    for (std::size_t t = 0, output = 0; t < arrays_->trees(); ++t) {
      if (blocks_->one_value_a_leaf()) scores[output] += blocks_->value(t);
      else add_leaf(*arrays_, blocks_->node(t), cells_.data(), output, 1, scores);
      output = output + 1 < scores_.size() ? output + 1 : 0;
    }
  }
  void score_prepared() noexcept {
    double* scores = scores_.data();
    prepared_->encode(cells_.data(), codes_.data());
    const auto walk_all = [&](auto& at) { prepared_->walk(cells_.data(), codes_.data(), at); };
    if (prepared_->one_value_a_leaf() && scores_.size() == 1) {  // the sum stays in a register
      double sum = arrays_->base[0];
      score_row<tree::RowTrees::walks>(*arrays_, scores, walk_all,
                                       [&](std::uint32_t leaf, std::size_t) { sum += prepared_->value(leaf); });
      scores[0] = sum;
    } else if (prepared_->one_value_a_leaf()) {
      score_row<tree::RowTrees::walks>(*arrays_, scores, walk_all, [&](std::uint32_t leaf, std::size_t output) {
        scores[output] += prepared_->value(leaf);
      });
    } else score_row<tree::RowTrees::walks>(*arrays_, scores, walk_all, LeafAdder{this});
  }
  void score_plain() noexcept {
    const double* same[walks];
    std::fill(std::begin(same), std::end(same), cells_.data());
    const auto walk_all = [&](std::uint32_t(&at)[walks]) { walk(*arrays_, at, same); };
    score_row<walks>(*arrays_, scores_.data(), walk_all, LeafAdder{this});
  }
  struct LeafAdder {
    TreeRowPredictor* of;
    void operator()(std::uint32_t leaf, std::size_t output) const noexcept {
      add_leaf(*of->arrays_, leaf, of->cells_.data(), output, 1, of->scores_.data());
    }
  };

  const TreeArrays* arrays_;
  std::optional<tree::RowBlocks> blocks_;
  std::optional<tree::RowTrees> prepared_;
  std::size_t positive_;
  std::vector<double> cells_, scores_;
  std::vector<std::uint16_t> codes_;
};

constexpr std::size_t rows_worth_sweeping = 512;  // preparing the trees takes as long as sweeping so many rows

/// Scores of some rows at a time.
class BatchScorer {
 public:
  /// `swept`: null: all trees are walked.
  BatchScorer(const TreeArrays& arrays, const tree::SweptTrees* swept)
      : arrays_(arrays), swept_(swept), column_(tree::swept_rows), scores_(tree::swept_rows * arrays.width()) {
    if (swept == nullptr || !swept->all_swept() || !arrays.linear.empty())
      cells_.resize(most_rows() * cells_of_row(arrays));
    if (swept != nullptr) codes_.resize(tree::swept_rows * swept->slots());
  }

  /// Most rows at a time: where all trees are walked, so many that their cells stay in the second-level cache.
  std::size_t most_rows() const {
    if (swept_ != nullptr) return tree::swept_rows;
    return std::clamp<std::size_t>(32768 / cells_of_row(arrays_), walks, tree::swept_rows);
  }
  /// [output][256], until the next call.
  const double* score(const TableView& rows) {
    if (!cells_.empty()) tree::read_cells(arrays_, rows, column_.data(), cells_.data());
    if (swept_ != nullptr) encode(rows);
    for (std::size_t k = 0; k < arrays_.width(); ++k) std::fill_n(output(k), tree::swept_rows, arrays_.base[k]);
    for (std::size_t t = 0; t < arrays_.trees(); ++t) {
      if (swept_ != nullptr && swept_->swept(t)) add_swept(t, rows.rows());
      else add_tree(arrays_, t, cells_.data(), rows.rows(), scores_.data());
    }
    return scores_.data();
  }

 private:
  double* output(std::size_t k) { return scores_.data() + k * tree::swept_rows; }
  void add_swept(std::size_t t, std::size_t rows) {
    if (!swept_->linear(t)) return swept_->add(t, codes_.data(), scores_.data());
    double* scores = output(t % arrays_.width());
    std::uint32_t leaves[tree::swept_rows];
    swept_->find_leaves(t, codes_.data(), leaves);
    const std::size_t columns = cells_of_row(arrays_);
    for (std::size_t i = 0; i < rows; ++i) scores[i] += arrays_.leaf_value(leaves[i], cells_.data() + i * columns);
  }
  void encode(const TableView& rows) {
    std::fill(column_.begin(), column_.end(), 0.0);  // rows beyond the last one are coded too
    for (std::size_t slot = 0; slot < swept_->slots(); ++slot) {
      const std::uint32_t cell = swept_->cell(slot);
      if (slot == 0 || cell != swept_->cell(slot - 1)) tree::read_cell(arrays_, cell, rows, column_.data());
      swept_->encode(slot, column_.data(), codes_.data() + slot * tree::swept_rows);
    }
  }

  const TreeArrays& arrays_;
  const tree::SweptTrees* swept_;
  std::vector<double> column_, cells_, scores_;
  std::vector<std::uint8_t> codes_;
};

}  // namespace

namespace tree {

namespace {

/// Sums that rounding has moved: none below 0, and all together 1.
void to_shares(const double* values, std::size_t width, double* out) noexcept {
  double sum = 0;
  for (std::size_t k = 0; k < width; ++k) sum += out[k] = std::max(0.0, values[k]);
  for (std::size_t k = 0; k < width; ++k) out[k] = sum > 0 ? out[k] / sum : 1.0 / static_cast<double>(width);
}

}  // namespace

void transform_scores(ScoreTransform transform, const double* scores, std::size_t width, std::size_t positive,
                      double* out) noexcept {
  switch (transform) {
    case ScoreTransform::logistic: {
      const double p = math::sigmoid(scores[0]);
      out[positive] = p;
      out[1 - positive] = 1.0 - p;
      return;
    }
    case ScoreTransform::probability: {
      if (width > 1) return to_shares(scores, width, out);
      const double p = std::clamp(scores[0], 0.0, 1.0);
      out[positive] = p;
      out[1 - positive] = 1.0 - p;
      return;
    }
    case ScoreTransform::softmax:
      std::copy(scores, scores + width, out);
      return math::softmax(out, width);
    case ScoreTransform::exponential:
      for (std::size_t k = 0; k < width; ++k) out[k] = math::exp(scores[k]);
      return;
    case ScoreTransform::sigmoid:
      for (std::size_t k = 0; k < width; ++k) out[k] = math::sigmoid(scores[k]);
      return;
    case ScoreTransform::one_vs_all:
      for (std::size_t k = 0; k < width; ++k) out[k] = math::sigmoid(scores[k]);
      return to_shares(out, width, out);
    case ScoreTransform::ascending:
      std::copy(scores, scores + width, out);
      return std::sort(out, out + width);
    case ScoreTransform::identity:
      std::copy(scores, scores + width, out);
  }
}

}  // namespace tree

TreeEnsemble::TreeEnsemble(TreeArrays arrays) : arrays_(std::move(arrays)) {}
TreeEnsemble::~TreeEnsemble() = default;

const tree::SweptTrees& TreeEnsemble::swept() const {
  std::call_once(swept_once_, [this] { swept_ = std::make_unique<const tree::SweptTrees>(arrays_); });
  return *swept_;
}

void TreeEnsemble::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  const std::size_t width = arrays_.width(), positive = output_spec().positive;
  const tree::SweptTrees* prepared = rows.rows() >= rows_worth_sweeping ? &swept() : nullptr;
  for_each_block(context.executor(), rows.rows(), 4 * tree::swept_rows, [&](std::size_t begin, std::size_t end) {
    BatchScorer scorer(arrays_, prepared);
    std::vector<double> row(width);
    for (std::size_t first = begin; first < end; first += scorer.most_rows()) {
      const std::size_t count = std::min(scorer.most_rows(), end - first);
      if (context.stop.stop_requested()) {
        std::fill(out.data + first * out.width, out.data + end * out.width, std::numeric_limits<double>::quiet_NaN());
        return;
      }
      const double* scores = scorer.score(rows.part(first, count));
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < width; ++k) row[k] = scores[k * tree::swept_rows + i];
        transform_scores(arrays_.transform, row.data(), width, positive, out.row(first + i).data());
      }
    }
  });
}

std::unique_ptr<RowPredictor> TreeEnsemble::row_predictor() const {
  return std::make_unique<TreeRowPredictor>(arrays_, output_spec().positive);
}

std::vector<double> TreeEnsemble::feature_gains() const {
  std::vector<double> gains(input_schema().size(), 0.0);
  std::vector<double> of_cells(arrays_.cells(), 0.0);
  for (std::size_t i = 0; i < arrays_.nodes.size(); ++i)
    if (arrays_.nodes[i].child != 0)
      of_cells[arrays_.nodes[i].feature & TreeNode::position] += static_cast<double>(arrays_.gains[i]);
  for (std::size_t cell = 0; cell < of_cells.size(); ++cell) {
    const std::vector<std::uint32_t> sources = tree::sources_of_cell(arrays_, cell);
    for (std::uint32_t source : sources) gains[source] += of_cells[cell] / static_cast<double>(sources.size());
  }
  return gains;
}

std::string TreeEnsemble::describe(int indent) const {
  const std::size_t leaves = (arrays_.nodes.size() + arrays_.trees()) / 2;
  return std::string(static_cast<std::size_t>(indent), ' ') + type() + ": " + std::to_string(arrays_.trees()) +
         " trees, " + std::to_string(leaves) + " leaves, " + std::to_string(arrays_.columns.size()) + " columns" +
         (arrays_.crosses.empty() ? "" : ", " + std::to_string(arrays_.crosses.size()) + " crosses") +
         (arrays_.linear.empty() ? "" : ", " + std::to_string(arrays_.linear.leaves.size()) + " linear leaves") + "\n";
}

namespace {

void save_linear(const LinearLeaves& linear, ArchiveWriter& out) {
  std::vector<std::uint32_t> nodes, terms, cells;
  std::vector<double> constants, least, most, coefficients, means;
  for (std::uint32_t node = 0; node < linear.of_node.size(); ++node)
    if (linear.of_node[node] != 0) nodes.push_back(node);
  for (const LinearLeaf& leaf : linear.leaves) {
    constants.push_back(leaf.constant);
    least.push_back(leaf.least);
    most.push_back(leaf.most);
    terms.push_back(leaf.terms);
  }
  for (const LinearTerm& term : linear.terms) {
    cells.push_back(term.cell);
    coefficients.push_back(term.coefficient);
    means.push_back(term.mean);
  }
  out.array("linear_nodes", nodes);
  out.array("linear_constants", constants);
  out.array("linear_least", least);
  out.array("linear_most", most);
  out.array("linear_terms", terms);
  out.array("term_cells", cells);
  out.array("term_coefficients", coefficients);
  out.array("term_means", means);
}

}  // namespace

void TreeEnsemble::save(ArchiveWriter& out) const {
  const TreeArrays& a = arrays_;
  std::vector<double> thresholds;
  std::vector<std::uint32_t> children, features;
  for (const TreeNode& node : a.nodes) {
    thresholds.push_back(node.threshold);
    children.push_back(node.child);
    features.push_back(node.feature);
  }
  out.set("transform", score_transform_names()[static_cast<std::size_t>(a.transform)]);
  out.array("base", a.base);
  out.array("columns", a.columns);
  out.array("roots", a.roots);
  out.array("threshold", thresholds);
  out.array("child", children);
  out.array("feature", features);
  out.array("sets", a.sets);
  out.array("rows", a.rows);
  out.array("gain", a.gains);
  out.array("leaf_vectors", a.leaf_vectors);
  save_linear(a.linear, out);
  out.children("categories", a.categories.size(), [&](ArchiveWriter& table, std::size_t i) {
    table.set("bins", a.categories[i].bins);
    table.set("missing_bin", std::int64_t{a.categories[i].missing_bin});
    table.array("bin_of_code", a.categories[i].bin_of_code);
  });
  out.children("crosses", a.crosses.size(), [&](ArchiveWriter& cross, std::size_t i) {
    cross.set("first", a.crosses[i].first);
    cross.set("second", a.crosses[i].second);
    cross.array("keys", a.crosses[i].keys);
  });
}

namespace {

/// Reads and checks the arrays: afterwards no prediction can leave them or run for ever.
class TreeLoader {
 public:
  TreeLoader(const ArchiveReader& in, const ModelContext& context, int state_version)
      : in_(in), schema_(*context.input), output_(context.output), state_version_(state_version) {}

  TreeArrays load() {
    load_scores();
    load_columns();
    if (state_version_ > 2) load_crosses();
    load_nodes();
    for (std::size_t t = 0; t < a_.roots.size(); ++t) check_tree(t);
    if (state_version_ > 4) load_linear();
    return std::move(a_);
  }

 private:
  void load_scores() {
    const std::string& name = in_.text("transform");
    const auto& names = score_transform_names();
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) in_.fail("'transform' is '" + name + "', which this version does not know");
    a_.transform = static_cast<ScoreTransform>(found - names.begin());
    const bool one_score =
        a_.transform == ScoreTransform::logistic || (a_.transform == ScoreTransform::probability && output_.width == 2);
    if (one_score && (output_.width != 2 || output_.positive > 1)) in_.fail("a " + name + " score needs two classes");
    if (a_.transform == ScoreTransform::probability && output_.width < 2) in_.fail("shares need classes");
    a_.base = in_.array<double>("base", one_score ? 1 : output_.width);
  }
  void load_columns() {
    a_.columns = in_.array<std::uint32_t>("columns");
    const auto tables = in_.children("categories");
    const std::size_t crosses = state_version_ > 2 ? in_.children("crosses").size() : 0;
    if (tables.size() != a_.columns.size() + crosses) in_.fail("'categories' needs one entry a column and a cross");
    for (std::size_t c = 0; c < a_.columns.size(); ++c) {
      if (a_.columns[c] >= schema_.size()) in_.fail("'columns' names a column that the schema does not have");
      const ColumnSchema& column = schema_[a_.columns[c]];
      const bool category = column.kind == ColumnKind::category;
      if (column.kind == ColumnKind::text) in_.fail("'columns' names a text column");
      CategoryTable table;
      table.bins = static_cast<std::uint32_t>(tables[c].integer("bins", category ? 2 : 1, 65536));
      table.missing_bin = static_cast<std::uint16_t>(tables[c].integer("missing_bin", 0, table.bins - 1));
      table.bin_of_code = tables[c].array<std::uint16_t>("bin_of_code");
      if (category && table.bin_of_code.size() != column.dictionary->size())
        tables[c].fail("'bin_of_code' needs one bin a category of the column");
      if (table.bins == 1 && !table.bin_of_code.empty()) tables[c].fail("'bin_of_code' needs at least two bins");
      for (std::uint16_t bin : table.bin_of_code)
        if (bin >= table.bins) tables[c].fail("'bin_of_code' holds a bin that does not exist");
      a_.categories.push_back(std::move(table));
    }
  }
  void load_crosses() {
    const auto tables = in_.children("categories");
    for (const ArchiveReader& in : in_.children("crosses")) {
      const std::size_t cell = a_.cells();
      CategoryCross cross;
      cross.first = static_cast<std::uint32_t>(in.integer("first", 0, std::int64_t{UINT32_MAX}));
      cross.second = static_cast<std::uint32_t>(in.integer("second", 0, std::int64_t{UINT32_MAX}));
      for (std::uint32_t part : {cross.first, cross.second})
        if (part >= cell || a_.categories[part].bins < 2)
          in.fail("a part of the cross is no cell of categories before it");
      cross.keys = in.array<std::uint32_t>("keys");
      if (cross.keys.empty() || cross.keys.size() > 65535 || !std::is_sorted(cross.keys.begin(), cross.keys.end()))
        in.fail("'keys' must ascend, 1 to 65535 of them");
      CategoryTable table;
      table.bins = static_cast<std::uint32_t>(tables[cell].integer(
          "bins", static_cast<std::int64_t>(cross.keys.size() + 1), static_cast<std::int64_t>(cross.keys.size() + 1)));
      a_.categories.push_back(std::move(table));
      a_.crosses.push_back(std::move(cross));
    }
  }
  void load_nodes() {
    const auto thresholds = in_.array<double>("threshold");
    const std::size_t n = thresholds.size();
    const auto children = in_.array<std::uint32_t>("child", n), features = in_.array<std::uint32_t>("feature", n);
    for (std::size_t i = 0; i < n; ++i) a_.nodes.push_back({thresholds[i], children[i], features[i]});
    a_.sets = in_.array<std::uint64_t>("sets");
    a_.rows = in_.array<std::uint32_t>("rows", n);
    a_.gains = in_.array<float>("gain", n);
    if (state_version_ > 1) a_.leaf_vectors = in_.array<float>("leaf_vectors");
    a_.roots = in_.array<std::uint32_t>("roots");
    if (a_.roots.empty() != a_.nodes.empty() || (!a_.roots.empty() && a_.roots[0] != 0))
      in_.fail("'roots' must begin at node 0");
    if (!a_.vector_leaves() && a_.roots.size() % a_.width() != 0)
      in_.fail("the trees are not a multiple of the scores");
    if (a_.leaf_vectors.size() % a_.width() != 0) in_.fail("'leaf_vectors' are not a multiple of the scores");
  }
  void check_tree(std::size_t t) {
    const std::size_t first = a_.roots[t], end = t + 1 < a_.roots.size() ? a_.roots[t + 1] : a_.nodes.size();
    if (first >= end || end > a_.nodes.size()) in_.fail("'roots' must ascend within the nodes");
    std::size_t inner = 0;
    std::vector<bool> has_parent(end - first);
    for (std::size_t i = first; i < end; ++i) {
      check_node(i, end);
      const std::size_t child = a_.nodes[i].child;
      if (child == 0) continue;
      if (has_parent[child - first] || has_parent[child + 1 - first])
        in_.fail("node " + std::to_string(i) + " shares a child with another node");
      has_parent[child - first] = has_parent[child + 1 - first] = true;
      ++inner;
    }
    if (end - first != 2 * inner + 1) in_.fail("tree " + std::to_string(t) + " has nodes that nothing leads to");
  }
  void check_node(std::size_t i, std::size_t end) {
    const TreeNode& node = a_.nodes[i];
    if (node.child == 0) {
      if (node.feature != 0) in_.fail("node " + std::to_string(i) + " is a leaf that names a column");
      if (a_.vector_leaves()) check_leaf_vector(i);
      return;
    }
    // Children lie after their node and inside its tree, so that every walk ends.
    if (node.child <= i || std::size_t{node.child} + 1 >= end)
      in_.fail("node " + std::to_string(i) + " has a child outside its tree");
    const std::size_t position = node.feature & TreeNode::position;
    if (position >= a_.cells()) in_.fail("node " + std::to_string(i) + " asks for a cell that is not there");
    const CategoryTable& table = a_.categories[position];
    const bool category = (node.feature & TreeNode::category) != 0;
    if (category != (table.bins > 1)) in_.fail("node " + std::to_string(i) + " has the wrong kind of column");
    if (!category) {
      if (std::isnan(node.threshold)) in_.fail("node " + std::to_string(i) + " has a threshold that is no number");
      return;
    }
    const double words = static_cast<double>(a_.sets.size());
    if (!(node.threshold >= 0 && node.threshold == std::floor(node.threshold) &&
          node.threshold + static_cast<double>(table.words()) <= words))
      in_.fail("node " + std::to_string(i) + " has a set of categories outside 'sets'");
  }

  void load_linear() {
    const auto nodes = in_.array<std::uint32_t>("linear_nodes");
    const auto constants = in_.array<double>("linear_constants", nodes.size()),
               least = in_.array<double>("linear_least", nodes.size()),
               most = in_.array<double>("linear_most", nodes.size());
    const auto terms = in_.array<std::uint32_t>("linear_terms", nodes.size()),
               cells = in_.array<std::uint32_t>("term_cells");
    const auto coefficients = in_.array<double>("term_coefficients", cells.size()),
               means = in_.array<double>("term_means", cells.size());
    check_finite(in_, "linear_constants", constants);
    check_finite(in_, "term_coefficients", coefficients);
    std::size_t first = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      check_linear_node(nodes[i], i > 0 ? std::optional(nodes[i - 1]) : std::nullopt);
      if (!(least[i] <= most[i])) in_.fail("'linear_least' is above 'linear_most'");
      if (terms[i] > cells.size() - first) in_.fail("'linear_terms' asks for more terms than there are");
      std::vector<LinearTerm> own;
      for (std::size_t last = first + terms[i]; first < last; ++first) {
        if (cells[first] >= a_.cells() || a_.categories[cells[first]].bins > 1)
          in_.fail("'term_cells' names a cell that is no number");
        if (std::isinf(means[first])) in_.fail("'term_means' has a value that is infinite");
        if (std::any_of(own.begin(), own.end(), [&](const LinearTerm& term) { return term.cell == cells[first]; }))
          in_.fail("'term_cells' names a cell twice in a leaf");
        own.push_back({.coefficient = coefficients[first], .cell = cells[first], .mean = means[first]});
      }
      a_.linear.add(nodes[i], {.constant = constants[i], .least = least[i], .most = most[i]}, own);
    }
    if (first != cells.size()) in_.fail("'linear_terms' leaves terms over");
  }
  void check_linear_node(std::uint32_t node, std::optional<std::uint32_t> before) const {
    if (node >= a_.nodes.size() || a_.nodes[node].child != 0 || a_.vector_leaves())
      in_.fail("'linear_nodes' names a node that is no leaf of one value");
    if (before && node <= *before) in_.fail("'linear_nodes' must ascend");
  }

  void check_leaf_vector(std::size_t i) {
    const double number = a_.nodes[i].threshold;
    if (!(number >= 0 && number == std::floor(number) &&
          number < static_cast<double>(a_.leaf_vectors.size() / a_.width())))
      in_.fail("node " + std::to_string(i) + " is a leaf without its vector");
  }

  const ArchiveReader& in_;
  const Schema& schema_;
  const OutputSpec& output_;
  int state_version_;
  TreeArrays a_;
};

}  // namespace

std::unique_ptr<Model> load_tree_ensemble(const ArchiveReader& in, const ModelContext& context, int state_version,
                                          const Registry&) {
  check_state_version(in, state_version, 5);
  auto model = std::make_unique<TreeEnsemble>(TreeLoader(in, context, state_version).load());
  model->set_context(context);
  return model;
}

}  // namespace automill
