#include <algorithm>
#include <automill/core/random.hpp>
#include <automill/search/optimizer.hpp>
#include <mutex>
#include <set>

#include "halving.hpp"
#include "objectives.hpp"
#include "strategy.hpp"

namespace automill {
namespace {

using search::Cube;
using search::History;
using search::Observation;
using search::Point;
using search::Strategy;

/// Random draws for a point that was not asked before, and configurations of a finite space that are looked through
/// when those fail.
constexpr int draws_for_a_new_point = 1000;
constexpr std::size_t most_listed = 100000;

using MakeStrategy = std::unique_ptr<Strategy> (*)(const Cube&, const search::StrategyOptions&);
struct NamedStrategy {
  const char* name;
  MakeStrategy make;
};
const NamedStrategy strategies[] = {
    {"bayesian", search::make_bayesian_strategy},
    {"evolution", search::make_evolution_strategy},
    {"random", [](const Cube&, const search::StrategyOptions& o) { return search::make_random_strategy(o); }},
    {"sobol", search::make_sobol_strategy},
    {"tpe", search::make_tpe_strategy},
};

void check_options(const OptimizerOptions& options) {
  Faults faults;
  const auto& names = search_strategies();
  if (std::find(names.begin(), names.end(), options.strategy) == names.end())
    faults.add("option.unknown_choice", "strategy", "'" + options.strategy + "' is not a choice",
               name_hint(options.strategy, names));
  const std::vector<std::string> directions{"minimize", "maximize"};
  const auto check_direction = [&](const std::string& direction, const char* place) {
    if (direction != directions[0] && direction != directions[1])
      faults.add("option.unknown_choice", place, "'" + direction + "' is not a choice",
                 name_hint(direction, directions));
  };
  check_direction(options.direction, "direction");
  for (const std::string& direction : options.directions) check_direction(direction, "directions");
  if (options.reduction && !(*options.reduction > 1 && std::isfinite(*options.reduction)))
    faults.add("option.out_of_range", "reduction",
               param_detail::number_text(*options.reduction) + " is not allowed: it must be above 1");
  if (options.first_rung < 1)
    faults.add("option.out_of_range", "first_rung",
               std::to_string(options.first_rung) + " is not allowed: it must be at least 1");
  if (options.initial_trials && *options.initial_trials < 1)
    faults.add("option.out_of_range", "initial_trials",
               std::to_string(*options.initial_trials) + " is not allowed: it must be at least 1");
  if (options.per_second && options.strategy != "bayesian")
    faults.add("option.contradiction", "per_second", "only the strategy 'bayesian' has an expectation of time",
               "leave per_second out, or take 'bayesian'");
  faults.throw_if_any();
}

std::unique_ptr<Strategy> make_strategy(const Cube& cube, const OptimizerOptions& options) {
  const auto named = std::find_if(std::begin(strategies), std::end(strategies),
                                  [&](const NamedStrategy& each) { return options.strategy == each.name; });
  return named->make(
      cube, {.seed = options.seed, .initial_trials = options.initial_trials, .per_second = options.per_second});
}

bool nan_last(double a, double b) { return std::isnan(a) ? false : std::isnan(b) || a < b; }

/// Points compare by their numbers; coordinates that are not active (NaN) come last.
struct PointOrder {
  bool operator()(const Point& a, const Point& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), nan_last);
  }
};

}  // namespace

const std::vector<std::string>& search_strategies() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const NamedStrategy& each : strategies) all.emplace_back(each.name);
    return all;
  }();
  return names;
}

const char* state_name(Trial::State state) {
  constexpr const char* names[] = {"running", "finished", "failed"};
  return names[static_cast<std::size_t>(state)];
}

class Optimizer::Search {
 public:
  Search(SearchSpace space_given, OptimizerOptions options_given)
      : space(std::move(space_given)),
        options(std::move(options_given)),
        cube(space),
        history{cube, {}, [this](const Point& point) { return is_new(point); }},
        strategy(make_strategy(cube, options)) {}

  Trial ask() {
    if (several()) score_by_drawn_weights();
    Point point = strategy->propose(history);
    cube.snap(point);
    if (!is_new(point)) point = another_point();
    Object parameters = space.configuration(point);
    return begin(std::move(parameters), std::move(point));
  }
  Trial ask(const Object& parameters) {
    Object checked = space.check(parameters);
    Point point = space.point(checked);
    for (std::size_t i = 0; i < trials.size(); ++i)
      if (trials[i].state == Trial::State::running && trials[i].parameters == checked)
        throw Error("search.asked_twice", "trial " + std::to_string(i),
                    "this configuration is running already as trial " + std::to_string(i), "tell its end first");
    return begin(std::move(checked), std::move(point));
  }
  void finish(std::int64_t number, const std::vector<double>& scores, std::optional<double> seconds) {
    Trial& trial = running(number);
    if (const std::size_t wanted = std::max<std::size_t>(1, options.directions.size()); scores.size() != wanted)
      throw Error("search.objectives", "trial " + std::to_string(number),
                  std::to_string(scores.size()) + (scores.size() == 1 ? " score was" : " scores were") + " told of " +
                      std::to_string(wanted) + (wanted == 1 ? " objective" : " objectives"),
                  "tell one for each of directions");
    const double score = scores.front();
    if (seconds && !(std::isfinite(*seconds) && *seconds >= 0))
      throw Error(
          "search.trial", "trial " + std::to_string(number),
          param_detail::number_text(*seconds) + " seconds are not allowed: they must be finite and not negative");
    for (const double each : scores)
      if (!std::isfinite(each)) return fail(number, "the score is " + param_detail::number_text(each));
    trial.state = Trial::State::finished;
    trial.score = score;
    if (several()) trial.scores = scores;
    trial.seconds = seconds;
    Observation& seen = history.observations[static_cast<std::size_t>(number)];
    seen.state = Observation::State::finished;
    seen.score = lower_is_better(score);
    seen.seconds = seconds;
  }
  void fail(std::int64_t number, std::string reason) {
    Trial& trial = running(number);
    trial.state = Trial::State::failed;
    trial.reason = std::move(reason);
    history.observations[static_cast<std::size_t>(number)].state = Observation::State::failed;
  }
  void note(std::int64_t number, std::int64_t step, double score) {
    if (several())
      throw Error(
          "search.objectives", "trial " + std::to_string(number),
          "scores on the way are those of one objective, and there are " + std::to_string(options.directions.size()));
    running(number).partial.push_back({step, score});
    if (std::isfinite(score)) history.observations[static_cast<std::size_t>(number)].partial = lower_is_better(score);
  }
  const Trial& known(std::int64_t number) const {
    if (number < 0 || number >= static_cast<std::int64_t>(trials.size()))
      throw Error("search.trial", "trial " + std::to_string(number), "no trial of this number was asked",
                  trials.empty() ? "ask first" : "trials 0 to " + std::to_string(trials.size() - 1) + " were asked");
    return trials[static_cast<std::size_t>(number)];
  }
  std::vector<Trial> front() const {
    std::vector<Trial> found;
    for (const std::size_t place : search::not_dominated(objectives_of_finished())) found.push_back(*finished()[place]);
    return found;
  }
  bool keeps_up(std::int64_t number) const {
    if (!options.reduction)
      throw Error("option.contradiction", "reduction", "whether a trial keeps up is asked, and no reduction is given",
                  "give it, for example 3");
    const search::Rungs rungs(*options.reduction, options.first_rung);
    return rungs.keeps_up(trials, static_cast<std::size_t>(known(number).number), sign_of(0));
  }
  std::optional<Trial> best() const {
    if (several())
      throw Error("search.objectives", "best", "of several objectives no single trial is the best",
                  "front() gives those that no other beats");
    const Trial* found = nullptr;
    for (const Trial& trial : trials)
      if (trial.state == Trial::State::finished &&
          (found == nullptr || lower_is_better(trial.score) < lower_is_better(found->score)))
        found = &trial;
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

  std::mutex mutex;
  SearchSpace space;
  OptimizerOptions options;
  std::vector<Trial> trials;

 private:
  bool several() const { return options.directions.size() > 1; }
  /// -1 where higher scores are better.
  double sign_of(std::size_t objective) const {
    const std::string& direction = options.directions.empty() ? options.direction : options.directions[objective];
    return direction == "maximize" ? -1 : 1;
  }
  double lower_is_better(double score) const { return sign_of(0) * score; }
  std::vector<const Trial*> finished() const {
    std::vector<const Trial*> all;
    for (const Trial& trial : trials)
      if (trial.state == Trial::State::finished) all.push_back(&trial);
    return all;
  }
  /// A row for each finished trial, lower is better.
  search::Objectives objectives_of_finished() const {
    search::Objectives rows;
    for (const Trial* trial : finished()) {
      rows.push_back(several() ? trial->scores : std::vector<double>{trial->score});
      for (std::size_t k = 0; k < rows.back().size(); ++k) rows.back()[k] *= sign_of(k);
    }
    return rows;
  }
  /// What the strategy sees of several objectives, for this proposal.
  void score_by_drawn_weights() {
    const std::vector<double> scores = search::one_score(objectives_of_finished(), options.seed, trials.size());
    std::size_t place = 0;
    for (Observation& seen : history.observations)
      if (seen.state == Observation::State::finished) seen.score = scores[place++];
  }
  bool is_new(const Point& point) const { return !cube.forbids(point) && !asked.contains(point); }
  Trial begin(Object parameters, Point point) {
    asked.insert(point);
    history.observations.push_back({.point = std::move(point)});
    return trials.emplace_back(
        Trial{.number = static_cast<std::int64_t>(trials.size()), .parameters = std::move(parameters)});
  }
  Trial& running(std::int64_t number) {
    const Trial& trial = known(number);
    if (trial.state != Trial::State::running)
      throw Error("search.told_twice", "trial " + std::to_string(number),
                  std::string("the end of this trial was told already: it ") +
                      (trial.state == Trial::State::failed ? "failed" : "finished"));
    return trials[static_cast<std::size_t>(number)];
  }
  /// A random point that was not asked before; in small spaces, one of those that are left.
  Point another_point() const {
    RandomStream random(options.seed, purpose("search another"), trials.size());
    Point point(cube.dimensions());
    for (int i = 0; i < draws_for_a_new_point; ++i) {
      for (double& coordinate : point) coordinate = random.uniform();
      cube.snap(point);
      if (is_new(point)) return point;
    }
    std::vector<Point> left;
    if (const auto all = space.all_configurations(most_listed))
      for (const Object& each : *all)
        if (Point candidate = space.point(each); is_new(candidate)) left.push_back(std::move(candidate));
    if (left.empty())
      throw Error("search.exhausted", "space", "every configuration of the space was asked: there is no other",
                  "end here, or search a larger space");
    return left[random.below(left.size())];
  }

  Cube cube;
  History history;
  std::set<Point, PointOrder> asked;
  std::unique_ptr<Strategy> strategy;
};

Optimizer::Optimizer(SearchSpace space, OptimizerOptions options) {
  check_options(options);
  search_ = std::make_unique<Search>(std::move(space), std::move(options));
}
Optimizer::~Optimizer() = default;
Optimizer::Optimizer(Optimizer&&) noexcept = default;
Optimizer& Optimizer::operator=(Optimizer&&) noexcept = default;

Trial Optimizer::ask() {
  const std::lock_guard lock(search_->mutex);
  return search_->ask();
}
Trial Optimizer::ask(const Object& parameters) {
  const std::lock_guard lock(search_->mutex);
  return search_->ask(parameters);
}
void Optimizer::tell(std::int64_t number, double score, std::optional<double> seconds) {
  tell(number, std::vector<double>{score}, seconds);
}
void Optimizer::tell(std::int64_t number, const std::vector<double>& scores, std::optional<double> seconds) {
  const std::lock_guard lock(search_->mutex);
  search_->finish(number, scores, seconds);
}
void Optimizer::tell_failed(std::int64_t number, std::string reason) {
  const std::lock_guard lock(search_->mutex);
  search_->fail(number, std::move(reason));
}
void Optimizer::tell_partial(std::int64_t number, std::int64_t step, double score) {
  const std::lock_guard lock(search_->mutex);
  search_->note(number, step, score);
}
std::int64_t Optimizer::add(const Object& parameters, double score, std::optional<double> seconds) {
  const std::lock_guard lock(search_->mutex);
  const std::int64_t number = search_->ask(parameters).number;
  search_->finish(number, {score}, seconds);
  return number;
}
std::vector<Trial> Optimizer::trials() const {
  const std::lock_guard lock(search_->mutex);
  return search_->trials;
}
Trial Optimizer::trial(std::int64_t number) const {
  const std::lock_guard lock(search_->mutex);
  return search_->known(number);
}
bool Optimizer::keeps_up(std::int64_t number) const {
  const std::lock_guard lock(search_->mutex);
  return search_->keeps_up(number);
}
std::vector<Trial> Optimizer::front() const {
  const std::lock_guard lock(search_->mutex);
  return search_->front();
}
std::optional<Trial> Optimizer::best() const {
  const std::lock_guard lock(search_->mutex);
  return search_->best();
}
const SearchSpace& Optimizer::space() const { return search_->space; }
const OptimizerOptions& Optimizer::options() const { return search_->options; }

}  // namespace automill
