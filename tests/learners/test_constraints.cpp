// Limits on trees: monotone columns, columns that may be used together, smoothed and bounded leaves, columns drawn for
// each node.

#include <gtest/gtest.h>

#include "split_tools.hpp"

using namespace tree_tools;
using linear_tools::classification;
using linear_tools::regression;
using linear_tools::table_of;

namespace {

using Parameters = GradientBoostingParameters;

// ---- the best split of a node ----

struct Child {
  long double gradient = 0, hessian = 0, rows = 0;
};

/// Value of a child as the definitions say it.
long double value_of(const Child& child, const NodeRows& node) {
  const SplitParameters& p = node.parameters;
  const long double g = child.gradient, t = std::max<long double>(std::abs(g) - p.l1, 0) * (g < 0 ? -1 : 1);
  long double value = -t / (child.hessian + p.l2);
  if (p.max_delta_step > 0) value = std::clamp<long double>(value, -p.max_delta_step, p.max_delta_step);
  const long double s = p.path_smooth;
  value = value * child.rows / (child.rows + s) + node.bounds.value * s / (child.rows + s);
  return std::clamp<long double>(value, node.bounds.lower, node.bounds.upper);
}

long double score_of(const Child& child, long double value, const SplitParameters& p) {
  const long double g = child.gradient, t = std::max<long double>(std::abs(g) - p.l1, 0) * (g < 0 ? -1 : 1);
  return -(2 * t * value + (child.hessian + p.l2) * value * value);
}

struct Best {
  long double gain = -infinite, size = 0;
};

Best best_by_brute_force(const NodeRows& node) {
  Child whole{.rows = static_cast<long double>(node.rows())};
  std::vector<Child> cells(node.rows());
  for (std::size_t i = 0; i < node.rows(); ++i) {
    cells[i] = {node.gradients[i] * static_cast<long double>(node.scale.gradient_unit),
                node.hessians[i] * static_cast<long double>(node.scale.hessian_unit), 0};
    whole.gradient += cells[i].gradient;
    whole.hessian += cells[i].hessian;
  }
  Best best;
  for (std::uint32_t c = 0; c < node.table.size(); ++c) {
    std::vector<double> values(node.rows());
    node.table[c].numbers(0, node.rows(), values.data());
    for (const Side& side : number_sides(node, c)) {
      Child left, right;
      bool all_numbers_left = true, missing_left = false;
      for (std::size_t i = 0; i < node.rows(); ++i) {
        Child& child = side[i] ? left : right;
        child.gradient += cells[i].gradient;
        child.hessian += cells[i].hessian;
        if (std::isnan(values[i])) missing_left = missing_left || side[i];
        else all_numbers_left = all_numbers_left && side[i];
      }
      bool allowed = true;
      for (Child* child : {&left, &right}) {
        child->rows = std::nearbyint(child->hessian * whole.rows / whole.hessian);
        allowed = allowed && child->hessian * whole.rows >= (node.parameters.min_rows - 0.5) * whole.hessian &&
                  child->hessian >= node.parameters.min_hessian && child->hessian > 0;
      }
      if (!allowed) continue;
      const long double a = value_of(left, node), b = value_of(right, node);
      const int sign = node.parameters.monotone.empty() ? 0 : node.parameters.monotone[c];
      const bool ordered = !all_numbers_left || missing_left;
      if (ordered && ((sign > 0 && a > b) || (sign < 0 && a < b))) continue;
      const long double whole_score = score_of(whole, node.bounds.value, node.parameters);
      const long double size = std::abs(score_of(left, a, node.parameters)) +
                               std::abs(score_of(right, b, node.parameters)) + std::abs(whole_score);
      const long double gain = score_of(left, a, node.parameters) + score_of(right, b, node.parameters) - whole_score;
      if (gain > best.gain) best = {gain, size};
    }
  }
  return best;
}

void expect_best(NodeRows node, const std::string& what, int& found) {
  const Best brute = best_by_brute_force(node);
  const Split split = node.best();
  const double tolerance = static_cast<double>(1e-13L * brute.size) + 1e-13;  // a dozen operations on scores
  if (!(brute.gain > node.parameters.min_gain)) {
    EXPECT_TRUE(!split.found() || split.gain < node.parameters.min_gain + tolerance) << what;
    return;
  }
  ASSERT_TRUE(split.found()) << what;
  EXPECT_NEAR(split.gain, static_cast<double>(brute.gain), tolerance) << what;
  const Side side = side_of(node, split);
  PackedSum left;
  for (std::size_t i = 0; i < node.rows(); ++i)
    if (side[i]) left = left + node.packed(i);
  EXPECT_TRUE(left == split.left) << what;
  ++found;
}

TEST(ConstrainedSplits, AreTheBestOfAllAllowedOnes) {
  std::array<int, 5> found{};
  for (std::uint64_t seed = 0; seed < 250; ++seed) {
    RandomStream random(seed, purpose("constraints"));
    NodeRows node = random_node(seed, 20 + seed % 41, 3 + seed % 17, 255);
    const std::size_t kind = seed % 5;
    SplitParameters& p = node.parameters;
    const double typical = 500 * node.scale.gradient_unit / node.scale.hessian_unit;  // of a leaf value
    if (kind == 0 || kind == 4) p.monotone = {1, -1, 0};
    if (kind == 1 || kind == 4) p.path_smooth = 1 + 20 * random.uniform();
    if (kind == 2 || kind == 4) p.max_delta_step = typical * random.uniform() / 2;
    if (kind == 3 || kind == 4) {  // bounds alone are there only with some monotone column
      if (p.monotone.empty()) p.monotone = {0, 0, 1};
      node.bounds.lower = -typical * random.uniform() / 4;
      node.bounds.upper = typical * random.uniform() / 4;
    }
    const SplitFinder finder(*node.bins, node.scale, p);
    node.bounds.value = finder.leaf_value(node.totals(), 0);
    expect_best(node, "seed " + std::to_string(seed), found[kind]);
  }
  for (int count : found) EXPECT_GT(count, 20);
}

TEST(ConstrainedSplits, ColumnsOfManyBinsToo) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    NodeRows node = random_node(seed, 700, 5000, 1000);
    node.parameters.monotone = {1, -1, 1};
    node.parameters.path_smooth = 3;
    node.bounds.value = SplitFinder(*node.bins, node.scale, node.parameters).leaf_value(node.totals(), 0);
    expect_best(node, "seed " + std::to_string(seed), found);
  }
  EXPECT_GT(found, 3);
}

TEST(ConstrainedSplits, LeafValuesByHand) {
  NodeRows node = random_node(2, 20, 5, 255);
  const auto value = [&](SplitParameters p, std::int64_t gradient, std::int64_t hessian, double rows,
                         const NodeTotals* parent) {
    GradientScale scale;
    const NodeTotals totals{.sum = {(gradient << 32) + hessian, 0}, .rows = rows};
    return SplitFinder(*node.bins, scale, p).leaf_value(totals, 0, parent);
  };
  const NodeTotals parent{.sum = {}, .rows = 100, .value = -1};
  EXPECT_NEAR(value({.max_delta_step = 2}, -60, 10, 10, nullptr), 2, 1e-14);
  EXPECT_NEAR(value({.max_delta_step = 2}, 60, 10, 10, nullptr), -2, 1e-14);
  // 6 * 10 / (10 + 30) - 1 * 30 / (10 + 30)
  EXPECT_NEAR(value({.path_smooth = 30}, -60, 10, 10, &parent), 0.75, 1e-14);
  EXPECT_NEAR(value({.path_smooth = 30}, -60, 10, 10, nullptr), 6, 1e-14);  // the root
  EXPECT_NEAR(value({.l2 = 20, .path_smooth = 30, .max_delta_step = 1}, -60, 10, 10, &parent), -0.5, 1e-14);
}

// ---- monotone columns ----

/// x0 rises and x1 falls with the target, but not everywhere; x2 and a category are free. Some values are missing.
struct MonotoneSet {
  Columns numbers;
  std::vector<std::int32_t> codes;
  std::vector<double> target;

  explicit MonotoneSet(std::size_t rows)
      : numbers(linear_tools::random_columns(3, rows, 1)), codes(rows), target(rows) {
    RandomStream random = random_of(9);
    for (std::size_t i = 0; i < rows; ++i) {
      codes[i] = static_cast<std::int32_t>(random.below(6));
      const double x0 = numbers[0][i], x1 = numbers[1][i], x2 = numbers[2][i];
      target[i] = x0 + std::sin(5 * x0) - x1 + 1.5 * std::cos(4 * x1) + x0 * x2 + (codes[i] % 2 == 0 ? x1 : 0) +
                  random.normal();
      for (auto& column : numbers)
        if (random.below(10) == 0) column[i] = missing;
    }
  }
  Table table() const { return make_table(numbers, codes); }
  static Table make_table(const Columns& x, const std::vector<std::int32_t>& codes) {
    return Table({number_column("x0", x[0]), number_column("x1", x[1]), number_column("x2", x[2]),
                  category_column("c", codes, 6)});
  }
};

/// Largest step against the order over all pairs of a grid of one column, for rows that are equal otherwise.
double largest_violation(const Model& model, const MonotoneSet& set, std::size_t column, int sign, std::size_t output) {
  double worst = 0;
  for (std::size_t base = 0; base < 40; ++base) {
    Columns x(3);
    std::vector<std::int32_t> codes;
    for (int step = -60; step <= 60; ++step) {
      for (std::size_t c = 0; c < 3; ++c) x[c].push_back(c == column ? step / 15.0 : set.numbers[c][base]);
      codes.push_back(set.codes[base]);
    }
    const Predictions all = model.predict(MonotoneSet::make_table(x, codes));
    double most = -infinite;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const double value = sign * all.row(i)[output];
      worst = std::max(worst, most - value);
      most = std::max(most, value);
    }
  }
  return worst;
}

std::shared_ptr<const Dataset> dataset_for(const MonotoneSet& set, const std::string& objective) {
  if (objective == "log_loss") {
    Dataset dataset;
    dataset.features = set.table();
    dataset.target.task = Task::binary;
    dataset.target.classes = {"no", "yes"};
    for (double y : set.target) dataset.target.labels.push_back(y > 0 ? 1 : 0);
    return make_dataset(std::move(dataset));
  }
  std::vector<double> y = set.target;
  for (double& value : y) {
    if (objective == "poisson" || objective == "tweedie") value = std::round(std::exp(value / 2));
    if (objective == "gamma") value = std::exp(value / 2);
    if (objective == "cross_entropy") value = 1 / (1 + std::exp(-value));
  }
  return numeric_dataset(set.table(), y);
}

const std::vector<std::string>& monotone_objectives() {
  static const std::vector<std::string> all{"squared_error", "absolute_error", "huber",   "fair",          "quantile",
                                            "poisson",       "gamma",          "tweedie", "cross_entropy", "log_loss"};
  return all;
}

const std::vector<std::string>& monotone_methods() {
  static const std::vector<std::string> all{"basic", "intermediate"};
  return all;
}

TEST(MonotoneConstraints, HoldOnAllPairsForAllObjectives) {
  const MonotoneSet set(1500);
  for (const std::string& objective : monotone_objectives()) {
    const auto dataset = dataset_for(set, objective);
    Parameters parameters{.n_estimators = 40, .learning_rate = 0.3, .min_child_samples = 5, .objective = objective};
    const std::size_t output = objective == "log_loss" ? 1 : 0;
    const FitResult free = GradientBoosting(parameters).fit(dataset);
    EXPECT_GT(largest_violation(*free.model, set, 0, 1, output), 0.01) << objective;
    parameters.monotone_constraints = Object{{"x0", 1}, {"x1", "decreasing"}};
    for (const std::string& method : monotone_methods()) {
      parameters.monotone_constraints_method = method;
      const FitResult held = GradientBoosting(parameters).fit(dataset);
      EXPECT_GE(held.report.rounds, 30) << objective;
      // sums of rising terms rise, also when they are rounded; the link may turn by its last bit
      EXPECT_LE(largest_violation(*held.model, set, 0, 1, output), 1e-15) << objective << " " << method;
      EXPECT_LE(largest_violation(*held.model, set, 1, -1, output), 1e-15) << objective << " " << method;
    }
  }
}

/// All constrained columns of a fit, over all pairs of grids.
void expect_in_order(Parameters parameters, const MonotoneSet& set, const std::string& objective) {
  parameters.n_estimators = 25;
  parameters.learning_rate = 0.3;
  parameters.objective = objective;
  const Array signs{1, -1, 0, 0};
  parameters.monotone_constraints = signs;
  const std::size_t output = objective == "log_loss" ? 1 : 0;
  for (const std::string& method : monotone_methods()) {
    parameters.monotone_constraints_method = method;
    const FitResult fit = GradientBoosting(parameters).fit(dataset_for(set, objective));
    EXPECT_LE(largest_violation(*fit.model, set, 0, 1, output), 1e-15) << objective << " " << method;
    EXPECT_LE(largest_violation(*fit.model, set, 1, -1, output), 1e-15) << objective << " " << method;
  }
}

TEST(MonotoneConstraints, HoldWithEveryWayOfGrowing) {
  const MonotoneSet set(1500);
  for (const std::string objective : {"squared_error", "quantile", "log_loss"})
    for (const Parameters& parameters :
         {Parameters{.extra_trees = true}, Parameters{.subsample = 0.5, .colsample_bytree = 0.7},
          Parameters{.colsample_bynode = 0.5}, Parameters{.max_bin = 1000}, Parameters{.reg_alpha = 3, .reg_lambda = 5},
          Parameters{.max_delta_step = 0.4}, Parameters{.growth = "depth_wise"},
          Parameters{.leaf_iterations = objective == "quantile" ? 1 : 3},
          Parameters{.num_leaves = 200, .min_child_samples = 1}})
      expect_in_order(parameters, set, objective);
  expect_in_order({.path_smooth = 20}, set, "squared_error");
}

TEST(MonotoneConstraints, MissingValuesMayBeAnywhere) {
  // missing values lie far above, small and large numbers below: a falling column would split numbers from missing ones
  std::vector<double> x, y;
  for (int i = 0; i < 120; ++i) {
    x.push_back(i % 3 == 0 ? missing : i % 10);
    y.push_back(i % 3 == 0 ? 100 : i % 10);
  }
  Parameters parameters{.n_estimators = 60, .learning_rate = 0.3, .min_child_samples = 1};
  parameters.monotone_constraints = Array{-1};
  for (const std::string& method : monotone_methods()) {
    parameters.monotone_constraints_method = method;
    const FitResult fit = GradientBoosting(parameters).fit(regression({x}, y));
    const auto values = fit.model->predict(table_of({{missing, 0, 5, 9}})).values;
    EXPECT_NEAR(values[0], 100, 0.1);
    EXPECT_EQ(values[1], values[2]);  // numbers rise, which is not allowed: one value for all
    EXPECT_EQ(values[2], values[3]);
    EXPECT_NEAR(values[1], 4.5, 0.1);
  }
}

TEST(MonotoneConstraints, LeavesThatDoNotAdjoinDoNotLimitEachOther) {
  // The first split is on the rising column, since it explains most: means 2.5 and 6. Basic: all of x0 = 0 stays below
  // the point halfway between them. Intermediate: it stays below 6, the value of the leaf of x0 = 1.
  Columns x(2);
  std::vector<double> y;
  for (int i = 0; i < 400; ++i) {
    const int a = i % 2, b = i / 2 % 2;
    x[0].push_back(a);
    x[1].push_back(b);
    y.push_back(a == 1 ? 6 : b == 1 ? 5 : 0);
  }
  Parameters parameters{.n_estimators = 1, .learning_rate = 1, .objective = "squared_error"};
  parameters.monotone_constraints = Array{1, 0};
  const auto fitted = [&](const std::string& method) {
    parameters.monotone_constraints_method = method;
    return GradientBoosting(parameters).fit(regression(x, y)).model->predict(table_of({{0, 0, 1, 1}, {0, 1, 0, 1}}));
  };
  const auto basic = fitted("basic").values, intermediate = fitted("intermediate").values;
  const std::vector<double> means{0, 5, 6, 6}, halfway{0, 4.25, 6, 6};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(intermediate[i], means[i], 1e-6) << i;
    EXPECT_NEAR(basic[i], halfway[i], 1e-6) << i;
  }
}

TEST(MonotoneConstraints, TheOrderOfLeavesIsAskedOfTheMeter) {
  const MonotoneSet set(400);
  Parameters parameters{.n_estimators = 1, .num_leaves = 2};  // one split: both methods grow the same tree
  parameters.monotone_constraints = Array{1, -1, 0, 0};
  const auto bytes = [&](const std::string& method) {
    parameters.monotone_constraints_method = method;
    MemoryMeter meter;
    RunContext context;
    context.memory = &meter;
    return GradientBoosting(parameters).fit(dataset_for(set, "squared_error"), context).report.bytes;
  };
  EXPECT_EQ(bytes("intermediate") - bytes("basic"), LeafOrder::estimate_bytes(2));
}

TEST(MonotoneConstraints, SmallFitsAgreeWithLightGBM) {
  // LightGBM 4.7.0: raw scores of 3 rounds at 0.5 with init_score 0, min_data_in_leaf 1, min_data_in_bin 1
  std::vector<double> x, y;
  for (int i = 0; i < 96; ++i) {
    x.push_back(i % 6);
    y.push_back((i % 6 * (i % 6) % 7 + 1 + (i * 5 % 8) / 8.0) / 10);
  }
  Dataset dataset;
  dataset.features = table_of({x});
  dataset.target.values = y;
  dataset.initial_scores.assign(96, 0.0);
  const auto shared = make_dataset(std::move(dataset));
  Parameters parameters{.n_estimators = 3, .learning_rate = 0.5, .min_child_samples = 1};
  parameters.monotone_constraints_method = "basic";
  const auto fitted = [&](int sign) {
    parameters.monotone_constraints = Array{sign};
    return GradientBoosting(parameters).fit(shared).model->predict(table_of({{0, 1, 2, 3, 4, 5}})).values;
  };
  const std::vector<double> expected{0.120312501211, 0.218749995343, 0.357291665433,
                                     0.357291665433, 0.357291665433, 0.48124999553};
  const auto rising = fitted(1), falling = fitted(-1);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(rising[i], expected[i], 1e-7) << i;  // their gradients are single precision
    EXPECT_EQ(falling[i], 0) << i;
  }
}

TEST(MonotoneConstraints, FreeColumnsChangeNothing) {
  const MonotoneSet set(400);
  const auto dataset = dataset_for(set, "squared_error");
  Parameters parameters{.n_estimators = 5};
  const auto plain = GradientBoosting(parameters).fit(dataset).model->predict(set.table()).values;
  for (const std::string& method : monotone_methods())
    for (const Value& none : {Value(Array{0, 0, 0, 0}), Value(Object{}), Value{}}) {
      parameters.monotone_constraints_method = method;
      parameters.monotone_constraints = none;
      EXPECT_EQ(bits_of(GradientBoosting(parameters).fit(dataset).model->predict(set.table()).values), bits_of(plain));
    }
}

TEST(MonotoneConstraints, TheOrderOfLeavesIsRestoredAfterTheirValuesChange) {
  // a tree on one rising column with three splits, whose leaves have been given any values
  const Columns x{{1, 2, 3, 4, 5, 6, 7, 8}};
  const auto bins = binned(table_of(x));
  const auto node = [](std::uint32_t bin, std::int32_t left, std::int32_t right) {
    GrownTree::Node made;
    made.split.bin = bin;
    made.left = left;
    made.right = right;
    return made;
  };
  GrownTree tree;
  tree.nodes = {node(4, 1, 2), node(2, ~0, ~2), node(6, ~1, ~3)};  // leaves 0, 2, 1, 3 from left to right
  tree.leaves = {{5, 1}, {2, 1}, {1, 1}, {0, 1}};
  order_leaves(tree, *bins, {1});
  // 5 and 0 are out of order with all others
  for (const auto& leaf : tree.leaves) EXPECT_EQ(leaf.value, 2.5);
  tree.leaves = {{1, 1}, {2, 1}, {3, 1}, {4, 1}};
  order_leaves(tree, *bins, {1});
  EXPECT_EQ(tree.leaves[0].value, 1);
  EXPECT_EQ(tree.leaves[1].value, 2.5);
  EXPECT_EQ(tree.leaves[2].value, 2.5);
  EXPECT_EQ(tree.leaves[3].value, 4);
  order_leaves(tree, *bins, {-1});
  for (const auto& leaf : tree.leaves) EXPECT_EQ(leaf.value, 2.5);
}

// ---- columns together, columns of a node ----

/// Columns of each path from the root to a leaf.
std::set<std::set<std::uint32_t>> paths_of(const FitResult& fit) {
  const TreeArrays& arrays = dynamic_cast<const TreeEnsemble&>(*fit.model).arrays();
  std::set<std::set<std::uint32_t>> paths;
  const std::function<void(std::uint32_t, std::set<std::uint32_t>)> walk = [&](std::uint32_t at,
                                                                               std::set<std::uint32_t> path) {
    const TreeNode& node = arrays.nodes[at];
    if (node.child == 0) {
      paths.insert(path);
      return;
    }
    path.insert(arrays.columns[node.feature & TreeNode::position]);
    walk(node.child, path);
    walk(node.child + 1, path);
  };
  for (std::uint32_t root : arrays.roots) walk(root, {});
  return paths;
}

TEST(InteractionConstraints, ColumnsOfAPathAreInOneSet) {
  const Columns x = linear_tools::random_columns(6, 1500, 1);
  std::vector<double> y;
  for (std::size_t i = 0; i < 1500; ++i)
    y.push_back(x[0][i] * x[1][i] + x[2][i] * x[3][i] + x[1][i] * x[2][i] + x[4][i] * x[0][i] + x[5][i] * x[3][i]);
  const auto dataset = regression(x, y);
  Parameters parameters{.n_estimators = 30, .min_child_samples = 5};
  const std::vector<std::set<std::uint32_t>> sets{{0, 1, 2}, {2, 3}, {4}, {5}};  // 4 and 5 are in no list
  const auto names = dataset->features.schema()->names();
  for (const Value& given : {Value(Array{Array{0, 1, 2}, Array{2, 3}}),
                             Value(Array{Array{names[2], names[1], names[0], 0}, Array{names[3], names[2]}})}) {
    parameters.interaction_constraints = given;
    std::set<std::uint32_t> used;
    for (const auto& path : paths_of(GradientBoosting(parameters).fit(dataset))) {
      used.insert(path.begin(), path.end());
      EXPECT_TRUE(std::any_of(sets.begin(), sets.end(), [&](const auto& set) {
        return std::includes(set.begin(), set.end(), path.begin(), path.end());
      })) << "a path has columns of several sets";
    }
    EXPECT_EQ(used.size(), 6U);
  }
  // all columns together: the same as no constraint
  parameters.interaction_constraints = Array{Value(Array{0, 1, 2, 3, 4, 5})};
  const auto all = GradientBoosting(parameters).fit(dataset).model->predict(table_of(x)).values;
  parameters.interaction_constraints = Value{};
  EXPECT_EQ(bits_of(all), bits_of(GradientBoosting(parameters).fit(dataset).model->predict(table_of(x)).values));
}

TEST(InteractionConstraints, ColumnsAloneGiveAnAdditiveModel) {
  const Columns x = linear_tools::random_columns(2, 800, 1);
  std::vector<double> y;
  for (std::size_t i = 0; i < 800; ++i) y.push_back(x[0][i] * x[1][i] + x[0][i]);
  Parameters parameters{.n_estimators = 50};
  parameters.interaction_constraints = Array{};
  const FitResult fit = GradientBoosting(parameters).fit(regression(x, y));
  const auto at = [&](double a, double b) { return fit.model->predict(table_of({{a}, {b}})).values[0]; };
  for (const double a : {-1.0, 0.2})
    for (const double b : {-0.7, 0.9}) EXPECT_NEAR(at(a, b) - at(a, 2) - at(2, b) + at(2, 2), 0, 1e-12);
}

TEST(NodeColumns, EachNodeDrawsItsOwn) {
  // the first column explains all, so every split is on it - unless it was not drawn
  const Columns x = linear_tools::random_columns(10, 2000, 1);
  std::vector<double> y;
  for (double value : x[0]) y.push_back(std::sin(3 * value));
  const auto dataset = regression(x, y);
  const auto share = [&](double tree, double node) {
    Parameters parameters{
        .n_estimators = 60, .num_leaves = 8, .learning_rate = 0.01, .colsample_bytree = tree, .colsample_bynode = node};
    const FitResult fit = GradientBoosting(parameters).fit(dataset);
    const TreeArrays& arrays = dynamic_cast<const TreeEnsemble&>(*fit.model).arrays();
    double first = 0, splits = 0;
    for (const TreeNode& n : arrays.nodes) {
      first += n.child != 0 && arrays.columns[n.feature & TreeNode::position] == 0 ? 1 : 0;
      splits += n.child != 0 ? 1 : 0;
    }
    return first / splits;
  };
  EXPECT_EQ(share(1, 1), 1);
  // 420 splits; a node without the column is split less often than one with it, so that the share lies above 0.3
  EXPECT_GT(share(1, 0.3), 0.25);
  EXPECT_LT(share(1, 0.3), 0.7);
  EXPECT_LT(share(0.5, 0.6), share(1, 0.6));
}

TEST(Constraints, AreTheSameForAnyOrderOfRowsAndThreads) {
  const MonotoneSet set(2000);
  Parameters parameters{.n_estimators = 6, .colsample_bynode = 0.6, .path_smooth = 2, .max_delta_step = 3};
  parameters.monotone_constraints = Object{{"x0", 1}};
  parameters.interaction_constraints = Array{Array{"x0", "x1", "c"}, Array{"x1", "x2"}};
  const auto order = shuffled_rows(2000, 3);
  MonotoneSet other = set;
  for (auto& column : other.numbers) column = linear_tools::selected(column, order);
  other.codes = linear_tools::selected(set.codes, order);
  other.target = linear_tools::selected(set.target, order);
  for (const std::string& method : monotone_methods()) {
    parameters.monotone_constraints_method = method;
    const auto straight = GradientBoosting(parameters).fit(dataset_for(set, "squared_error"));
    for (const std::size_t width : {1, 2, 7}) {
      const auto threads = make_executor(width);
      RunContext context;
      context.run_with = threads.get();
      const auto shuffled = GradientBoosting(parameters).fit(dataset_for(other, "squared_error"), context);
      EXPECT_EQ(bits_of(straight.model->predict(set.table()).values),
                bits_of(shuffled.model->predict(set.table()).values));
    }
  }
}

TEST(Constraints, LeavesStayWithinTheLargestStep) {
  const MonotoneSet set(800);
  for (const std::string objective : {"squared_error", "absolute_error", "log_loss"}) {
    const FitResult fit =
        GradientBoosting({.n_estimators = 10, .learning_rate = 0.5, .max_delta_step = 0.25, .objective = objective})
            .fit(dataset_for(set, objective));
    double largest = 0;
    for (const TreeNode& node : dynamic_cast<const TreeEnsemble&>(*fit.model).arrays().nodes)
      if (node.child == 0) largest = std::max(largest, std::abs(node.threshold));
    EXPECT_NEAR(largest, 0.125, 1e-12) << objective;
  }
}

TEST(Constraints, SmoothingMakesLeavesAlike) {
  const MonotoneSet set(800);
  double before = infinite;
  for (const double smooth : {0.0, 10.0, 1000.0}) {
    const FitResult fit =
        GradientBoosting({.n_estimators = 1, .learning_rate = 1, .min_child_samples = 5, .path_smooth = smooth})
            .fit(dataset_for(set, "squared_error"));
    const auto values = fit.model->predict(set.table()).values;
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    EXPECT_LT(*most - *least, before);
    before = *most - *least;
  }
}

TEST(Constraints, WhatDoesNotFitIsNamed) {
  const MonotoneSet set(60);
  const auto numbers = dataset_for(set, "squared_error");
  const auto fault = [&](Parameters parameters, const std::shared_ptr<const Dataset>& dataset) {
    try {
      GradientBoosting(std::move(parameters)).fit(dataset);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto monotone = [&](Value given) {
    Parameters parameters{.n_estimators = 2};
    parameters.monotone_constraints = std::move(given);
    return fault(parameters, numbers);
  };
  const auto together = [&](Value given) {
    Parameters parameters{.n_estimators = 2};
    parameters.interaction_constraints = std::move(given);
    return fault(parameters, numbers);
  };
  EXPECT_EQ(monotone(Array{1, 0, 0, 0}), "");
  EXPECT_EQ(monotone(Array{1, 0}),
            "gradient_boosting.monotone_constraints: 2 signs for 4 columns (give one for each column, or an object of "
            "column names) [parameter.wrong_length]");
  EXPECT_EQ(monotone(Array{1, 2, 0, 0}),
            "gradient_boosting.monotone_constraints[1]: 2 is not allowed: 1 (increasing), -1 (decreasing) or 0 (free) "
            "is [parameter.out_of_range]");
  EXPECT_EQ(monotone(Object{{"x9", 1}}),
            "gradient_boosting.monotone_constraints.x9: there is no column 'x9' (did you mean 'x0'?) "
            "[data.column_unknown]");
  EXPECT_EQ(monotone(Object{{"c", -1}}),
            "gradient_boosting.monotone_constraints: column 'c' holds categories: they have no order (encode it as a "
            "number, or leave it free) [parameter.monotone_category]");
  EXPECT_EQ(together(Array{Value(Array{"x0", 7})}),
            "gradient_boosting.interaction_constraints[0]: 7 is no column: give a name, or a position below 4 "
            "[data.column_unknown]");
  EXPECT_EQ(together(Array{Value(Array{})}),
            "gradient_boosting.interaction_constraints[0]: a list with at least one column is needed "
            "[parameter.wrong_type]");
  EXPECT_EQ(together(Object{{"x0", 1}}),
            "gradient_boosting.interaction_constraints: a list of lists of columns is needed [parameter.wrong_type]");
  EXPECT_EQ(error_code([] {
              GradientBoosting{}.with_parameters({{"monotone_constraints", "up"}});
            }),
            "parameter.wrong_type");

  Parameters rising{.n_estimators = 2};
  rising.monotone_constraints = Array{1};
  EXPECT_EQ(fault(rising, classification({{1, 2, 3}}, {0, 1, 2}, 3)),
            "gradient_boosting.monotone_constraints: probabilities of three or more classes cannot be kept monotone "
            "(leave the constraints out) [fit.monotone_classes]");
  EXPECT_EQ(fault({.path_smooth = 1, .objective = "absolute_error"}, numbers),
            "gradient_boosting.path_smooth: leaves of absolute_error are quantiles of their rows and are not smoothed "
            "(set path_smooth to 0) [fit.path_smooth]");
  EXPECT_EQ(fault({.leaf_iterations = 3, .path_smooth = 1}, numbers),
            "gradient_boosting.leaf_iterations: leaves take one step with path_smooth (set leaf_iterations to 1) "
            "[fit.leaf_iterations]");
}

}  // namespace
