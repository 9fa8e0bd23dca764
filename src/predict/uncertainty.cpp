#include <automill/predict/served_model.hpp>
#include <cmath>

#include "spread_inputs.hpp"

namespace automill {
namespace {

std::string number_text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}

void check_probability(double value, const char* place) {
  if (!(value > 0 && value < 1))
    throw Error("option.out_of_range", place, number_text(value) + " is not allowed: it must be above 0 and below 1");
}

/// The uncertainty of a model of numbers or of classes, asked for by `call`.
const Uncertainty& uncertainty_of(const ModelParts& parts, const char* call, bool numbers) {
  if (numbers == is_classification(parts.target.task))
    throw Error("predict.wrong_kind", call, "this is a " + task_name(parts.target.task) + " model",
                numbers ? "use predict_set" : "use predict_interval");
  if (parts.uncertainty == nullptr)
    throw Error("model.no_intervals", call, "this model does not hold what intervals and sets are made of",
                "models of train and refit have it; files from before, single learners, imported models and other "
                "combinations of members do not");
  return *parts.uncertainty;
}

/// The rank of a level; an Error where the sample is too small to tell.
double checked_rank(const ScoreRanks& scores, double level, const char* place) {
  const double rank = scores.rank_of(level);
  if (rank >= 1 && rank <= static_cast<double>(scores.rows)) return rank;
  const double farthest = 1.0 / (static_cast<double>(scores.rows) + 1);
  throw Error(
      "predict.too_few_rows", place,
      "a level of " + number_text(level) + " cannot be told from " + std::to_string(scores.rows) + " held-out rows",
      "they tell levels from " + number_text(farthest) + " to " + number_text(1 - farthest) + ": intervals of up to " +
          number_text(1 - 2 * farthest));
}

struct RankPair {
  double low, high;
};
RankPair ranks_of_coverage(const ScoreRanks& scores, double coverage) {
  check_probability(coverage, "coverage");
  return {checked_rank(scores, (1 - coverage) / 2, "coverage"), checked_rank(scores, (1 + coverage) / 2, "coverage")};
}

/// What intervals of rows are made of.
struct RowSpreads {
  std::vector<double> predictions, spreads;
};
RowSpreads spreads_of(const ServedModel& model, const Uncertainty& known, const Table& rows,
                      const RunContext& context) {
  RowSpreads made{model.predict(rows, context).raw().values, {}};
  if (known.spread == nullptr) made.spreads.assign(made.predictions.size(), 1.0);
  else made.spreads = known.spread->predict(spread_table(model.aligned(rows), made.predictions), context).values;
  return made;
}

/// Of one row's probabilities: 1 for the likeliest class and for all whose score is at most `most`.
void fill_set(std::span<const double> probabilities, double most, std::uint8_t* set) noexcept {
  std::size_t likeliest = 0;
  for (std::size_t k = 0; k < probabilities.size(); ++k) {
    if (probabilities[k] > probabilities[likeliest]) likeliest = k;
    set[k] = 1 - probabilities[k] <= most ? 1 : 0;
  }
  set[likeliest] = 1;
}

}  // namespace

double ScoreRanks::rank_of(double level) const noexcept {
  const double rank = (static_cast<double>(rows) + 1) * level;
  const double rounding = 1e-9 + 1e-12 * rank;  // (1 - 0.9) / 2 is not quite 0.05
  return level < 0.5 ? std::floor(rank + rounding) : level > 0.5 ? std::ceil(rank - rounding) : rank;
}

double ScoreRanks::at(double rank) const noexcept {
  const auto above = std::lower_bound(ranks.begin(), ranks.end(), rank);
  if (above == ranks.begin()) return scores.front();
  if (above == ranks.end()) return scores.back();
  const auto high = static_cast<std::size_t>(above - ranks.begin());
  if (static_cast<double>(ranks[high]) == rank) return scores[high];
  const double from = ranks[high - 1], to = ranks[high];
  return scores[high - 1] + (scores[high] - scores[high - 1]) * ((rank - from) / (to - from));
}

double Uncertainty::quantile(double prediction, double row_spread, double rank) const noexcept {
  return std::clamp(prediction + row_spread * scores.at(rank), least, most);
}

double Uncertainty::most_score(double coverage) const noexcept {
  // of one side alone: up, also below the middle
  const double rank = std::ceil((static_cast<double>(scores.rows) + 1) * coverage - 1e-9);
  return rank > static_cast<double>(scores.rows) ? 1.0 : scores.at(std::max(rank, 1.0));
}

PredictedIntervals ServedModel::predict_interval(const Table& rows, double coverage, const RunContext& context) const {
  const Uncertainty& known = uncertainty_of(*parts_, "predict_interval", true);
  const RankPair ranks = ranks_of_coverage(known.scores, coverage);
  const RowSpreads made = spreads_of(*this, known, rows, context);
  PredictedIntervals intervals{.coverage = coverage};
  for (std::size_t i = 0; i < made.predictions.size(); ++i) {
    intervals.low.push_back(known.quantile(made.predictions[i], made.spreads[i], ranks.low));
    intervals.high.push_back(known.quantile(made.predictions[i], made.spreads[i], ranks.high));
  }
  return intervals;
}

PredictedQuantiles ServedModel::predict_quantiles(const Table& rows, std::vector<double> quantiles,
                                                  const RunContext& context) const {
  const Uncertainty& known = uncertainty_of(*parts_, "predict_quantiles", true);
  if (quantiles.empty()) quantiles = known.quantiles;
  std::vector<double> ranks;
  for (const double level : quantiles) {
    check_probability(level, "quantiles");
    ranks.push_back(checked_rank(known.scores, level, "quantiles"));
  }
  const RowSpreads made = spreads_of(*this, known, rows, context);
  PredictedQuantiles predicted{std::move(quantiles), Predictions(made.predictions.size(), ranks.size())};
  for (std::size_t i = 0; i < made.predictions.size(); ++i)
    for (std::size_t k = 0; k < ranks.size(); ++k)
      predicted.values.values[i * ranks.size() + k] = known.quantile(made.predictions[i], made.spreads[i], ranks[k]);
  return predicted;
}

PredictedSets ServedModel::predict_set(const Table& rows, double coverage, const RunContext& context) const {
  const Uncertainty& known = uncertainty_of(*parts_, "predict_set", false);
  check_probability(coverage, "coverage");
  const double most = known.most_score(coverage);
  const PredictionResult result = predict(rows, context);
  const Predictions& probabilities = result.raw();
  std::vector<std::uint8_t> members(probabilities.values.size());
  for (std::size_t i = 0; i < probabilities.rows(); ++i)
    fill_set(probabilities.row(i), most, members.data() + i * probabilities.width);
  return {std::shared_ptr<const TargetInfo>(parts_, &parts_->target), std::move(members)};
}

Interval NamedRowPredictor::predict_interval(double coverage) {
  const Uncertainty& known = uncertainty_of(*parts_, "predict_interval", true);
  const RankPair ranks = ranks_of_coverage(known.scores, coverage);
  const double prediction = predict()[0];
  double spread = 1;
  if (spread_ != nullptr) {
    for (std::size_t i = 0; i < spread_columns_.size(); ++i) spread_cells_[i] = numbers_[spread_columns_[i]];
    spread_cells_.back() = prediction;
    spread_->predict({spread_cells_.data(), nullptr}, {&spread, 1});
  }
  return {known.quantile(prediction, spread, ranks.low), known.quantile(prediction, spread, ranks.high)};
}

std::span<const std::uint8_t> NamedRowPredictor::predict_set(double coverage) {
  const Uncertainty& known = uncertainty_of(*parts_, "predict_set", false);
  check_probability(coverage, "coverage");
  fill_set(predict(), known.most_score(coverage), set_.data());
  return set_;
}

}  // namespace automill
