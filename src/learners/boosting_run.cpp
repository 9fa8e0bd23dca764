#include "boosting_run.hpp"

#include "column_constraints.hpp"
#include "learners/quantile_levels.hpp"
#include "learners/tree/linear_fit.hpp"
#include "learners/tree/symmetric_grower.hpp"

namespace automill {

using namespace tree;

namespace {

/// Rounds without a better loss that are allowed after `best`: long patience for few rows, whose loss is noisy and
/// whose rounds are cheap (AutoGluon's adaptive rule).
std::int64_t patience(std::optional<std::int64_t> asked, std::size_t rows, std::int64_t best) {
  if (asked) return *asked;
  const double share = std::min(1.0, 10'000.0 / static_cast<double>(rows));
  const double base = std::max(20.0, std::round(300.0 * share));
  return static_cast<std::int64_t>(std::max(base, 0.3 * static_cast<double>(best) + 20.0));
}

/// No row is in both; row numbers are ascending.
bool disjoint(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) return false;
    if (a[i] < b[j]) ++i;
    else ++j;
  }
  return true;
}

}  // namespace

CheckpointGrid::CheckpointGrid(std::size_t outputs, std::size_t validation_rows)
    : bytes_(8 * std::uint64_t{std::max<std::size_t>(2, outputs)} * validation_rows) {}

std::int64_t CheckpointGrid::after(std::int64_t round) const {
  return std::max(round + 1, bytes_ > most_bytes_of_fine ? 2 * round : round * 5 / 4);
}

BoostingRun::BoostingRun(const GradientBoostingParameters& parameters, const OwnObjective* own, const FitInput& input,
                         const RunContext& context)
    : parameters_(parameters), own_objective_(own), input_(input), context_(context) {}

FitResult BoostingRun::run() {
  objective_ =
      own_objective_ != nullptr
          ? make_own_objective(*own_objective_, input_.train.target())
          : make_objective({.name = parameters_.objective,
                            .alpha = parameters_.alpha,
                            .quantiles = quantile_levels(parameters_.quantiles, GradientBoosting::registered_name),
                            .fair_c = parameters_.fair_c,
                            .tweedie_variance_power = parameters_.tweedie_variance_power},
                           input_.train.target());
  prepare_constraints();
  check_symmetric();
  check_linear_tree();
  check_vector_leaves();
  check_sampling();
  prepare_rows();
  try {
    bins_ = shared_bins(input_.train.dataset(), static_cast<std::size_t>(parameters_.max_bin), context_);
    prepare_validation();
    prepare_grower();
  } catch (const StoppedWhileBinning&) {
    return constant_model();
  }
  start_or_resume();
  boost();
  return finish();
}

void BoostingRun::prepare_constraints() {
  const Schema& schema = *input_.train.dataset().features.schema();
  const std::string owner = GradientBoosting::registered_name;
  monotone_ = monotone_signs(parameters_.monotone_constraints, schema, owner);
  interactions_ = interaction_sets(parameters_.interaction_constraints, schema, owner);
  if (!monotone_.empty() && input_.train.task() == Task::multiclass)
    throw Error("fit.monotone_classes", owner + ".monotone_constraints",
                "probabilities of three or more classes cannot be kept monotone", "leave the constraints out");
  if (parameters_.path_smooth > 0 && objective_->renews_leaves())
    throw Error("fit.path_smooth", owner + ".path_smooth",
                "leaves of " + parameters_.objective + " are quantiles of their rows and are not smoothed",
                "set path_smooth to 0");
  const char* one_step = objective_->width() > 1       ? "three or more classes, or several outputs"
                         : objective_->renews_leaves() ? "a loss whose leaves are quantiles"
                         : parameters_.path_smooth > 0 ? "path_smooth"
                         : parameters_.reg_alpha > 0   ? "reg_alpha"
                                                       : nullptr;
  if (parameters_.leaf_iterations.value_or(1) > 1 && one_step != nullptr)
    throw Error("fit.leaf_iterations", owner + ".leaf_iterations", std::string("leaves take one step with ") + one_step,
                "set leaf_iterations to 1");
}

void BoostingRun::check_symmetric() const {
  if (parameters_.growth != "symmetric") return;
  const GradientBoostingParameters& p = parameters_;
  const std::pair<const char*, bool> others[] = {{"monotone_constraints", !monotone_.empty()},
                                                 {"interaction_constraints", !interactions_.empty()},
                                                 {"path_smooth", p.path_smooth > 0},
                                                 {"max_delta_step", p.max_delta_step > 0},
                                                 {"colsample_bynode", p.colsample_bynode < 1},
                                                 {"extra_trees", p.extra_trees},
                                                 {"reg_alpha", p.reg_alpha > 0}};
  if (p.max_depth > SymmetricGrower::most_levels)
    throw Error("fit.symmetric", std::string(GradientBoosting::registered_name) + ".max_depth",
                std::to_string(p.max_depth) + " levels are too many for symmetric trees",
                "set max_depth to " + std::to_string(SymmetricGrower::most_levels) + " at most");
  for (const auto& [name, given] : others)
    if (given)
      throw Error("fit.symmetric", std::string(GradientBoosting::registered_name) + "." + name,
                  "symmetric trees do not take it", "leave it out, or set growth to leaf_wise");
}

void BoostingRun::check_linear_tree() const {
  if (!parameters_.linear_tree) return;
  const GradientBoostingParameters& p = parameters_;
  const std::string owner = std::string(GradientBoosting::registered_name) + ".";
  if (objective_->renews_leaves())
    throw Error("fit.linear_tree", owner + "linear_tree",
                "leaves of " + p.objective + " are quantiles of their rows, not linear models",
                "leave linear_tree out, or take another objective");
  const std::pair<const char*, bool> others[] = {{"growth", p.growth == "symmetric"},
                                                 {"monotone_constraints", !monotone_.empty()},
                                                 {"path_smooth", p.path_smooth > 0},
                                                 {"max_delta_step", p.max_delta_step > 0},
                                                 {"leaf_iterations", p.leaf_iterations.value_or(1) > 1},
                                                 {"multi_strategy", has_vector_leaves(p, objective_->width())}};
  for (const auto& [name, given] : others)
    if (given)
      throw Error("fit.linear_tree", owner + name, "linear leaves do not go with it",
                  "leave it out, or leave linear_tree out");
}

void BoostingRun::check_sampling() const {
  const GradientBoostingParameters& p = parameters_;
  const std::string owner = GradientBoosting::registered_name;
  if (p.data_sample_strategy != "goss") return;
  if (p.subsample < 1)
    throw Error("fit.sampling", owner + ".subsample", "goss samples by top_rate and other_rate", "set subsample to 1");
  if (p.top_rate + p.other_rate > 1)
    throw Error("fit.sampling", owner + ".top_rate",
                param_detail::number_text(p.top_rate) + " and other_rate " + param_detail::number_text(p.other_rate) +
                    " are more than all rows",
                "lower one of them");
}

void BoostingRun::prepare_rows() {
  const auto rows = input_.train.row_numbers();
  rows_.assign(rows.begin(), rows.end());
  keys_.reserve(rows_.size());
  for (std::size_t i = 0; i < rows_.size(); ++i) keys_.push_back(input_.train.key(i));
  targets_ = read_targets(input_.train);
  objective_->begin(targets_);
}

void BoostingRun::prepare_validation() {
  if (input_.validation == nullptr || input_.validation->rows() == 0) return;
  const DatasetView& view = *input_.validation;
  Validation validation;
  validation.targets = read_targets(view);
  objective_->check(validation.targets);
  const bool same_table = view.shared() == input_.train.shared();
  // Rows that also train need scores of their own: each tree would be added to shared ones twice.
  validation.shares_scores = same_table && disjoint(input_.train.row_numbers(), view.row_numbers());
  if (same_table) {
    validation.bins = bins_;
    validation.rows.assign(view.row_numbers().begin(), view.row_numbers().end());
  } else {
    validation.table = align(view.dataset().features, *input_.train.dataset().features.schema());
    validation.bins = bins_->like(TableView(validation.table, view.row_numbers()), context_);
    validation.rows.resize(view.rows());
    std::iota(validation.rows.begin(), validation.rows.end(), 0U);
  }
  validation_ = std::move(validation);
}

namespace {

/// CatBoost's rule, fitted by its authors on many sets: exp(a ln(rows) + b) (rounds / 1000)^c, at most 0.5.
struct RateRule {
  double a, b, c;
};
RateRule rate_rule(Task task, bool validated) {
  if (task == Task::binary) return validated ? RateRule{0.247, -5.158, -0.435} : RateRule{0.427, -7.525, -0.917};
  if (task == Task::multiclass) return validated ? RateRule{0.02, -2.364, -0.382} : RateRule{0.051, -2.889, -0.845};
  return validated ? RateRule{0.157, -4.062, -0.61} : RateRule{0.158, -4.287, -0.813};
}

}  // namespace

double BoostingRun::choose_learning_rate() const {
  if (parameters_.learning_rate) return *parameters_.learning_rate;
  const RateRule rule = rate_rule(input_.train.task(), validation_.has_value());
  const double rows = static_cast<double>(rows_.size()), rounds = static_cast<double>(parameters_.n_estimators);
  return std::min(0.5, math::exp(rule.a * math::log(rows) + rule.b + rule.c * math::log(rounds / 1000)));
}

void BoostingRun::prepare_grower() {
  learning_rate_ = choose_learning_rate();
  const std::size_t width = objective_->width();
  bytes_ = 8 * width * bins_->rows() + rows_.size() * (8 * 3 + 4 * 3) + 8 * bins_->rows() +
           boosting_grower_bytes(parameters_, grow_parameters(), *bins_, rows_.size(), width);
  if (width > 1) bytes_ += 8 * width * rows_.size();
  if (own_objective_ != nullptr) bytes_ += own_objective_bytes(width) * rows_.size();
  if (parameters_.data_sample_strategy != "bagging") bytes_ += 16 * rows_.size();
  if (orders_leaves())
    bytes_ += LeafOrder::estimate_bytes(std::min(static_cast<std::uint64_t>(parameters_.num_leaves), rows_.size()));
  if (parameters_.linear_tree)
    bytes_ += linear_fit_bytes(rows_.size(), input_.train.dataset().features.size(),
                               static_cast<std::size_t>(parameters_.num_leaves));
  if (validation_) bytes_ += CheckpointGrid(width, validation_->rows.size()).bytes();
  claim_ = MemoryClaim(context_.memory, bytes_, "gradient boosting");
  start_vectors();
  grower_ = make_boosting_grower(parameters_, grow_parameters(),
                                 {.bins = bins_,
                                  .rows = rows_,
                                  .keys = keys_,
                                  .targets = &targets_,
                                  .outputs = width,
                                  .learning_rate = learning_rate_},
                                 context_);
  if (validation_) validation_->bins = grower_->bins_of_others(validation_->bins, context_);
}

ScoresView BoostingRun::validation_scores() const {
  const std::vector<double>& scores = validation_->shares_scores ? state_->scores : state_->validation_scores;
  return {scores.data(), validation_->bins->rows(), validation_->rows};
}

namespace {

/// Scores of the dataset's rows before the first tree: its initial scores, or the base.
void fill_scores(const Dataset& dataset, std::span<const std::uint32_t> from, std::span<const std::uint32_t> to,
                 const std::vector<double>& base, std::size_t stride, std::vector<double>& scores) {
  const std::size_t width = base.size();
  for (std::size_t k = 0; k < width; ++k)
    for (std::size_t i = 0; i < from.size(); ++i)
      scores[k * stride + to[i]] =
          base[k] + (dataset.initial_scores.empty() ? 0.0 : dataset.initial_scores[from[i] * width + k]);
}

}  // namespace

void BoostingRun::start_or_resume() {
  const std::size_t width = objective_->width(), stride = bins_->rows();
  const Dataset& dataset = input_.train.dataset();
  if (input_.resume != nullptr) {
    const auto* before = dynamic_cast<const BoostingState*>(input_.resume);
    if (before == nullptr || before->train_dataset != input_.train.shared() ||
        before->train_rows != input_.train.row_set().identity || before->arrays.width() != width ||
        (before->rounds > 0 && before->arrays.vector_leaves() != vectors_.has_value()) ||
        (validation_ && before->rounds > 0 &&  // scores of validation rows must have been kept from the first round
         (before->validation_dataset != input_.validation->shared() ||
          before->validation_rows != input_.validation->row_set().identity)))
      throw Error("fit.resume_mismatch", "gradient_boosting", "the state comes from other data or another learner");
    state_ = std::make_unique<BoostingState>(*before);
    state_->stopped = "finished";
    return;
  }
  for (const auto* scored : {&dataset, validation_ ? &input_.validation->dataset() : &dataset})
    if (!scored->initial_scores.empty() && scored->initial_scores.size() != scored->rows() * width)
      throw Error("data.length_mismatch", "initial_scores",
                  std::to_string(scored->initial_scores.size()) +
                      " values where rows x outputs = " + std::to_string(scored->rows() * width) + " are needed");
  state_ = std::make_unique<BoostingState>();
  state_->arrays = empty_arrays(grower_->bins());
  state_->arrays.transform = objective_->transform();
  // As LightGBM: with initial scores there is no further constant.
  state_->arrays.base = dataset.initial_scores.empty() ? objective_->base(targets_) : std::vector<double>(width, 0.0);
  state_->scores.assign(width * stride, 0.0);
  fill_scores(dataset, rows_, rows_, state_->arrays.base, stride, state_->scores);
  if (!validation_) return;
  const Dataset& held_out = input_.validation->dataset();
  const std::size_t held_out_stride = validation_->bins->rows();
  std::vector<double>& scores = validation_->shares_scores ? state_->scores : state_->validation_scores;
  if (!validation_->shares_scores) scores.assign(width * held_out_stride, 0.0);
  fill_scores(held_out, input_.validation->row_numbers(), validation_->rows, state_->arrays.base, held_out_stride,
              scores);
}

GrowParameters BoostingRun::grow_parameters() const {
  const GradientBoostingParameters& p = parameters_;
  GrowParameters grow;
  grow.growth = p.growth == "depth_wise" ? Growth::depth_wise : Growth::leaf_wise;
  grow.num_leaves = static_cast<int>(p.num_leaves);
  grow.max_depth = p.max_depth <= 0 ? -1 : static_cast<int>(p.max_depth);
  grow.column_fraction = p.colsample_bytree;
  grow.node_column_fraction = p.colsample_bynode;
  grow.interactions = interactions_;
  grow.extra_trees = p.extra_trees;
  grow.split = {.min_rows = static_cast<double>(p.min_child_samples),
                .min_hessian = p.min_child_weight,
                .l1 = p.reg_alpha,
                .l2 = p.reg_lambda,
                .min_gain = p.min_split_gain,
                .cat_smooth = p.cat_smooth,
                .cat_l2 = p.cat_l2,
                .max_cat_threshold = static_cast<int>(p.max_cat_threshold),
                .max_cat_to_onehot = static_cast<int>(p.max_cat_to_onehot),
                .min_rows_per_group = static_cast<double>(p.min_data_per_group),
                .path_smooth = p.path_smooth,
                .max_delta_step = p.max_delta_step,
                .monotone = monotone_};
  grow.monotone_method =
      p.monotone_constraints_method == "intermediate" ? MonotoneMethod::intermediate : MonotoneMethod::basic;
  return grow;
}

std::int64_t BoostingRun::last_round() const {
  return input_.stop_at_round ? *input_.stop_at_round : parameters_.n_estimators;
}

void BoostingRun::boost() {
  // With nothing drawn at random, a round without a split would be followed by equal ones.
  const bool random = parameters_.subsample < 1 || parameters_.data_sample_strategy == "goss" ||
                      parameters_.colsample_bytree < 1 || parameters_.colsample_bynode < 1 || parameters_.extra_trees ||
                      parameters_.growth == "symmetric";
  const std::int64_t empty_rounds = random ? 10 : 1;
  while (state_->rounds < last_round()) {
    if (state_->rounds_without_split >= empty_rounds) break;
    if (out_of_patience()) {
      state_->stopped = "early stopping";
      break;
    }
    if (input_.cut_at_round && state_->rounds >= *input_.cut_at_round) {
      state_->stopped = "deadline";
      break;
    }
    // vectors double: the next round may take as much again as the trees have
    if (!claim_.try_grow(bytes_ + 2 * state_->arrays.bytes())) {
      state_->stopped = "memory limit";
      break;
    }
    if (context_.stop.stop_requested() || !one_round()) {
      state_->stopped = context_.stop.stopped_by();
      break;
    }
  }
}

bool BoostingRun::out_of_patience() const {
  if (!validation_ || input_.stop_at_round || state_->best_round == 0) return false;
  const std::int64_t allowed = patience(parameters_.early_stopping_rounds, rows_.size(), state_->best_round);
  return allowed > 0 && state_->rounds - state_->best_round >= allowed;
}

/// One tree an output, or one of all. False: stopped; the round has left no trace.
bool BoostingRun::one_round() {
  const auto before = static_cast<std::int64_t>(state_->arrays.trees() / trees_of_round());
  const bool undo = (input_.keep_state || input_.resume != nullptr) && objective_->width() > 1;
  if (undo) {
    scores_before_round_ = state_->scores;
    validation_scores_before_round_ = state_->validation_scores;
  }
  draw_bag();
  const bool grown = grow_round();
  if (!grown && undo) {
    state_->scores.swap(scores_before_round_);
    state_->validation_scores.swap(validation_scores_before_round_);
  }
  const bool any_split = state_->arrays.nodes.size() > before_nodes_ + trees_of_round();
  if (!grown || !any_split) cut(before);
  if (!grown) return false;
  state_->rounds_without_split = any_split ? 0 : state_->rounds_without_split + 1;
  if (!any_split) return true;
  ++state_->rounds;
  if (validation_) note_validation();
  return true;
}

bool BoostingRun::grow_round() {
  before_nodes_ = state_->arrays.nodes.size();
  if (!objective_->begin_round(train_scores(), targets_, state_->rounds + 1, context_)) return false;
  if (vectors_) return one_tree_of_all();
  for (std::size_t k = 0; k < objective_->width(); ++k)
    if (!one_tree(k)) return false;
  return true;
}

bool BoostingRun::one_tree(std::size_t output) {
  const auto index =
      static_cast<std::uint64_t>(state_->rounds + state_->rounds_without_split) * objective_->width() + output;
  if (!objective_->gradients(train_scores(), targets_, output, gradients_, context_)) return false;
  draw_by_gradient(index);
  if (splits_by_rows()) use_rows_as_hessians();
  apply_factors(sample_, gradients_);
  gradients_.pack(rows_, keys_, bins_->rows(),
                  combine_hashes(context_.seed, combine_hashes(purpose("rounding"), index)), context_.executor());
  grown_rows_ = sample_.in.empty() ? rows_ : sample_.in;
  const TreeRequest request{
      .gradients = {&gradients_, 1}, .rows = &grown_rows_, .index = index, .round = state_->rounds};
  if (!grower_->grow(request, context_)) return false;
  GrownTree& tree = grower_->tree();
  if (objective_->renews_leaves()) renew_leaves(output);
  else if (!refine_leaves(index)) return false;
  if (!fit_linear()) return false;
  const double longest = objective_->longest_step();
  for (auto& leaf : tree.leaves) leaf.value = learning_rate_ * std::clamp(leaf.value, -longest, longest);
  if (tree.nodes.empty()) tree.leaves[0].value = 0;
  append_tree(tree, grower_->bins(), state_->arrays);
  add_to_scores(tree, output);
  return true;
}

/// Cells of validation rows, in the rows of their bins.
TableView BoostingRun::validation_table() const {
  if (validation_->table.size() == 0) return input_.train.dataset().features;
  return TableView(validation_->table, input_.validation->row_numbers());
}

void BoostingRun::add_to_scores(const GrownTree& tree, std::size_t output) {
  double* scores = state_->scores.data() + output * bins_->rows();
  const auto add = [&](const TableView& table, double* to) {
    return [&tree, table, to](std::size_t leaf, std::span<const std::uint32_t> rows) {
      add_leaf_values(tree, leaf, table, rows, to);
    };
  };
  const TableView train = input_.train.dataset().features;
  const auto add_leaf = [&](std::size_t leaf) { add(train, scores)(leaf, grower_->leaf_rows(leaf)); };
  constexpr std::size_t worth_threads = std::size_t{1} << 16;
  if (context_.executor().width() > 1 && grown_rows_.size() >= worth_threads)
    context_.executor().run(tree.leaves.size(), add_leaf);
  else
    for (std::size_t leaf = 0; leaf < tree.leaves.size(); ++leaf) add_leaf(leaf);
  if (!sample_.in.empty()) route(tree, grower_->bins(), sample_.out, scratch_, add(train, scores));
  if (!validation_) return;
  double* held_out =
      validation_->shares_scores ? scores : state_->validation_scores.data() + output * validation_->bins->rows();
  std::vector<std::uint32_t> rows = validation_->rows;
  route(tree, *validation_->bins, rows, scratch_, add(validation_table(), held_out));
}

/// Rows of the round, drawn whatever their gradients are.
void BoostingRun::draw_bag() {
  if (parameters_.subsample >= 1 || parameters_.data_sample_strategy != "bagging") return;
  const std::int64_t every = std::max<std::int64_t>(1, parameters_.subsample_freq);
  const std::int64_t bag = (state_->rounds + state_->rounds_without_split) / every;
  if (bag == bag_of_) return;
  bag_of_ = bag;
  const std::uint64_t seed =
      combine_hashes(context_.seed, combine_hashes(purpose("row sample"), static_cast<std::uint64_t>(bag)));
  sample_ = sample_uniformly({rows_, keys_, seed}, parameters_.subsample);
}

/// Rows of a tree, drawn by their gradients.
void BoostingRun::draw_by_gradient(std::uint64_t index) {
  const GradientBoostingParameters& p = parameters_;
  if (p.data_sample_strategy == "bagging") return;
  const RowsToSample from{rows_, keys_,
                          combine_hashes(context_.seed, combine_hashes(purpose("row sample by gradient"), index))};
  sample_ = RowSample{};
  if (p.data_sample_strategy == "mvs") {
    if (p.subsample < 1) sample_ = sample_minimal_variance(from, gradients_, p.subsample);
  } else if (static_cast<double>(state_->rounds) >= 1 / learning_rate_) {  // before, gradients say little
    sample_ = sample_one_side(from, gradients_, p.top_rate, p.other_rate);
  }
}

Predictions BoostingRun::predictions_of(const std::vector<double>& scores, std::size_t stride,
                                        std::span<const std::uint32_t> rows) const {
  const Target& target = input_.train.target();
  const std::size_t width = objective_->width();
  Predictions predictions(rows.size(), is_classification(target.task) ? target.width() : width);
  std::vector<double> row(width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t k = 0; k < width; ++k) row[k] = scores[k * stride + rows[i]];
    transform_scores(objective_->transform(), row.data(), width, target.positive,
                     predictions.values.data() + i * predictions.width);
  }
  return predictions;
}

Predictions BoostingRun::validation_predictions() const {
  const std::vector<double>& scores = validation_->shares_scores ? state_->scores : state_->validation_scores;
  return predictions_of(scores, validation_->bins->rows(), validation_->rows);
}

void BoostingRun::note_validation() {
  const ScoresView scores = validation_scores();
  const double loss = objective_->loss(scores, validation_->targets);
  BoostingState& state = *state_;
  state.learning_curve.push_back(loss);
  const bool better =
      state.best_round == 0 || loss < state.learning_curve[static_cast<std::size_t>(state.best_round) - 1];
  if (better) state.best_round = state.rounds;
  if (state.rounds == state.next_checkpoint) {
    state.next_checkpoint = CheckpointGrid(objective_->width(), validation_->rows.size()).after(state.rounds);
    state.checkpoints[state.rounds] = validation_predictions();
  }
  if (better) keep_validation_scores(state.best_scores);
  else if (objective_->width() > 1) keep_validation_scores(last_scores_);
}

void BoostingRun::keep_validation_scores(std::vector<double>& to) const {
  const ScoresView scores = validation_scores();
  const std::size_t n = validation_->rows.size();
  to.resize(objective_->width() * n);
  for (std::size_t k = 0; k < objective_->width(); ++k) scores.gather(k, 0, n, to.data() + k * n);
}

/// After the last whole round: a stop may have left some trees of another one in the scores.
Predictions BoostingRun::last_validation_predictions() const {
  return last_scores_.empty() ? validation_predictions() : predictions_of_kept(last_scores_);
}

/// Of scores that keep_validation_scores has kept.
Predictions BoostingRun::predictions_of_kept(const std::vector<double>& scores) const {
  std::vector<std::uint32_t> order(validation_->rows.size());
  std::iota(order.begin(), order.end(), 0U);
  return predictions_of(scores, order.size(), order);
}

/// Drops the trees after some rounds.
void BoostingRun::cut(std::int64_t rounds) {
  TreeArrays& a = state_->arrays;
  const std::size_t trees = static_cast<std::size_t>(rounds) * trees_of_round();
  if (trees >= a.trees()) return;
  const std::size_t nodes = a.roots[trees];
  a.roots.resize(trees);
  a.nodes.resize(nodes);
  a.rows.resize(nodes);
  a.gains.resize(nodes);
  a.linear.cut(nodes);
  if (vectors_)
    a.leaf_vectors.resize(a.width() * static_cast<std::size_t>(std::count_if(
                                          a.nodes.begin(), a.nodes.end(), [](const auto& n) { return n.child == 0; })));
  std::size_t words = 0;
  for (const TreeNode& node : a.nodes)
    if (node.child != 0 && (node.feature & TreeNode::category) != 0)
      words = std::max(
          words, static_cast<std::size_t>(node.threshold) + a.categories[node.feature & TreeNode::position].words());
  a.sets.resize(words);
}

FitResult BoostingRun::finish() {
  FitResult result;
  const bool early = validation_ && !input_.stop_at_round && parameters_.early_stopping_rounds.value_or(1) > 0;
  result.report.stopped = state_->stopped;
  result.report.learning_curve = state_->learning_curve;
  result.report.bytes = claim_.bytes();
  result.report.rounds = early && state_->best_round > 0 ? state_->best_round : state_->rounds;
  if (early) result.report.rounds_tried = state_->rounds;
  result.report.details = Object{{"rounds", result.report.rounds},
                                 {"rounds_trained", state_->rounds},
                                 {"learning_rate", learning_rate_},
                                 {"simd", kernels().name}};
  if (input_.keep_state) {
    state_->train_dataset = input_.train.shared();
    state_->train_rows = input_.train.row_set().identity;
    state_->validation_dataset = validation_ ? input_.validation->shared() : nullptr;
    state_->validation_rows = validation_ ? input_.validation->row_set().identity : 0;
    result.state = std::make_unique<BoostingState>(*state_);
  }
  result.report.checkpoints = std::move(state_->checkpoints);
  if (validation_ && state_->rounds > state_->best_round)
    result.report.checkpoints[state_->rounds] = last_validation_predictions();
  if (validation_ && state_->best_round > 0)
    result.report.checkpoints[state_->best_round] = predictions_of_kept(state_->best_scores);
  cut(result.report.rounds);
  drop_unused_cells(state_->arrays);
  state_->arrays.shrink_to_fit();
  result.model = std::make_unique<TreeEnsemble>(std::move(state_->arrays));
  return result;
}

/// There was no time for bins: the constant that minimises the loss.
FitResult BoostingRun::constant_model() {
  FitResult result;
  TreeArrays arrays;
  arrays.transform = objective_->transform();
  arrays.base = objective_->base(targets_);
  result.report.stopped = context_.stop.stopped_by();
  result.model = std::make_unique<TreeEnsemble>(std::move(arrays));
  return result;
}

}  // namespace automill
