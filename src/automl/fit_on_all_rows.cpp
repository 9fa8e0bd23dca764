#include "automl/fit_on_all_rows.hpp"

#include "automl/held_out.hpp"

namespace automill {

std::shared_ptr<const Model> fit_on_all_rows(const std::string& name, const Estimator& estimator,
                                             const std::vector<std::int64_t>& rounds,
                                             const std::shared_ptr<const Dataset>& dataset, const RunContext& context) {
  FitInput input{.train = DatasetView(dataset)};
  const std::int64_t sum = std::accumulate(rounds.begin(), rounds.end(), std::int64_t{0});
  if (sum > 0) input.stop_at_round = std::max<std::int64_t>(1, sum / static_cast<std::int64_t>(rounds.size()));
  RunContext inner = context;
  inner.seed = seed_of_candidate(context.seed, name);
  FitResult result = estimator.fit(input, inner);
  // a fit that does again what the clock cut short says so of itself, too
  const bool again = input.stop_at_round && !inner.stop.stop_requested() && result.report.stopped != "memory limit";
  if (result.report.cut_short() && !again) return nullptr;
  return std::shared_ptr<const Model>(std::move(result.model));
}

}  // namespace automill
