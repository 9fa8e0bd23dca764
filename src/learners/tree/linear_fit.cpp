#include "learners/tree/linear_fit.hpp"

#include <automill/learners/tree/gradients.hpp>
#include <bit>

namespace automill::tree {

namespace {

constexpr double least_pivot = 1e-7;  // share of a column's variance that those before it leave

/// Table columns of numbers on the way to each leaf, ascending.
void list_columns(const GrownTree& tree, const BinnedTable& bins, std::int32_t node, std::vector<std::uint32_t>& path,
                  std::vector<std::vector<std::uint32_t>>& columns) {
  if (node < 0) {
    auto& own = columns[static_cast<std::size_t>(~node)] = path;
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    return;
  }
  const auto& at = tree.nodes[static_cast<std::size_t>(node)];
  const bool number = !bins.mappings()[at.split.column].categorical;
  if (number) path.push_back(at.split.column);
  list_columns(tree, bins, at.left, path, columns);
  list_columns(tree, bins, at.right, path, columns);
  if (number) path.pop_back();
}

/// Numbers whose products with numbers of at most 1 are added up as integers: the same sum for any order of rows.
class Factors {
 public:
  explicit Factors(std::vector<double> values) : values_(std::move(values)) {
    const double top = kernels().largest(values_.data(), values_.size());
    int exponent = 0;
    std::frexp(top, &exponent);
    const int bits = static_cast<int>(std::bit_width(values_.size()));
    scale_ = std::ldexp(1.0, std::clamp(62 - bits - exponent, -1000, 1000));
    for (double& value : values_) value *= scale_;
  }
  double sum_with(const std::vector<double>& others) const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) sum += static_cast<std::int64_t>(values_[i] * others[i]);
    return static_cast<double>(sum) / scale_;
  }

 private:
  std::vector<double> values_;
  double scale_ = 1;
};

/// The model of one leaf.
class LeafFit {
 public:
  LeafFit(const LinearFit& fit, std::vector<std::uint32_t> columns) : fit_(fit), columns_(std::move(columns)) {}

  /// False: the context stopped.
  bool run(std::span<const std::uint32_t> rows, const StopToken& stop) {
    if (!read_cells(rows, stop)) return false;
    read_gradients(rows);
    keep_complete_rows();
    hessian_ = order_free_sum(hessians_);
    if (!(hessian_ > 0)) return true;
    if (!scale_columns(stop)) return false;
    if (columns_.empty() || gradients_.size() < columns_.size() + 1) return true;
    if (!sum_products(stop)) return false;
    solve();
    make_model();
    return true;
  }
  const std::optional<LinearLeaf>& leaf() const { return leaf_; }
  const std::vector<LinearTerm>& terms() const { return terms_; }

 private:
  /// Columns without a cell in the leaf cannot have a term.
  bool read_cells(std::span<const std::uint32_t> rows, const StopToken& stop) {
    std::vector<std::uint32_t> present;
    for (std::uint32_t column : columns_) {
      if (stop.stop_requested()) return false;
      std::vector<double> cells(rows.size());
      (*fit_.table)[column].gather(rows, cells.data());
      if (std::none_of(cells.begin(), cells.end(), [](double cell) { return std::isfinite(cell); })) continue;
      cells_.push_back(std::move(cells));
      present.push_back(column);
    }
    columns_ = std::move(present);
    return true;
  }
  void read_gradients(std::span<const std::uint32_t> rows) {
    const QuantisedGradients& all = *fit_.gradients;
    for (std::uint32_t row : rows) {
      gradients_.push_back(all.gradients[fit_.place[row]]);
      hessians_.push_back(all.hessians.empty() ? 1.0 : all.hessians[fit_.place[row]]);
    }
  }
  void keep_complete_rows() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < gradients_.size(); ++i) {
      const bool complete =
          std::all_of(cells_.begin(), cells_.end(), [&](const auto& c) { return std::isfinite(c[i]); });
      if (!complete || (gradients_[i] == 0 && hessians_[i] == 0)) continue;  // without weight
      for (auto& cells : cells_) cells[kept] = cells[i];
      gradients_[kept] = gradients_[i];
      hessians_[kept++] = hessians_[i];
    }
    for (auto& cells : cells_) cells.resize(kept);
    gradients_.resize(kept);
    hessians_.resize(kept);
  }

  /// Cells become shares of the way from the least to the largest, less their weighted mean. Constant columns go.
  bool scale_columns(const StopToken& stop) {
    const Factors weights(hessians_);
    std::vector<std::vector<double>> kept;
    std::vector<std::uint32_t> kept_columns;
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      if (stop.stop_requested()) return false;
      std::vector<double>& cells = cells_[j];
      const auto [low, high] = std::minmax_element(cells.begin(), cells.end());
      const double first = *low, range = *high - *low;
      if (!(range > 0) || !std::isfinite(range)) continue;
      for (double& cell : cells) cell = (cell - first) / range;
      const double mean = weights.sum_with(cells) / hessian_;
      for (double& cell : cells) cell -= mean;
      scales_.push_back({first, range, mean});
      kept.push_back(std::move(cells));
      kept_columns.push_back(columns_[j]);
    }
    cells_ = std::move(kept);
    columns_ = std::move(kept_columns);
    return true;
  }

  /// X'HX (lower triangle, row by row) and X'g.
  bool sum_products(const StopToken& stop) {
    const Factors gradients(gradients_);
    for (const auto& cells : cells_) {
      std::vector<double> weighted(hessians_);
      for (std::size_t i = 0; i < weighted.size(); ++i) weighted[i] *= cells[i];
      const Factors own(std::move(weighted));
      for (const auto& others : cells_) {
        if (stop.stop_requested()) return false;
        matrix_.push_back(own.sum_with(others));
        if (&others == &cells) break;
      }
      slopes_.push_back(gradients.sum_with(cells));
    }
    return true;
  }

  double& at(std::size_t j, std::size_t k) { return matrix_[j * (j + 1) / 2 + k]; }

  /// Cholesky factorisation in place, without the columns that those before them determine; then both substitutions.
  void solve() {
    const std::size_t p = cells_.size();
    std::vector<bool> used(p);
    solution_.assign(p, 0.0);
    for (std::size_t j = 0; j < p; ++j) {
      at(j, j) += fit_.penalty.lambda / scales_[j].range / scales_[j].range;
      const double whole = at(j, j);
      double rest = -slopes_[j];
      for (std::size_t k = 0; k < j; ++k) {
        if (!used[k]) continue;
        for (std::size_t m = 0; m < k; ++m)
          if (used[m]) at(j, k) -= at(j, m) * at(k, m);
        at(j, k) /= at(k, k);
        at(j, j) -= at(j, k) * at(j, k);
        rest -= at(j, k) * solution_[k];
      }
      used[j] = at(j, j) > least_pivot * whole;
      if (!used[j]) continue;
      at(j, j) = std::sqrt(at(j, j));
      solution_[j] = rest / at(j, j);
    }
    for (std::size_t j = p; j-- > 0;) {
      if (!used[j]) continue;
      for (std::size_t k = j + 1; k < p; ++k)
        if (used[k]) solution_[j] -= at(k, j) * solution_[k];
      solution_[j] /= at(j, j);
    }
  }

  void make_model() {
    const double gradient = order_free_sum(gradients_), size = std::max(0.0, std::abs(gradient) - fit_.penalty.l1);
    const double middle = -fit_.learning_rate * std::copysign(size, gradient) / (hessian_ + fit_.penalty.l2);
    if (std::abs(middle) > fit_.learning_rate * fit_.longest_step) return;
    LinearLeaf leaf{.constant = middle};
    std::vector<double> added(gradients_.size(), middle);
    for (std::size_t j = 0; j < cells_.size(); ++j) {
      const double slope = fit_.learning_rate * solution_[j], coefficient = slope / scales_[j].range;
      if (coefficient == 0 || !std::isfinite(coefficient)) continue;
      const double mean = scales_[j].low + scales_[j].mean * scales_[j].range;
      leaf.constant -= coefficient * mean;
      terms_.push_back({.coefficient = coefficient, .cell = columns_[j], .mean = mean});
      for (std::size_t i = 0; i < added.size(); ++i) added[i] += slope * cells_[j][i];
    }
    const auto [least, most] = std::minmax_element(added.begin(), added.end());
    leaf.least = *least;
    leaf.most = *most;
    if (!terms_.empty() && std::isfinite(leaf.constant)) leaf_ = leaf;
  }

  struct Scale {
    double low, range, mean;
  };
  const LinearFit& fit_;
  std::vector<std::uint32_t> columns_;
  std::vector<std::vector<double>> cells_;  // by column
  std::vector<double> gradients_, hessians_, matrix_, slopes_, solution_;
  std::vector<Scale> scales_;
  double hessian_ = 0;
  std::optional<LinearLeaf> leaf_;
  std::vector<LinearTerm> terms_;
};

}  // namespace

bool fit_linear_leaves(GrownTree& tree, const LinearFit& fit,
                       const std::function<std::span<const std::uint32_t>(std::size_t)>& leaf_rows,
                       const RunContext& context) {
  tree.linear = {};
  if (tree.nodes.empty()) return true;
  const std::size_t count = tree.leaves.size();
  std::vector<std::uint32_t> path;
  std::vector<std::vector<std::uint32_t>> columns(count);
  list_columns(tree, *fit.bins, 0, path, columns);
  std::vector<std::optional<LinearLeaf>> leaves(count);
  std::vector<std::vector<LinearTerm>> terms(count);
  std::atomic<bool> stopped{false};
  context.executor().run(count, [&](std::size_t leaf) {
    if (stopped) return;
    LeafFit one(fit, std::move(columns[leaf]));
    if (!one.run(leaf_rows(leaf), context.stop)) stopped = true;
    leaves[leaf] = one.leaf();
    terms[leaf] = one.terms();
  });
  for (std::size_t leaf = 0; leaf < count; ++leaf)
    if (leaves[leaf]) tree.linear.add(leaf, *leaves[leaf], terms[leaf]);
  return !stopped;
}

std::uint64_t linear_fit_bytes(std::size_t rows, std::size_t columns, std::size_t leaves) {
  return 8 * rows * (std::min(columns, leaves - 1) + 4) + 4 * rows;
}

void add_leaf_values(const GrownTree& tree, std::size_t leaf, const TableView& view,
                     std::span<const std::uint32_t> rows, double* to) {
  const double plain = tree.leaves[leaf].value;
  const LinearLeaf* model = tree.linear.find(leaf);
  if (model == nullptr) {
    for (std::uint32_t row : rows) to[row] += plain;
    return;
  }
  constexpr std::size_t block = 1024;
  std::vector<std::uint32_t> here;
  std::vector<double> cells(model->terms * block);
  for (std::size_t first = 0; first < rows.size(); first += block) {
    const auto some = rows.subspan(first, std::min(block, rows.size() - first));
    here.clear();
    for (std::uint32_t row : some) here.push_back(static_cast<std::uint32_t>(view.row(row)));
    for (std::uint32_t t = 0; t < model->terms; ++t)
      view.table()[tree.linear.terms[model->first + t].cell].gather(here, cells.data() + t * block);
    for (std::size_t i = 0; i < some.size(); ++i)
      to[some[i]] += tree.linear.value(*model, plain,
                                       [&](std::uint32_t term, const LinearTerm&) { return cells[term * block + i]; });
  }
}

}  // namespace automill::tree
