#include "naive_bayes_rows.hpp"

#include "learners/read_column.hpp"
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

std::vector<double> cells_of(const DatasetView& train, std::size_t column, const StopToken& stop) {
  std::vector<double> values(train.rows());
  read_column(train.features(), column, stop, values.data());
  return values;
}

}  // namespace automill
