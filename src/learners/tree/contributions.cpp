#include <automill/learners/tree/contributions.hpp>

#include "learners/tree/shap_kernels.hpp"
#include "learners/tree/tree_cells.hpp"
#include "learners/tree/tree_walk.hpp"

namespace automill {

namespace {

using tree::shap_rows;

/// Numbers at an address that is a multiple of 64.
template <class T>
class Aligned {
 public:
  Aligned(std::size_t size, T value)
      : data_(static_cast<T*>(::operator new (size * sizeof(T), std::align_val_t{64}))), size_(size) {
    fill(value);
  }
  Aligned(const Aligned&) = delete;
  Aligned& operator=(const Aligned&) = delete;
  ~Aligned() { ::operator delete (data_, std::align_val_t{64}); }
  T* data() const { return data_; }
  void fill(T value) { std::fill_n(data_, size_, value); }

 private:
  T* data_;
  std::size_t size_;
};

/// What all rows share.
struct Explained {
  explicit Explained(const TreeEnsemble& model) : arrays(model.arrays()), schema_columns(model.input_schema().size()) {
    require_means();
    means = arrays.base;
    for (std::size_t c = 0; c < arrays.cells(); ++c) sources.push_back(tree::sources_of_cell(arrays, c));
    for (std::size_t t = 0; t < arrays.trees(); ++t) {
      const tree::TreeFacts facts = tree::tree_facts(arrays, t);
      for (std::size_t k = 0; k < facts.means.size(); ++k)
        means[arrays.vector_leaves() ? k : t % outputs()] += facts.means[k];
      rules.push_back(&tree::shap_rule(facts.columns));
      scratch = std::max(scratch, tree::shap_scratch(facts.depth, rules.back()->points.size()));
    }
  }
  std::size_t outputs() const { return arrays.width(); }
  std::size_t cells() const { return tree::cells_of_row(arrays); }

  /// Of the terms of linear leaves.
  void require_means() const {
    for (std::size_t node = 0; node < arrays.linear.of_node.size(); ++node) {
      const LinearLeaf* model = arrays.linear.find(node);
      if (model == nullptr || std::isfinite(arrays.linear.middle(*model))) continue;
      const auto after = std::upper_bound(arrays.roots.begin(), arrays.roots.end(), node);
      throw Error("explain.linear_leaves", "tree " + std::to_string(after - arrays.roots.begin() - 1),
                  "its leaves are linear models, and the means of their columns over the training rows are not known",
                  "ask for contributions against background rows, which need no means");
    }
  }

  const TreeArrays& arrays;
  std::size_t schema_columns, scratch = 0;
  std::vector<std::vector<std::uint32_t>> sources{};  ///< schema columns of each cell
  std::vector<const tree::ShapRule*> rules{};         ///< of each tree
  std::vector<double> means{};                        ///< score of a row of which nothing is known
};

/// Takes blocks of rows through all trees; a worker's own. Each tree is described once a block.
class Sweep {
 public:
  Sweep(const Explained& explained, std::size_t rows, bool pairs)
      : explained_(explained),
        groups_((rows + shap_rows - 1) / shap_rows),
        stride_(groups_ * shap_rows),
        columns_(explained.cells()),
        cells_(stride_ * columns_, 0.0),
        slots_(columns_, 0),
        scratch_(explained.scratch, 0.0),
        sums_(groups_ * explained.outputs() * columns_ * shap_rows, 0.0),
        pairs_(pairs ? groups_ * explained.outputs() * columns_ * columns_ * shap_rows : 0, 0.0),
        follows_(columns_ * shap_rows, -1),
        with_pairs_(pairs) {}

  /// False: stopped.
  bool run(const TableView& rows, const StopToken& stop) {
    const TreeArrays& arrays = explained_.arrays;
    for (std::size_t c = 0; c < arrays.cells(); ++c) tree::read_cell(arrays, c, rows, cells_.data() + c * stride_);
    sums_.fill(0.0);
    pairs_.fill(0.0);
    for (std::size_t t = 0; t < arrays.trees(); ++t) {
      if (stop.stop_requested()) return false;
      edges_.set(arrays, t, *explained_.rules[t]);
      if (arrays.vector_leaves())
        for (std::size_t k = 0; k < explained_.outputs(); ++k) add_tree(t, k, rows.rows());
      else add_tree(t, t % explained_.outputs(), rows.rows());
    }
    return true;
  }
  double sum(std::size_t row, std::size_t output, std::size_t column) const {
    return sums_.data()[(place(row, output) * columns_ + column) * shap_rows + row % shap_rows];
  }
  /// Both orders of two columns.
  double pair(std::size_t row, std::size_t output, std::size_t first, std::size_t second) const {
    const double* all = pairs_.data() + place(row, output) * columns_ * columns_ * shap_rows + row % shap_rows;
    return all[(first * columns_ + second) * shap_rows] + all[(second * columns_ + first) * shap_rows];
  }

 private:
  std::size_t place(std::size_t row, std::size_t output) const {
    return row / shap_rows * explained_.outputs() + output;
  }
  void add_tree(std::size_t tree, std::size_t output, std::size_t rows) {
    for (std::size_t row = 0; row < rows; row += shap_rows) {
      const std::size_t at = place(row, output) * columns_;
      tree::shap_kernel()({.arrays = &explained_.arrays,
                           .tree = tree,
                           .output = output,
                           .edges = &edges_,
                           .cells = cells_.data() + row,
                           .stride = stride_,
                           .scratch = scratch_.data(),
                           .follows = follows_.data(),
                           .slots = slots_.data(),
                           .sums = sums_.data() + at * shap_rows,
                           .pairs = with_pairs_ ? pairs_.data() + at * columns_ * shap_rows : nullptr});
    }
  }

  const Explained& explained_;
  std::size_t groups_, stride_, columns_;
  tree::ShapEdges edges_;
  std::vector<double> cells_;
  std::vector<std::uint32_t> slots_;
  Aligned<double> scratch_, sums_, pairs_;
  Aligned<std::int64_t> follows_;
  bool with_pairs_;
};

/// Calls body(sweep, first row, rows) for blocks of rows that went through all trees. `size`: numbers of a row in
/// `values`, which become NaN where a stop came before.
template <class Body>
void sweep_rows(const Explained& explained, const TableView& rows, std::size_t block, bool pairs,
                std::vector<double>& values, std::size_t size, const RunContext& context, const Body& body) {
  for_each_block(context.executor(), rows.rows(), block, [&](std::size_t begin, std::size_t end) {
    const std::size_t count = end - begin;
    if (!context.stop.stop_requested()) {
      Sweep sweep(explained, count, pairs);
      if (sweep.run(rows.part(begin, count), context.stop)) return body(sweep, begin, count);
    }
    std::fill_n(values.data() + begin * size, count * size, std::numeric_limits<double>::quiet_NaN());
  });
}

}  // namespace

Contributions contributions(const TreeEnsemble& model, const TableView& rows, const RunContext& context) {
  constexpr std::size_t block = 256;
  const Explained explained(model);
  const auto& sources = explained.sources;
  Contributions all{.columns = explained.schema_columns, .outputs = explained.outputs()};
  const std::size_t width = all.columns + 1, size = all.outputs * width;
  all.values.assign(rows.rows() * size, 0.0);
  sweep_rows(explained, rows, block, false, all.values, size, context,
             [&](const Sweep& sweep, std::size_t first, std::size_t count) {
               for (std::size_t row = 0; row < count; ++row)
                 for (std::size_t k = 0; k < all.outputs; ++k) {
                   double* to = all.values.data() + (first + row) * size + k * width;
                   for (std::size_t c = 0; c < sources.size(); ++c)
                     for (std::uint32_t column : sources[c])
                       to[column] += sweep.sum(row, k, c) / static_cast<double>(sources[c].size());
                   to[all.columns] = explained.means[k];
                 }
             });
  return all;
}

Interactions interactions(const TreeEnsemble& model, const TableView& rows, const RunContext& context) {
  const Explained explained(model);
  const auto& sources = explained.sources;
  Interactions all{.columns = explained.schema_columns, .outputs = explained.outputs()};
  const std::size_t width = all.columns, size = all.outputs * width * width;
  all.values.assign(rows.rows() * size, 0.0);
  // sums of a block within 16 MiB where they can be
  const std::size_t bytes = sizeof(double) * shap_rows * all.outputs * sources.size() * sources.size();
  const std::size_t block = shap_rows * std::clamp<std::size_t>((16 << 20) / std::max<std::size_t>(1, bytes), 1, 8);
  sweep_rows(explained, rows, block, true, all.values, size, context,
             [&](const Sweep& sweep, std::size_t first, std::size_t count) {
               for (std::size_t row = 0; row < count; ++row)
                 for (std::size_t k = 0; k < all.outputs; ++k) {
                   double* to = all.values.data() + (first + row) * size + k * width * width;
                   const auto add = [&](std::size_t i, std::size_t j, double value) {
                     value /= static_cast<double>(sources[i].size() * sources[j].size());
                     for (std::uint32_t row_column : sources[i])
                       for (std::uint32_t column : sources[j]) to[row_column * width + column] += value;
                   };
                   for (std::size_t i = 0; i < sources.size(); ++i) {
                     double alone = sweep.sum(row, k, i);
                     for (std::size_t j = 0; j < sources.size(); ++j) {
                       if (j == i) continue;
                       const double half = sweep.pair(row, k, i, j) / 2;
                       add(i, j, half);
                       alone -= half;
                     }
                     add(i, i, alone);
                   }
                 }
             });
  return all;
}

}  // namespace automill
