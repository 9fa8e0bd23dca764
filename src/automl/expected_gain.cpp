#include "automl/expected_gain.hpp"

namespace automill {
namespace {

constexpr std::size_t fewest_candidates = 6, rows_to_judge = 8000;
constexpr double share_that_comes_again = 0.2, moved_by_choosing = 0.2;  // of the error of the score
constexpr double likely_errors = 1.4;  // quantile of 90 % of Student's t for five to eight parts

}  // namespace

double error_of_score(const std::vector<Candidate*>& candidates) {
  constexpr double errors_of_interval = 2 * 1.645;  // 90 %
  double narrowest = std::numeric_limits<double>::infinity();
  for (const Candidate* candidate : candidates)
    narrowest = std::min(narrowest, candidate->score.high - candidate->score.low);
  return narrowest / errors_of_interval;
}

std::optional<ExpectedGain> gain_of_twice_the_time(const WeightsInput& of_all, const EnsembleWeights* all) {
  const std::vector<Candidate*>& candidates = *of_all.candidates;
  if (candidates.size() < fewest_candidates) return std::nullopt;
  const std::vector<Candidate*> first(candidates.begin(),
                                      candidates.begin() + static_cast<std::ptrdiff_t>((candidates.size() + 1) / 2));
  WeightsInput of_first = of_all;
  of_first.candidates = &first;
  const EnsembleWeights half = find_weights(of_first), whole = all != nullptr ? *all : find_weights(of_all);
  if (half.without_part.empty() || whole.without_part.empty() || of_all.stop.stop_requested()) return std::nullopt;
  const Predictions before = blend_out_of_fold(first, half), after = blend_out_of_fold(candidates, whole);
  const Scorer some = of_all.scorer->sample(rows_to_judge, of_all.folded->dataset()->keys, of_all.seed);
  std::vector<double> gains;
  for (std::size_t part = 0; part < whole.without_part.size(); ++part) {
    const Scorer rows =
        some.where([&](std::uint32_t row) { return whole.part[row] == static_cast<std::int32_t>(part); });
    if (rows.rows().empty()) continue;
    const double gain = rows.loss(rows.gather(before).values) - rows.loss(rows.gather(after).values);
    if (std::isfinite(gain)) gains.push_back(gain);  // a part may have one class alone
  }
  if (gains.size() < 3) return std::nullopt;
  const auto parts = static_cast<double>(gains.size());
  const double mean = std::accumulate(gains.begin(), gains.end(), 0.0) / parts;
  double squares = 0;
  for (const double gain : gains) squares += (gain - mean) * (gain - mean);
  const double error = std::sqrt(squares / (parts - 1) / parts),
               expected = share_that_comes_again * std::max(0.0, mean);
  const double of_difference = likely_errors * error * std::sqrt(share_that_comes_again);
  const double likely = std::hypot(of_difference, moved_by_choosing * error_of_score(candidates));
  return ExpectedGain{expected, expected - likely, expected + likely};
}

}  // namespace automill
