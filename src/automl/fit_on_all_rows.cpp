#include "automl/fit_on_all_rows.hpp"

namespace automill {

std::shared_ptr<const Model> fit_on_all_rows(const std::string& name, const Estimator& estimator,
                                             const std::vector<std::int64_t>& rounds,
                                             const std::shared_ptr<const Dataset>& dataset, const RunContext& context) {
  FitInput input{.train = DatasetView(dataset)};
  const std::int64_t sum = std::accumulate(rounds.begin(), rounds.end(), std::int64_t{0});
  if (sum > 0) input.stop_at_round = std::max<std::int64_t>(1, sum / static_cast<std::int64_t>(rounds.size()));
  RunContext inner = context;
  inner.run_with = nullptr;
  inner.seed = combine_hashes(context.seed, hash_text(name));
  FitResult result = estimator.fit(input, inner);
  // a fit that ends at the round it is told to may call itself cut short
  if (result.report.cut_short() && context.stop.stop_requested()) return nullptr;
  return std::shared_ptr<const Model>(std::move(result.model));
}

}  // namespace automill
