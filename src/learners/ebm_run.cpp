#include "learners/ebm_run.hpp"

#include <automill/learners/additive_model.hpp>

#include "learners/additive/bag_rows.hpp"
#include "learners/column_constraints.hpp"
#include "learners/ebm_assembly.hpp"

namespace automill {

using namespace additive;

namespace {

constexpr std::size_t most_pair_candidates = 150;  // columns, the most important ones
constexpr double most_pair_cells = 3e8;            // rows times pairs that are ranked
constexpr std::size_t fewest_pair_rows = 4000;
constexpr std::size_t most_default_interactions = 100;
constexpr std::int64_t steps_between_looks = 32;  // a look at the held-out loss takes as long as some steps

std::string owned(const char* parameter) { return std::string(ExplainableBoosting::registered_name) + "." + parameter; }

/// A power of two near the root of the mean square: scaling by it loses no bit.
double power_near_spread(const std::vector<double>& residuals, const std::vector<double>& weights) {
  std::vector<double> squares(residuals.size());
  double largest = 0;
  for (double residual : residuals) largest = std::max(largest, std::abs(residual));
  if (!(largest > 0)) return 1;
  for (std::size_t i = 0; i < squares.size(); ++i) {
    const double share = residuals[i] / largest;
    squares[i] = share * share * (weights.empty() ? 1.0 : weights[i]);
  }
  const double weight = weights.empty() ? static_cast<double>(squares.size()) : tree::order_free_sum(weights);
  const double spread = largest * std::sqrt(tree::order_free_sum(squares) / weight);
  if (!(spread > 0)) return 1;
  int exponent = 0;
  std::frexp(spread, &exponent);
  return std::ldexp(1.0, std::clamp(exponent, -1000, 1000));
}

}  // namespace

std::uint64_t ebm_bytes(std::size_t rows, std::size_t columns, std::size_t width, std::size_t groups,
                        std::size_t bins_of_mains, std::size_t bins_of_pairs) {
  const std::uint64_t of_rows = rows * (2 * columns + 48 + groups * (8 * width + 1));
  return of_rows + (bins_of_mains + bins_of_pairs) * groups * width * 60 + groups * width * 40'000;
}

std::size_t default_interactions(std::size_t columns) {
  return std::min(
      {3 * columns, columns * (columns - std::min<std::size_t>(1, columns)) / 2, most_default_interactions});
}

EBMRun::EBMRun(const ExplainableBoostingParameters& parameters, const FitInput& input, const RunContext& context)
    : parameters_(parameters), input_(input), context_(context) {}

FitResult EBMRun::run() {
  check();
  prepare_targets();
  try {
    bins_ = tree::shared_bins(input_.train.dataset(), static_cast<std::size_t>(parameters_.max_bin), context_);
  } catch (const tree::StoppedWhileBinning&) {
    throw Stopped();
  }
  prepare_terms();
  claim_memory();
  prepare_groups();
  const bool pairs = problem_.classes == 1 && mains_.size() > 1 && parameters_.interactions.value_or(1) > 0;
  const std::int64_t most = std::min(parameters_.max_rounds, input_.stop_at_round.value_or(parameters_.max_rounds));
  const bool classes = is_classification(input_.train.task());
  first_ =
      boost(mains_, parameters_.smoothing_rounds.value_or(classes ? 75 : 500), most, input_.stop_at_round && !pairs);
  const bool goes_on = first_.stopped != "deadline" && first_.stopped != "user" && pairs;
  keep_mains(!goes_on);
  if (goes_on) boost_pairs();
  return finish();
}

void EBMRun::check() {
  const Task task = input_.train.task();
  const std::string& name = parameters_.objective;
  const bool fits = name == "auto" || (name == "log_loss") == is_classification(task);
  if (!fits)
    throw Error("parameter.unknown_choice", owned("objective"),
                "'" + name + "' does not fit a " + task_name(task) + " target",
                is_classification(task) ? "use log_loss" : "use squared_error or poisson");
  monotone_ = monotone_signs(parameters_.monotone_constraints, *input_.train.dataset().features.schema(),
                             ExplainableBoosting::registered_name);
  if (!monotone_.empty() && task == Task::multiclass)
    throw Error("fit.monotone_classes", owned("monotone_constraints"),
                "probabilities of three or more classes cannot be kept monotone", "leave the constraints out");
}

/// Targets in the order of rows, numbers centred and scaled so that single precision suits them.
void EBMRun::prepare_targets() {
  const DatasetView& view = input_.train;
  const Target& target = view.target();
  objective_ = tree::make_objective({.name = parameters_.objective}, target);
  tree::TargetRows rows = tree::read_targets(view);
  objective_->begin(rows);
  order_ = rows_by_key(view, context_);
  const bool regression = !is_classification(target.task), poisson = parameters_.objective == "poisson";
  problem_.loss = target.task == Task::binary       ? Loss::logistic
                  : target.task == Task::multiclass ? Loss::softmax
                  : poisson                         ? Loss::poisson
                                                    : Loss::squared_error;
  problem_.classes = target.task == Task::multiclass ? target.classes.size() : 1;
  double heaviest = 0;
  for (double weight : rows.weights) heaviest = std::max(heaviest, weight);
  for (double& weight : rows.weights) weight /= heaviest;  // the largest and the smallest doubles are weights, too
  if (regression) {
    std::vector<double> squares = rows.values;
    for (double& value : squares) value *= value;
    tree::largest_finite(squares, "gradient");
    int exponent = 0;
    double largest = 0;
    for (double value : rows.values) largest = std::max(largest, std::abs(value));
    std::frexp(largest, &exponent);
    const double unit = std::ldexp(1.0, std::clamp(exponent, -1000, 1000));
    for (double& value : rows.values) value /= unit;
    center_ = objective_->base(rows)[0];
    scale_ = 1;
    if (!poisson) {
      for (double& value : rows.values) value -= center_;
      scale_ = power_near_spread(rows.values, rows.weights);
      for (double& value : rows.values) value /= scale_;
    } else {
      const double mean = math::exp(center_);  // rates in units of their mean
      for (double& value : rows.values) value /= mean;
    }
    center_ = poisson ? center_ + math::log(unit) : center_ * unit;
    scale_ = poisson ? 1 : scale_ * unit;
    problem_.base = {0.0};
  } else {
    problem_.base = objective_->base(rows);
  }
  double weight_sum = 0;
  for (std::uint32_t i : order_) {
    problem_.targets.push_back(target.task == Task::multiclass ? static_cast<float>(rows.labels[i])
                                                               : static_cast<float>(rows.values[i]));
    if (rows.weights.empty()) continue;
    problem_.weights.push_back(static_cast<float>(rows.weights[i]));
    weight_sum += rows.weights[i];
  }
  const auto mean = static_cast<float>(weight_sum / static_cast<double>(order_.size()));
  for (float& weight : problem_.weights) weight /= mean;
  const bool classes = is_classification(target.task);
  settings_ = {.learning_rate = parameters_.learning_rate.value_or(classes ? 0.015 : 0.04),
               .max_leaves = static_cast<std::size_t>(parameters_.max_leaves),
               .min_rows = static_cast<double>(parameters_.min_samples_leaf),
               .min_hessian = parameters_.min_hessian,
               .l2 = parameters_.reg_lambda,
               .category_smoothing = parameters_.cat_smooth,
               .min_category_rows = static_cast<double>(parameters_.min_cat_samples),
               .greedy_rounds = parameters_.greedy_rounds};
}

namespace {

/// Bins of the rows of a lane of a group, in an order.
template <class CodeOf>
std::vector<std::uint16_t> codes_of(std::span<const std::uint32_t> order, std::span<const std::uint32_t> rows,
                                    const CodeOf& code_of) {
  std::vector<std::uint16_t> codes(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) codes[i] = static_cast<std::uint16_t>(code_of(rows[order[i]]));
  return codes;
}

}  // namespace

/// A term for each column with something to split on, in the order of the table.
void EBMRun::prepare_terms() {
  const auto& mappings = bins_->mappings();
  std::vector<std::pair<std::uint32_t, Term>> found;
  const auto add = [&](std::uint32_t column, const auto& code_of) {
    context_.stop.throw_if_requested();
    const tree::BinMapping& mapping = mappings[column];
    found.emplace_back(column, Term{.codes = codes_of(order_, input_.train.row_numbers(), code_of),
                                    .bins = mapping.bins,
                                    .categorical = mapping.categorical,
                                    .sign = monotone_.empty() ? 0 : monotone_[column]});
  };
  for (const auto& group : bins_->groups())
    for (std::size_t lane = 0; lane < group.columns.size(); ++lane)
      add(group.columns[lane], [&](std::uint32_t row) { return bins_->code(group, lane, row); });
  const tree::SparseColumns& sparse = bins_->sparse();
  for (std::size_t lane = 0; lane < sparse.size(); ++lane)
    add(sparse.columns()[lane], [&](std::uint32_t row) { return sparse.bin(lane, row); });
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [column, term] : found) {
    columns_.push_back(column);
    mains_.push_back(std::move(term));
  }
}

void EBMRun::claim_memory() {
  std::size_t bins = 0;
  for (const Term& term : mains_) bins += term.bins;
  const auto bags = static_cast<std::size_t>(parameters_.outer_bags);
  const std::size_t groups = (bags + problem_.bags_per_group() - 1) / problem_.bags_per_group();
  claim_ = MemoryClaim(context_.memory, ebm_bytes(problem_.rows(), mains_.size(), problem_.width(), groups, bins, 0),
                       "explainable boosting");
}

std::uint64_t EBMRun::bag_seed(std::size_t bag) const {
  return combine_hashes(context_.seed, combine_hashes(purpose("outer bag"), bag));
}

/// Bags in lanes; a bag's classes have neighbouring ones.
void EBMRun::prepare_groups() {
  const auto bags = static_cast<std::size_t>(parameters_.outer_bags);
  const std::size_t of_group = problem_.bags_per_group(), n = problem_.rows();
  const std::size_t bits = std::min(lanes, problem_.lanes_per_bag());
  for (std::size_t first = 0; first < bags; first += of_group) {
    std::vector<std::uint8_t> in_bag(n, 0);
    std::uint8_t counted = 0;
    for (std::size_t bag = first; bag < std::min(bags, first + of_group); ++bag) {
      context_.stop.throw_if_requested();
      const auto mask = static_cast<std::uint8_t>(((1U << bits) - 1) << ((bag - first) * bits));
      const auto held_out = held_out_rows(input_.train, order_, parameters_.validation_size, bag_seed(bag));
      counted |= mask;
      for (std::size_t i = 0; i < n; ++i) {
        if (!held_out[i]) in_bag[i] |= mask;
        else {
          ++held_out_;
          held_out_weight_ += problem_.weights.empty() ? 1.0 : static_cast<double>(problem_.weights[i]);
        }
      }
    }
    groups_.emplace_back(problem_, settings_, std::move(in_bag), counted, bag_seed(first));
  }
}

/// False when the context stopped in some group.
bool EBMRun::for_each_group(const std::function<bool(BagGroup&)>& body) {
  std::vector<std::uint8_t> done(groups_.size(), 0);
  context_.executor().run(groups_.size(), [&](std::size_t g) { done[g] = body(groups_[g]) ? 1 : 0; });
  return std::all_of(done.begin(), done.end(), [](std::uint8_t each) { return each != 0; });
}

/// The token with a deadline that leaves time to make the model of the tables: means and errors over the bags, and
/// pairs purified in each of them.
StopToken EBMRun::stop_before_model() const {
  constexpr double of_bin = 20e-9, of_cell = 40e-9;  // seconds, of each bag
  if (!context_.stop.deadline()) return context_.stop;
  double seconds = 0;
  for (const Term& term : mains_) seconds += of_bin * static_cast<double>(term.bins);
  for (const Term& grid : grids_) seconds += of_cell * static_cast<double>(grid.bins);
  seconds *= static_cast<double>(parameters_.outer_bags);
  return context_.stop.until(*context_.stop.deadline() - std::chrono::duration_cast<Clock::duration>(Seconds(seconds)));
}

/// Rounds until the mean held-out loss of all bags no longer falls, whose tables of least loss are kept; with
/// `keep_last`, those of round `most` if it is reached.
EBMRun::Stage EBMRun::boost(const std::vector<Term>& terms, std::int64_t smoothing, std::int64_t most, bool keep_last) {
  Stage stage;
  const auto keep = [&](std::int64_t round) {
    for (BagGroup& group : groups_) group.keep();
    stage.rounds = round;
  };
  const bool early = held_out_weight_ > 0 && parameters_.early_stopping_rounds > 0;
  if (terms.empty() || most < 1) return stage;
  const StopToken stop = stop_before_model();
  if (!for_each_group([&](BagGroup& group) { return group.begin(terms, smoothing, stop); })) {
    stage.stopped = stop.stopped_by();
    return stage;
  }
  double best = std::numeric_limits<double>::infinity();
  std::int64_t best_round = 0;
  const auto loss = [&] {
    double sum = 0;
    for (const BagGroup& group : groups_) sum += group.held_out_loss();
    return held_out_weight_ > 0 ? sum / held_out_weight_ : 0.0;
  };
  best = loss();
  bool changed = false;
  const std::int64_t every = std::max<std::int64_t>(1, steps_between_looks / static_cast<std::int64_t>(terms.size()));
  for (std::int64_t round = 1; round <= most; ++round) {
    const bool look = round % every == 0 || round == most;
    if (!for_each_group([&](BagGroup& group) { return group.round(look, stop); })) {
      stage.stopped = stop.stopped_by();
      return stage;
    }
    changed = changed || std::any_of(groups_.begin(), groups_.end(), [](const auto& group) { return group.changed(); });
    if (!look) continue;
    if (!std::exchange(changed, false) && round > smoothing) return stage;
    const double now = loss();
    stage.curve.push_back(now);
    const double wanted = best - parameters_.early_stopping_tolerance * std::abs(best);
    if (!early || now < wanted || (keep_last && round == most)) {
      best = now;
      best_round = round;
      keep(round);
    } else if (round - std::max(best_round, smoothing) >= parameters_.early_stopping_rounds) {
      stage.stopped = "early stopping";
      return stage;
    }
  }
  return stage;
}

void EBMRun::keep_mains(bool last) {
  for (BagGroup& group : groups_) {
    auto& tables = main_tables_.emplace_back();
    for (std::size_t t = 0; t < mains_.size(); ++t)
      tables.push_back(first_.rounds == 0 ? std::vector<double>(mains_[t].bins * problem_.width(), 0.0)
                       : last             ? group.take_table(t)
                                          : group.table(t));
  }
}

/// Mean over all bags, of models with one score.
std::vector<double> EBMRun::mean_table(std::size_t term) const {
  const std::size_t bags = static_cast<std::size_t>(parameters_.outer_bags);
  std::vector<double> mean(mains_[term].bins, 0.0);
  for (std::size_t bag = 0; bag < bags; ++bag)
    for (std::size_t bin = 0; bin < mean.size(); ++bin)
      mean[bin] += main_tables_[bag / lanes][term][bin * lanes + bag % lanes] / static_cast<double>(bags);
  return mean;
}

/// Columns that may be in pairs: those without a constraint, and of very many those whose functions vary most.
std::vector<std::uint32_t> EBMRun::pair_candidates() const {
  std::vector<std::pair<double, std::uint32_t>> ranked;
  for (std::uint32_t t = 0; t < mains_.size(); ++t) {
    if (mains_[t].sign != 0) continue;
    const std::vector<double> table = mean_table(t);
    std::vector<double> rows(table.size(), 0.0);
    for (std::uint16_t code : mains_[t].codes) rows[code] += 1;
    double mean = 0, spread = 0;
    const auto n = static_cast<double>(problem_.rows());
    for (std::size_t bin = 0; bin < table.size(); ++bin) mean += table[bin] * rows[bin] / n;
    for (std::size_t bin = 0; bin < table.size(); ++bin) spread += std::abs(table[bin] - mean) * rows[bin] / n;
    ranked.emplace_back(-spread, t);
    if (context_.stop.stop_requested()) return {};
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.resize(std::min(ranked.size(), most_pair_candidates));
  std::vector<std::uint32_t> columns;
  for (const auto& each : ranked) columns.push_back(each.second);
  std::sort(columns.begin(), columns.end());
  return columns;
}

/// Gradients of the first rows at what all bags together have learned; false when stopped.
bool EBMRun::residuals(std::size_t rows, std::vector<double>& gradients, std::vector<double>& hessians) const {
  std::vector<double> scores(rows, problem_.base[0]);
  for (std::size_t t = 0; t < mains_.size(); ++t) {
    const std::vector<double> table = mean_table(t);
    for (std::size_t i = 0; i < rows; ++i) scores[i] += table[mains_[t].codes[i]];
    if (context_.stop.stop_requested()) return false;
  }
  gradients.resize(rows);
  hessians.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto y = static_cast<double>(problem_.targets[i]);
    const double weight = problem_.weights.empty() ? 1.0 : static_cast<double>(problem_.weights[i]);
    const double mean = problem_.loss == Loss::logistic  ? math::sigmoid(scores[i])
                        : problem_.loss == Loss::poisson ? math::exp(std::min(scores[i], 80.0))
                                                         : scores[i];
    gradients[i] = weight * (mean - y);
    hessians[i] = weight * (problem_.loss == Loss::logistic  ? mean * (1 - mean)
                            : problem_.loss == Loss::poisson ? mean
                                                             : 1.0);
    if (i % 65536 == 65535 && context_.stop.stop_requested()) return false;
  }
  return true;
}

/// False when there is none, or no time.
bool EBMRun::choose_pairs() {
  const auto wanted = static_cast<std::size_t>(
      parameters_.interactions.value_or(static_cast<std::int64_t>(default_interactions(mains_.size()))));
  const std::vector<std::uint32_t> candidates = pair_candidates();
  if (wanted == 0 || candidates.size() < 2) return false;
  const auto most = static_cast<std::size_t>(parameters_.max_interaction_bins);
  groupings_.resize(mains_.size());
  for (std::uint32_t t : candidates) {
    std::vector<double> weights(mains_[t].bins, 0.0);
    for (std::size_t i = 0; i < problem_.rows(); ++i)
      weights[mains_[t].codes[i]] += problem_.weights.empty() ? 1.0 : static_cast<double>(problem_.weights[i]);
    groupings_[t] = group_bins(weights, mean_table(t), mains_[t].categorical, most);
    if (context_.stop.stop_requested()) return false;
  }
  const double all_pairs = 0.5 * static_cast<double>(candidates.size() * (candidates.size() - 1));
  const auto affordable = static_cast<std::size_t>(most_pair_cells / all_pairs);
  const std::size_t rows = std::min(problem_.rows(), std::max(fewest_pair_rows, affordable));
  std::vector<double> gradients, hessians;
  if (!residuals(rows, gradients, hessians)) return false;
  pairs_ = rank_pairs(mains_, groupings_, candidates, gradients, hessians, std::max(1e-3, parameters_.min_hessian),
                      context_);
  while (!pairs_.empty() && !(pairs_.back().gain > 0)) pairs_.pop_back();
  pairs_.resize(std::min(pairs_.size(), wanted));
  return !pairs_.empty();
}

void EBMRun::boost_pairs() {
  const std::int64_t most = input_.stop_at_round ? *input_.stop_at_round - first_.rounds : parameters_.max_rounds;
  if (most < 1) return;
  if (!choose_pairs()) {
    if (context_.stop.stop_requested()) second_.stopped = context_.stop.stopped_by();
    return;
  }
  std::size_t bins = 0;
  for (const TermPair& pair : pairs_) bins += groupings_[pair.first].count * groupings_[pair.second].count;
  std::size_t main_bins = 0;
  for (const Term& term : mains_) main_bins += term.bins;
  const std::uint64_t bytes =
      ebm_bytes(problem_.rows(), mains_.size() + pairs_.size(), problem_.width(), groups_.size(), main_bins, bins) +
      4 * problem_.width() * groups_.size() * problem_.rows();
  if (!claim_.try_grow(bytes)) {
    pairs_.clear();
    second_.stopped = "memory limit";
    return;
  }
  for (const TermPair& pair : pairs_) {
    const Groups &first = groupings_[pair.first], &second = groupings_[pair.second];
    Term grid{.bins = first.count * second.count, .second = second.count};
    grid.codes.resize(problem_.rows());
    for (std::size_t i = 0; i < grid.codes.size(); ++i)
      grid.codes[i] = static_cast<std::uint16_t>(first.of_bin[mains_[pair.first].codes[i]] * second.count +
                                                 second.of_bin[mains_[pair.second].codes[i]]);
    grids_.push_back(std::move(grid));
    if (context_.stop.stop_requested()) {
      second_.stopped = context_.stop.stopped_by();
      return;
    }
  }
  second_ = boost(grids_, parameters_.interaction_smoothing_rounds.value_or(problem_.loss == Loss::logistic ? 75 : 100),
                  most, input_.stop_at_round.has_value());
  if (second_.stopped == "user") second_.rounds = 0;  // now there is no time to purify them
}

FitResult EBMRun::finish() {
  EBMTables tables{.bags = static_cast<std::size_t>(parameters_.outer_bags),
                   .center = center_,
                   .scale = scale_,
                   .mains = std::move(main_tables_)};
  if (second_.rounds > 0)
    for (const BagGroup& group : groups_) {
      auto& of_group = tables.grids.emplace_back();
      for (std::size_t t = 0; t < grids_.size(); ++t) of_group.push_back(group.table(t));
    }
  FitResult result;
  result.report.stopped = first_.stopped == "deadline" || first_.stopped == "user" ? first_.stopped : second_.stopped;
  if (second_.rounds == 0 && second_.stopped == "finished") result.report.stopped = first_.stopped;
  result.report.rounds = first_.rounds + second_.rounds;
  result.report.learning_curve = first_.curve;
  result.report.learning_curve.insert(result.report.learning_curve.end(), second_.curve.begin(), second_.curve.end());
  result.report.bytes = claim_.bytes();
  result.report.details = Object{{"rounds_of_columns", first_.rounds},
                                 {"rounds_of_pairs", second_.rounds},
                                 {"pairs", static_cast<std::int64_t>(second_.rounds > 0 ? pairs_.size() : 0)},
                                 {"simd", lane_kernels().name}};
  result.model = std::make_unique<AdditiveModel>(
      assemble_additive(problem_, *bins_, columns_, mains_, second_.rounds > 0 ? grids_ : std::vector<Term>{}, pairs_,
                        groupings_, tables, objective_->transform()));
  return result;
}

}  // namespace automill
