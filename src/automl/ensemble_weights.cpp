#include "automl/ensemble_weights.hpp"

#include <atomic>
#include <automill/ensemble/greedy_selection.hpp>
#include <automill/ensemble/temperature.hpp>

namespace automill {
namespace {

constexpr std::size_t selection_rows = 20000, rows_of_others = 8000;  // for the members; for the score
constexpr std::size_t selection_values = std::size_t{1} << 23;        // of all candidates: 64 MB
constexpr std::size_t temperature_values = 40'000;  // rows times classes: the error of one number is small
constexpr std::int32_t parts_of_one_fold = 5;

/// The row's blend before the temperature.
void add_members(const std::vector<Candidate*>& candidates, const Blend& blend, std::size_t row,
                 std::span<double> out) {
  for (std::size_t j = 0; j < candidates.size(); ++j) {
    if (blend.weights[j] == 0) continue;
    const double* from = candidates[j]->out_of_fold.values.data() + row * out.size();
    for (std::size_t k = 0; k < out.size(); ++k) out[k] += blend.weights[j] * from[k];
  }
}

/// Equal weights where there are no rows to tell.
Blend select(const WeightsInput& input, const Scorer& scorer) {
  const std::size_t candidates = input.candidates->size();
  if (scorer.rows().empty()) return {std::vector<double>(candidates, 1.0 / static_cast<double>(candidates))};
  if (candidates == 1) return {{1.0}};
  std::vector<Predictions> gathered;
  for (const Candidate* candidate : *input.candidates) gathered.push_back(scorer.gather(candidate->out_of_fold));
  std::vector<const Predictions*> pointers;
  for (const auto& predictions : gathered) pointers.push_back(&predictions);
  GreedyOptions options;
  options.stop = input.stop;
  return {select_greedily(*scorer.blend(pointers), options).weights};
}

Predictions blend_of(const WeightsInput& input, const Scorer& scorer, const Blend& blend) {
  Predictions some(scorer.rows().size(), input.folded->dataset()->target.width());
  for (std::size_t i = 0; i < scorer.rows().size(); ++i)
    add_members(*input.candidates, blend, scorer.rows()[i], {some.values.data() + i * some.width, some.width});
  return some;
}

/// Held-out rows are scored with the temperatures of their parts, and without any.
bool temperatures_help(const WeightsInput& input, const Scorer& scorer, const EnsembleWeights& found) {
  const Metric log_loss = metric_by_name("log_loss");
  double before = 0, after = 0;
  for (std::size_t part = 0; part < found.without_part.size(); ++part) {
    const Scorer own =
        scorer.where([&](std::uint32_t row) { return found.part[row] == static_cast<std::int32_t>(part); });
    if (own.rows().empty()) continue;
    Predictions blend = blend_of(input, own, found.without_part[part]);
    const double rows = static_cast<double>(own.rows().size());
    before += rows * log_loss.compute(own.input(blend.values));
    apply_temperature_to_rows(found.without_part[part].temperature, blend.view());
    after += rows * log_loss.compute(own.input(blend.values));
  }
  return after < before;
}

}  // namespace

std::vector<std::int32_t> parts_of_rows(const FoldedDataset& folded, std::uint64_t seed) {
  std::vector<std::int32_t> parts = folded.plan().fold_of;
  if (folded.folds() > 1) return parts;
  const std::vector<std::uint64_t>& keys = folded.dataset()->keys;
  for (std::size_t row = 0; row < parts.size(); ++row)
    if (parts[row] >= 0)
      parts[row] = static_cast<std::int32_t>(combine_hashes(combine_hashes(seed, purpose("parts")), keys[row]) %
                                             parts_of_one_fold);
  return parts;
}

EnsembleWeights find_weights(const WeightsInput& input) {
  const Dataset& dataset = *input.folded->dataset();
  const bool classes = is_classification(dataset.target.task);
  EnsembleWeights found{.part = parts_of_rows(*input.folded, input.seed)};
  if (!classes && input.candidates->size() == 1) {  // nothing is chosen
    found.all.weights = {1.0};
    return found;
  }
  const std::size_t width = dataset.target.width(), most = selection_values / (input.candidates->size() * width);
  const auto some_of = [&](const Scorer& scorer, std::size_t rows) {
    return scorer.sample(std::clamp<std::size_t>(most, 500, rows), dataset.keys, input.seed);
  };
  const auto find = [&](const Scorer& scorer, std::size_t rows) {
    Blend blend = select(input, some_of(scorer, rows));
    if (!classes || scorer.rows().empty()) return blend;
    const Scorer few = some_of(scorer, temperature_values / width);
    blend.temperature = fit_temperature(few.input(blend_of(input, few, blend).values));
    return blend;
  };
  const auto parts = static_cast<std::size_t>(1 + *std::max_element(found.part.begin(), found.part.end()));
  std::vector<Blend> blends(parts + 1);
  std::atomic<bool> stopped = false;
  input.executor->run(parts + 1, [&](std::size_t piece) {
    if (piece == 0) {
      blends[piece] = find(*input.scorer, selection_rows);
    } else {
      const auto without = static_cast<std::int32_t>(piece) - 1;
      const bool forward = input.folded->plan().forward;  // in time order what comes later is not known
      blends[piece] = find(input.scorer->where([&](std::uint32_t row) {
        return forward ? found.part[row] < without : found.part[row] != without;
      }),
                           rows_of_others);
    }
    if (input.stop.stop_requested()) stopped = true;
  });
  found.all = std::move(blends[0]);
  if (!stopped)
    found.without_part.assign(std::make_move_iterator(blends.begin() + 1), std::make_move_iterator(blends.end()));
  if (!classes || !temperatures_help(input, some_of(*input.scorer, rows_of_others), found)) {
    found.all.temperature = 1;
    for (Blend& blend : found.without_part) blend.temperature = 1;
  }
  return found;
}

double selection_seconds(const Dataset& dataset, std::size_t parts) {
  const double rows =
      static_cast<double>(std::min(dataset.rows(), selection_rows) + parts * std::min(dataset.rows(), rows_of_others));
  const double seconds_of_row = is_classification(dataset.target.task) ? 7e-7 : 1e-7;
  return seconds_of_row * rows * std::max(1.0, 0.5 * static_cast<double>(dataset.target.width()));
}

Predictions blend_out_of_fold(const std::vector<Candidate*>& candidates, const EnsembleWeights& weights) {
  const std::size_t width = candidates[0]->out_of_fold.width;
  Predictions predictions(candidates[0]->out_of_fold.rows(), width);
  for (std::size_t row = 0; row < predictions.rows(); ++row) {
    const std::int32_t part = weights.part[row];
    const bool nested = part >= 0 && !weights.without_part.empty();
    const Blend& blend = nested ? weights.without_part[static_cast<std::size_t>(part)] : weights.all;
    const std::span<double> out(predictions.values.data() + row * width, width);
    add_members(candidates, blend, row, out);
    if (blend.temperature != 1 && part >= 0) apply_temperature(blend.temperature, out);
  }
  return predictions;
}

}  // namespace automill
