#include <automill/features/select_features.hpp>

#include "features/column_worth.hpp"
#include "features/distinct_rows.hpp"
#include "features/select_features_fitted.hpp"

namespace automill {
namespace {

using namespace features;

constexpr std::size_t fewest_rows_for_noise = 40;

/// Verdicts on the columns of the distinct rows.
class Selection {
 public:
  Selection(const DistinctRows& rows, std::vector<Verdict>& verdicts, std::vector<std::uint32_t>& others)
      : rows_(rows), verdicts_(verdicts), others_(others) {}

  void judge(const SelectFeaturesParameters& parameters, const RunContext& context) {
    DistinctRows rows = rows_;
    if (parameters.max_correlation < 1) rows = without_correlated(parameters.max_correlation, context);
    const auto sample = rows.first(static_cast<std::size_t>(parameters.max_rows));
    const ColumnWorth worth = parameters.method == "shadows"
                                  ? worth_by_shadows(sample, static_cast<std::size_t>(parameters.fits), context)
                                  : worth_by_information(*sample, context);
    std::vector<std::size_t> order;
    for (std::size_t k = 0; k < rows.columns.size(); ++k) {
      if (worth.signal[k] != 0) order.push_back(k);
      else verdicts_[rows.columns[k]] = Verdict::no_signal;
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return worth.importance[a] > worth.importance[b]; });
    if (!parameters.max_features) return;
    for (std::size_t i = static_cast<std::size_t>(*parameters.max_features); i < order.size(); ++i)
      verdicts_[rows.columns[order[i]]] = Verdict::beyond_most;
  }

 private:
  /// The same rows with the first by name of those in nearly the same order.
  DistinctRows without_correlated(double most, const RunContext& context) {
    const std::vector<BinnedCandidate> binned = bin_columns(*rows_.data, context);
    std::vector<std::size_t> kept;
    DistinctRows result;
    std::vector<ColumnPtr> columns;
    for (std::size_t k = 0; k < binned.size(); ++k) {
      context.stop.throw_if_requested();
      const auto like = std::find_if(kept.begin(), kept.end(), [&](std::size_t other) {
        return !binned[k].groups && !binned[other].groups &&
               std::abs(rank_correlation(binned[k], binned[other])) > most;
      });
      if (like != kept.end()) {
        verdicts_[rows_.columns[k]] = Verdict::correlated;
        others_[rows_.columns[k]] = rows_.columns[*like];
        continue;
      }
      kept.push_back(k);
      result.columns.push_back(rows_.columns[k]);
      columns.push_back(rows_.data->features.columns()[k]);
    }
    Dataset data = *rows_.data;
    data.features = Table(std::move(columns));
    result.data = make_dataset(std::move(data));
    return result;
  }

  const DistinctRows& rows_;
  std::vector<Verdict>& verdicts_;
  std::vector<std::uint32_t>& others_;
};

}  // namespace

std::unique_ptr<FittedTransformer> SelectFeatures::fit(const DatasetView& train, const RunContext& context) const {
  const Schema& schema = *train.dataset().features.schema();
  std::vector<Verdict> verdicts(schema.size(), Verdict::stays);
  std::vector<std::uint32_t> others(schema.size(), 0);
  if (train.rows() < 2) return std::make_unique<FittedSelectFeatures>(schema, std::move(verdicts), std::move(others));
  const DistinctRows rows = distinct_rows(train, context);
  for (std::uint32_t c : rows.constant) verdicts[c] = Verdict::constant;
  for (const auto& [copy, original] : rows.copies) {
    verdicts[copy] = Verdict::copy;
    others[copy] = original;
  }
  if (rows.rows() >= fewest_rows_for_noise && !rows.columns.empty())
    Selection(rows, verdicts, others).judge(parameters_, context);
  return std::make_unique<FittedSelectFeatures>(schema, std::move(verdicts), std::move(others));
}

}  // namespace automill
