#include <automill/learners/tree/contributions.hpp>
#include <cmath>

#include "learners/tree/shap_kernels.hpp"
#include "learners/tree/tree_walk.hpp"

namespace automill {

namespace {

using tree::cells_of_row;
using tree::shap_rows;

constexpr std::size_t most_groups = 16;

/// Points and weights of a Gauss-Legendre rule on (0, 1).
struct Rule {
  std::vector<double> points, weights;
};

/// Legendre polynomial of degree n and its derivative.
std::pair<long double, long double> legendre(std::size_t n, long double x) {
  long double before = 1, value = x;
  for (std::size_t k = 2; k <= n; ++k) {
    const long double next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
    before = value;
    value = next;
  }
  return {value, n * (x * value - before) / (x * x - 1)};
}

/// Newton's method from the usual guess; in long double, so that the rounded values are the same everywhere.
Rule make_rule(std::size_t n) {
  constexpr long double pi = 3.141592653589793238462643383279502884L;
  Rule rule;
  for (std::size_t i = 0; i < n; ++i) {
    long double x = std::cos(pi * (static_cast<long double>(i) + 0.75L) / (static_cast<long double>(n) + 0.5L));
    for (int step = 0; step < 12; ++step) {
      const auto [value, slope] = legendre(n, x);
      x -= value / slope;
    }
    const long double slope = legendre(n, x).second;
    rule.points.push_back(static_cast<double>((1 - x) / 2));
    rule.weights.push_back(static_cast<double>(1 / ((1 - x * x) * slope * slope)));
  }
  return rule;
}

/// Facts of a tree that no row changes.
struct TreeFacts {
  std::size_t depth = 0, columns = 0;  ///< of the longest path; most different columns of one
  double mean = 0;                     ///< of its leaves over the training rows
};

class FactFinder {
 public:
  explicit FactFinder(const TreeArrays& arrays) : arrays_(arrays), uses_(cells_of_row(arrays)) {}
  TreeFacts find(std::size_t tree) {
    facts_ = {};
    visit(arrays_.roots[tree], 0, 1.0);
    return facts_;
  }

 private:
  void visit(std::uint32_t at, std::size_t depth, double share) {
    const TreeNode& node = arrays_.nodes[at];
    if (node.child == 0) {
      facts_.depth = std::max(facts_.depth, depth);
      facts_.columns = std::max(facts_.columns, different_);
      facts_.mean += share * node.threshold;
      return;
    }
    std::size_t& uses = uses_[node.feature & TreeNode::position];
    if (uses++ == 0) ++different_;
    for (std::uint32_t side = 0; side < 2; ++side)
      visit(node.child + side, depth + 1, share * tree::share_of(arrays_, at, node.child + side));
    if (--uses == 0) --different_;
  }
  const TreeArrays& arrays_;
  std::vector<std::size_t> uses_;
  std::size_t different_ = 0;
  TreeFacts facts_;
};

/// Groups of eight points that are exact for so many columns: the integrand has degree columns - 1.
std::size_t groups_for(std::size_t columns) {
  std::size_t groups = 1;
  while (groups < most_groups && 16 * groups < columns) groups *= 2;
  return groups;
}

/// Doubles at an address that is a multiple of 64.
class AlignedDoubles {
 public:
  explicit AlignedDoubles(std::size_t size)
      : data_(static_cast<double*>(::operator new (size * sizeof(double), std::align_val_t{64}))) {}
  AlignedDoubles(const AlignedDoubles&) = delete;
  AlignedDoubles& operator=(const AlignedDoubles&) = delete;
  ~AlignedDoubles() { ::operator delete (data_, std::align_val_t{64}); }
  double* data() const { return data_; }

 private:
  double* data_;
};

/// What all rows share.
class Explainer {
 public:
  explicit Explainer(const TreeEnsemble& model)
      : arrays_(model.arrays()), schema_columns_(model.input_schema().size()) {
    FactFinder finder(arrays_);
    means_ = arrays_.base;
    for (std::size_t t = 0; t < arrays_.trees(); ++t) {
      const TreeFacts facts = finder.find(t);
      means_[t % arrays_.width()] += facts.mean;
      const std::size_t groups = groups_for(facts.columns);
      trees_.push_back({facts.depth, groups});
      deepest_ = std::max(deepest_, tree::shap_scratch(facts.depth, groups));
      most_points_ = std::max(most_points_, 8 * groups);
    }
    for (std::size_t groups = 1; 8 * groups <= most_points_; groups *= 2) rules_.push_back(make_rule(8 * groups));
  }

  /// Rows of a block, 8 at a time, into values of [row][output][column + 1].
  void explain(const TableView& rows, double* values) const {
    const std::size_t columns = cells_of_row(arrays_);
    std::vector<double> cells(shap_rows * columns), column(shap_rows);
    std::vector<std::uint32_t> levels(columns, 0);
    AlignedDoubles scratch(deepest_), sums(columns * shap_rows * most_points_), points(most_points_);
    for (std::size_t first = 0; first < rows.rows(); first += shap_rows) {
      const TableView part = rows.part(first, std::min(shap_rows, rows.rows() - first));
      tree::read_cells(arrays_, part, column.data(), cells.data());
      for (std::size_t k = 0; k < arrays_.width(); ++k) {
        for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
          tree::ShapInput input{.arrays = &arrays_,
                                .cells = cells.data(),
                                .columns = columns,
                                .points = points.data(),
                                .groups = std::size_t{1} << rule,
                                .scratch = scratch.data(),
                                .levels = levels.data(),
                                .sums = sums.data()};
          if (!add_trees(k, rules_[rule], points.data(), input)) continue;
          integrate(part.rows(), k, rules_[rule], input, values + first * arrays_.width() * (schema_columns_ + 1));
        }
        for (std::size_t row = 0; row < part.rows(); ++row)
          values[((first + row) * arrays_.width() + k) * (schema_columns_ + 1) + schema_columns_] = means_[k];
      }
    }
  }
  std::size_t outputs() const { return arrays_.width(); }

 private:
  struct TreeShape {
    std::size_t depth, groups;
  };

  /// Sums of the trees of an output that need this rule. False: there are none.
  bool add_trees(std::size_t output, const Rule& rule, double* points, tree::ShapInput& input) const {
    bool any = false;
    for (std::size_t t = output; t < arrays_.trees(); t += arrays_.width()) {
      if (trees_[t].groups != input.groups) continue;
      if (!any) {
        std::copy(rule.points.begin(), rule.points.end(), points);
        std::fill_n(input.sums, input.columns * shap_rows * rule.points.size(), 0.0);
      }
      any = true;
      input.tree = t;
      input.depth = trees_[t].depth;
      tree::shap_kernel()(input);
    }
    return any;
  }
  void integrate(std::size_t rows, std::size_t output, const Rule& rule, const tree::ShapInput& input,
                 double* values) const {
    const std::size_t points = rule.points.size();
    for (std::size_t c = 0; c < arrays_.columns.size(); ++c)
      for (std::size_t row = 0; row < rows; ++row) {
        const double* sums = input.sums + (c * shap_rows + row) * points;
        double sum = 0;
        for (std::size_t q = 0; q < points; ++q) sum += rule.weights[q] * sums[q];
        values[(row * arrays_.width() + output) * (schema_columns_ + 1) + arrays_.columns[c]] += sum;
      }
  }

  const TreeArrays& arrays_;
  std::size_t schema_columns_, deepest_ = 0, most_points_ = 8;
  std::vector<TreeShape> trees_;
  std::vector<Rule> rules_;
  std::vector<double> means_;
};

}  // namespace

Contributions contributions(const TreeEnsemble& model, const TableView& rows, const RunContext& context) {
  const Explainer explainer(model);
  Contributions all{.columns = model.input_schema().size(), .outputs = explainer.outputs()};
  const std::size_t row_size = all.outputs * (all.columns + 1);
  all.values.assign(rows.rows() * row_size, 0.0);
  for_each_block(context.executor(), rows.rows(), 8 * shap_rows, [&](std::size_t begin, std::size_t end) {
    if (context.stop.stop_requested())
      std::fill_n(all.values.data() + begin * row_size, (end - begin) * row_size,
                  std::numeric_limits<double>::quiet_NaN());
    else explainer.explain(rows.part(begin, end - begin), all.values.data() + begin * row_size);
  });
  return all;
}

}  // namespace automill
