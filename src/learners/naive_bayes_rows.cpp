#include "naive_bayes_rows.hpp"

#include "learners/row_weights.hpp"

namespace automill {

NaiveBayesData::NaiveBayesData(const DatasetView& view, bool fit_prior)
    : train(view), weights(row_weights(view)), class_weights(view.target().classes.size(), 0.0) {
  double total = 0, rows = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    class_weights[label(i)] += weights[i];
    total += weights[i];
    rows += weights[i] > 0 ? 1 : 0;
  }
  for (double weight : class_weights) {
    const double share = fit_prior ? weight / total : 1.0 / static_cast<double>(classes());
    log_priors.push_back(math::log(weight > 0 ? std::max(share, 1e-300) : 0.5 / rows));
  }
  const auto& columns = view.dataset().features.columns();
  if (std::any_of(columns.begin(), columns.end(), [](const auto& column) { return column->sparse(); }))
    places = row_cells_detail::places_of(view.features());
}

std::vector<double> read_column(const DatasetView& train, std::size_t column, const StopToken& stop) {
  constexpr std::size_t block = 1 << 16;
  std::vector<double> values(train.rows());
  for (std::size_t first = 0; first < values.size(); first += block) {
    stop.throw_if_requested();
    const std::size_t count = std::min(block, values.size() - first);
    train.features().part(first, count).numbers(column, values.data() + first);
  }
  return values;
}

}  // namespace automill
