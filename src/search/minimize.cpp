#include <automill/search/minimize.hpp>

namespace automill {
namespace {

void check_trials(std::int64_t trials) {
  if (trials < 1)
    throw Error("option.out_of_range", "trials", std::to_string(trials) + " is not allowed: it must be at least 1");
}

/// The next trial, or nothing when a finite space has no other.
std::optional<Trial> next_trial(Optimizer& optimizer, const MinimizeOptions& options, std::size_t number) {
  if (number < options.first.size()) return optimizer.ask(options.first[number]);
  try {
    return optimizer.ask();
  } catch (const Error& error) {
    if (error.code() != "search.exhausted") throw;
    return std::nullopt;
  }
}

void evaluate(Optimizer& optimizer, const Trial& trial, const std::function<double(const Object&)>& function,
              ObjectiveErrors errors) {
  const auto start = Clock::now();
  try {
    const double score = function(trial.parameters);
    optimizer.tell(trial.number, score, Seconds(Clock::now() - start).count());
  } catch (const std::exception& error) {
    if (errors == ObjectiveErrors::raise) throw;
    optimizer.tell_failed(trial.number, error.what());
  }
}

}  // namespace

MinimizeResult minimize(const SearchSpace& space, const std::function<double(const Object&)>& function,
                        const MinimizeOptions& options) {
  check_trials(options.trials);
  Optimizer optimizer(space, {.strategy = options.strategy,
                              .seed = options.seed,
                              .initial_trials = options.initial_trials,
                              .per_second = options.per_second});
  for (std::size_t i = 0; i < static_cast<std::size_t>(options.trials) && !options.stop.stop_requested(); ++i) {
    const auto trial = next_trial(optimizer, options, i);
    if (!trial) break;
    evaluate(optimizer, *trial, function, options.errors);
  }
  MinimizeResult result{.trials = optimizer.trials()};
  if (const auto best = optimizer.best()) {
    result.best = *best;
    return result;
  }
  throw Error("search.all_failed", "minimize",
              "none of " + std::to_string(result.trials.size()) + " trials has a finite score" +
                  (result.trials.empty() ? "" : ": " + result.trials.front().reason));
}

}  // namespace automill
