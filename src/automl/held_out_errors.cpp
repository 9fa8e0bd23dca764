#include "automl/held_out_errors.hpp"

#include <automill/automl/train.hpp>

#include "data/bottom_sample.hpp"
#include "predict/spread_inputs.hpp"

namespace automill {
namespace {

constexpr std::size_t fewest_rows = 100;   // to learn a spread from
constexpr std::size_t most_columns = 500;  // a spread that costs as much as the model is not worth it
constexpr std::size_t row_parts = 5;       // of the rows, each scored by a spread of the others
constexpr std::uint32_t all_ranks = 1024, kept_ranks = 512;
constexpr double judged_coverage = 0.9;

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Gamma regression of the sizes of residuals: few shallow trees.
std::shared_ptr<const Estimator> spread_estimator() {
  return builtin_registry()
      .estimator("gradient_boosting")
      .make({{"objective", "gamma"},
             {"n_estimators", 60},
             {"num_leaves", 8},
             {"learning_rate", 0.1},
             {"min_child_samples", 20},
             {"reg_lambda", 1.0},
             {"early_stopping_rounds", 0}});
}

/// Residuals of sampled rows, and spreads that were learned from them.
class Spreads {
 public:
  Spreads(const HeldOutErrors& held_out, std::vector<std::uint32_t> rows)
      : held_out_(held_out), rows_(std::move(rows)), of_others_(rows_.size(), 1.0) {
    const Target& target = held_out.dataset->target;
    for (const std::uint32_t row : rows_) residuals_.push_back(target.values[row] - held_out.predictions->values[row]);
  }

  /// With a spread, where it is worth it.
  void learn() {
    if (rows_.size() < fewest_rows || held_out_.dataset->features.size() > most_columns) return;
    std::vector<double> sizes;
    for (const double residual : residuals_) sizes.push_back(std::abs(residual));
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    floor_ = 0.5 * (*middle > 0 ? *middle : mean_of(sizes));
    if (!(floor_ > 0) || !std::isfinite(floor_)) return;  // predicted exactly
    fit_within_memory();
    if (model_ != nullptr && better()) return;
    model_ = nullptr;
    of_others_.assign(rows_.size(), 1.0);
  }

  const std::shared_ptr<const Model>& model() const { return model_; }
  std::vector<double> scores() const {
    std::vector<double> scores;
    for (std::size_t i = 0; i < rows_.size(); ++i) scores.push_back(residuals_[i] / of_others_[i]);
    return scores;
  }

 private:
  /// The sizes of the residuals as a target, over copied rows: they may be few of many.
  std::shared_ptr<const Dataset> problem() const {
    const Dataset& dataset = *held_out_.dataset;
    Dataset sizes;
    std::vector<double> predictions;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      predictions.push_back(held_out_.predictions->values[rows_[i]]);
      sizes.target.values.push_back(std::abs(residuals_[i]) + floor_);
      sizes.keys.push_back(dataset.keys[rows_[i]]);
      if (!dataset.groups.empty()) sizes.groups.push_back(dataset.groups[rows_[i]]);
    }
    sizes.features =
        spread_table(FittedTransformerPipeline::copy_rows(TableView(dataset.features, rows_)), std::move(predictions));
    sizes.target.name = "size of the residual";
    return make_dataset(std::move(sizes));
  }

  /// Rows of a group go together.
  SplitPlan plan(const Dataset& sizes) const {
    const std::uint64_t salt = combine_hashes(held_out_.context.seed, purpose("parts of spreads"));
    SplitPlan plan{.folds = row_parts};
    for (const std::uint64_t key : sizes.groups.empty() ? sizes.keys : sizes.groups)
      plan.fold_of.push_back(static_cast<std::int32_t>(combine_hashes(salt, key) % row_parts));
    plan.finish();
    return plan;
  }

  /// Where memory is short all rows have one spread.
  void fit_within_memory() {
    try {
      fit();
    } catch (const Error& error) {
      if (error.code() != "memory.limit") throw;
      model_ = nullptr;
    }
  }

  /// One model of all rows, and for each part one of the others. Without all of them there is none.
  void fit() {
    const auto sizes = problem();
    const FoldedDataset folded(sizes, plan(*sizes));
    const auto estimator = spread_estimator();
    RunContext inner = held_out_.context;
    inner.run_with = nullptr;
    std::array<std::shared_ptr<const Model>, row_parts + 1> models;
    held_out_.context.executor().run(models.size(), [&](std::size_t part) {
      const bool whole = part == row_parts;
      if (!whole && folded.train(part).rows() == 0) return;
      FitResult result = estimator->fit(whole ? DatasetView(sizes) : folded.train(part), inner);
      if (!result.report.cut_short()) models[part] = std::move(result.model);
    });
    if (std::find(models.begin(), models.end(), nullptr) != models.end()) return;
    model_ = models.back();
    for (std::size_t part = 0; part < row_parts; ++part) {
      const DatasetView& rows = folded.held_out(part);
      Predictions predicted(rows.rows(), 1);
      models[part]->predict_aligned(rows.features(), predicted.view(), inner);
      for (std::size_t i = 0; i < rows.rows(); ++i) of_others_[rows.row_numbers()[i]] = predicted.values[i];
    }
  }

  /// Width, and what is paid for a row outside: what an interval with the least mean of it says is true.
  std::vector<double> interval_scores(const std::vector<double>& spreads) const {
    std::vector<double> scaled;
    for (std::size_t i = 0; i < rows_.size(); ++i) scaled.push_back(residuals_[i] / spreads[i]);
    const ScoreRanks ranks = ranks_of(scaled);
    const double count = ranks.rows;
    const double low = ranks.at(std::clamp(ranks.rank_of((1 - judged_coverage) / 2), 1.0, count));
    const double high = ranks.at(std::clamp(ranks.rank_of((1 + judged_coverage) / 2), 1.0, count));
    std::vector<double> paid;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const double outside = std::max({0.0, low - scaled[i], scaled[i] - high});
      paid.push_back(spreads[i] * (high - low + 2 / (1 - judged_coverage) * outside));
    }
    return paid;
  }

  bool better() const {
    std::vector<double> gain = interval_scores(std::vector<double>(rows_.size(), 1.0));
    const std::vector<double> with = interval_scores(of_others_);
    for (std::size_t i = 0; i < gain.size(); ++i) gain[i] -= with[i];
    const double mean = mean_of(gain), n = static_cast<double>(gain.size());
    double squares = 0;
    for (const double value : gain) squares += (value - mean) * (value - mean);
    return mean > std::sqrt(squares / n / n);
  }

  const HeldOutErrors& held_out_;
  std::vector<std::uint32_t> rows_;
  std::vector<double> residuals_, of_others_;
  std::shared_ptr<const Model> model_;
  double floor_ = 0;
};

/// 0 where no target is below; the other side likewise.
void set_limits(const Target& target, Uncertainty& known) {
  const auto [least, most] = std::minmax_element(target.values.begin(), target.values.end());
  if (*least >= 0) known.least = 0;
  if (*most <= 0) known.most = 0;
}

std::vector<double> class_scores(const HeldOutErrors& held_out, const std::vector<std::uint32_t>& rows) {
  std::vector<double> scores;
  for (const std::uint32_t row : rows) {
    const auto probabilities = held_out.predictions->row(row);
    const auto truth = static_cast<std::size_t>(held_out.dataset->target.labels[row]);
    const auto likeliest =
        static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
    scores.push_back(likeliest == truth ? 0 : std::clamp(1 - probabilities[truth], 0.0, 1.0));
  }
  return scores;
}

}  // namespace

ScoreRanks ranks_of(std::vector<double> scores) {
  std::sort(scores.begin(), scores.end());
  ScoreRanks kept{.rows = static_cast<std::uint32_t>(scores.size())};
  const auto keep = [&](std::uint32_t rank) {
    if (!kept.ranks.empty() && kept.ranks.back() >= rank) return;
    kept.ranks.push_back(rank);
    kept.scores.push_back(scores[rank - 1]);
  };
  if (kept.rows <= all_ranks)
    for (std::uint32_t rank = 1; rank <= kept.rows; ++rank) keep(rank);
  else
    for (std::uint32_t k = 0; k <= kept_ranks; ++k) {  // close together at the ends: nodes of Chebyshev
      const double share = static_cast<double>(k) / kept_ranks, bent = share * share * (3 - 2 * share);
      keep(1 + static_cast<std::uint32_t>(std::round(bent * (kept.rows - 1))));
    }
  return kept;
}

std::shared_ptr<const Uncertainty> learn_uncertainty(const HeldOutErrors& held_out) {
  if (held_out.rows.empty() || held_out.predictions->width != held_out.dataset->target.width()) return nullptr;
  std::vector<std::uint64_t> keys;
  for (const std::uint32_t row : held_out.rows) keys.push_back(held_out.dataset->keys[row]);
  std::vector<std::uint32_t> rows(held_out.rows.begin(), held_out.rows.end());
  if (const auto drawn = bottom_sample(keys, most_held_out_errors, purpose("held-out errors")); !drawn.empty()) {
    rows.clear();
    for (const std::uint32_t i : drawn) rows.push_back(held_out.rows[i]);
  }
  auto known = std::make_shared<Uncertainty>();
  if (is_classification(held_out.dataset->target.task)) {
    known->scores = ranks_of(class_scores(held_out, rows));
    return known;
  }
  Spreads spreads(held_out, std::move(rows));
  if (held_out.learn_spread) spreads.learn();
  known->spread = spreads.model();
  known->scores = ranks_of(spreads.scores());
  set_limits(held_out.dataset->target, *known);
  if (!held_out.quantiles.empty()) known->quantiles = held_out.quantiles;
  return known;
}

}  // namespace automill
