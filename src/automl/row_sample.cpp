#include "automl/row_sample.hpp"

#include <automill/core/transformer_pipeline.hpp>

#include "automl/evaluator.hpp"
#include "automl/fit_shape.hpp"
#include "automl/own_learners.hpp"
#include "data/platform.hpp"

namespace automill {
namespace {

constexpr std::size_t least_rows = 500, rows_of_a_class = 20;
constexpr std::size_t first_learners = 3;  // of the fixed order: the floor, a linear model, a booster
constexpr double kept_predictions = 8;     // candidates that a run should have room for

/// The booster before the others.
std::vector<std::shared_ptr<const Estimator>> learners_to_fit(const Portfolio& portfolio) {
  std::vector<std::shared_ptr<const Estimator>> found;
  for (std::size_t i = 0; i < first_learners && !portfolio.is_searched(i); ++i) {
    const Proposal proposal = *portfolio.proposal(i, {});
    if (proposal.family == "baseline" || proposal.family == own_family) continue;
    found.insert(proposal.family == "gbdt" ? found.begin() : found.end(), proposal.estimator);
  }
  return found;
}

/// Of a fit of a fold (`shape`: with all rows) with so large a part of the rows, the predictions that are kept
/// meanwhile and the sample itself.
double needed_bytes(const Estimator& learner, const Dataset& dataset, DataShape shape, double share) {
  const auto of_rows = [&](std::size_t rows) { return static_cast<std::size_t>(share * static_cast<double>(rows)); };
  shape.rows = of_rows(shape.rows);
  shape.validation_rows = of_rows(shape.validation_rows);
  const double predictions = static_cast<double>(bytes_of_predictions(dataset));
  const double copy =
      static_cast<double>(dataset.rows()) * (8 * shape.filled() + 32 + static_cast<double>(shape.text_bytes));
  return learner.cost(shape).bytes +
         share * (kept_predictions * predictions + static_cast<double>(bytes_to_finish(dataset))) +
         (share < 1 ? share * copy : 0);
}

template <class T>
void take(std::vector<T>& values, const std::vector<std::uint32_t>& rows) {
  if (values.empty()) return;
  for (std::size_t i = 0; i < rows.size(); ++i) values[i] = values[rows[i]];
  values.resize(rows.size());
  values.shrink_to_fit();
}

/// Ascending.
std::vector<std::uint32_t> drawn_rows(const Dataset& dataset, std::size_t rows, std::uint64_t seed) {
  const std::uint64_t salt = combine_hashes(seed, purpose("rows that memory has room for"));
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  order.reserve(dataset.rows());
  for (std::uint32_t row = 0; row < dataset.rows(); ++row)
    order.emplace_back(combine_hashes(dataset.keys[row], salt), row);
  std::sort(order.begin(), order.end());
  const std::size_t classes = dataset.target.classes.size();
  const std::size_t least = std::min(rows_of_a_class, rows / (2 * std::max<std::size_t>(1, classes)));
  std::vector<std::size_t> of_class(classes);
  std::vector<std::uint32_t> drawn;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t row = order[i].second;
    bool wanted = i < rows;
    if (is_classification(dataset.target.task))
      wanted = ++of_class[static_cast<std::size_t>(dataset.target.labels[row])] <= least || wanted;
    if (wanted) drawn.push_back(row);
  }
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

}  // namespace

RowRoom room_for_rows(const FoldedDataset& folded, const Portfolio& portfolio, std::uint64_t limit,
                      std::uint64_t used) {
  constexpr double step = 0.70710678;
  const Dataset& dataset = *folded.dataset();
  const DataShape shape = shape_of_fold(folded, 0);
  const std::size_t all = dataset.rows();
  const double taken = static_cast<double>(used + reserved_bytes(limit));
  RowRoom room{.rows = all};
  for (const std::shared_ptr<const Estimator>& learner : learners_to_fit(portfolio)) {
    const auto needed = [&](double share) { return taken + needed_bytes(*learner, dataset, shape, share); };
    if (needed(1) <= static_cast<double>(limit)) return room;
    for (double share = step;; share *= step) {
      const auto rows = static_cast<std::size_t>(share * static_cast<double>(all));
      if (rows < least_rows) break;
      if (needed(share) <= static_cast<double>(limit)) return {rows, static_cast<std::uint64_t>(needed(1))};
    }
  }
  return room;
}

void sample_rows(Prepared& prepared, std::size_t rows, std::uint64_t seed) {
  const std::size_t before = prepared.dataset->rows();
  if (rows >= before) return;
  const std::vector<std::uint32_t> drawn = drawn_rows(*prepared.dataset, rows, seed);
  const DatasetView view(prepared.dataset, {std::make_shared<const std::vector<std::uint32_t>>(drawn), 0});
  prepared.identifiers.clear();  // what they tell was looked at with all rows
  prepared.dataset = view.with_features(FittedTransformerPipeline::copy_rows(view.features())).shared();
  take(prepared.input_row, drawn);
  take(prepared.metric_weights, drawn);
  if (prepared.fold_of) take(*prepared.fold_of, drawn);
  prepared.sampled_rows = rows;
  prepared.dropped_rows.emplace_back("the memory limit leaves no room for them", before - drawn.size());
  give_freed_memory_back();
}

}  // namespace automill
