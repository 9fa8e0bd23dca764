#include <automill/automl/automl_model.hpp>
#include <automill/core/math.hpp>

// Out-of-fold predictions against the labels of training: a wrong label is one that a model which never saw it finds
// unlikely (the idea of confident learning, Northcutt et al. 2021, in its simplest ranking).

namespace automill {
namespace {

/// Rows that a fold held out, with the place of each in the dataset.
struct JudgedRow {
  std::uint32_t place, row;
};

std::vector<JudgedRow> judged_rows(const OutOfFold& out_of_fold) {
  std::vector<JudgedRow> rows;
  for (std::uint32_t i = 0; i < out_of_fold.used_rows.size(); ++i)
    if (out_of_fold.fold[out_of_fold.used_rows[i]] >= 0) rows.push_back({i, out_of_fold.used_rows[i]});
  return rows;
}

std::vector<SuspiciousRow> unlikely_labels(const Target& target, const OutOfFold& out_of_fold) {
  constexpr double least_probability = 1e-15;  // as log-loss clips it
  std::vector<SuspiciousRow> rows;
  for (const JudgedRow& judged : judged_rows(out_of_fold)) {
    const auto probabilities = out_of_fold.predictions.row(judged.row);
    const auto label = static_cast<std::size_t>(target.labels[judged.place]);
    const auto predicted =
        static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
    if (predicted == label || std::isnan(probabilities[label])) continue;
    rows.push_back({.row = judged.row,
                    .label = label,
                    .predicted = predicted,
                    .probability = probabilities[predicted],
                    .label_probability = probabilities[label],
                    .loss = -math::log(std::max(probabilities[label], least_probability))});
  }
  return rows;
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Spread of the residuals among rows of similar predictions: the median of their sizes, as that of a normal
/// distribution.
std::vector<double> local_spreads(const std::vector<SuspiciousRow>& by_prediction) {
  constexpr std::size_t groups = 20, least_group = 50;
  constexpr double normal_median = 0.6744897501960817, smallest_part = 0.1;
  const std::size_t n = by_prediction.size(), size = std::max(least_group, (n + groups - 1) / groups);
  const auto spread_of = [&](std::size_t first, std::size_t last) {
    std::vector<double> sizes;
    for (std::size_t i = first; i < last; ++i) sizes.push_back(std::abs(by_prediction[i].loss));
    return median(sizes) / normal_median;
  };
  std::vector<double> spreads(n);
  const double overall = n > 0 ? spread_of(0, n) : 0;
  for (std::size_t first = 0; first < n; first += size) {
    const std::size_t last = std::min(first + size, n),
                      begin = last - std::min(last, size);  // the last group is whole, too
    const double spread = std::max(spread_of(begin, last), smallest_part * overall);
    std::fill(spreads.begin() + static_cast<std::ptrdiff_t>(first), spreads.begin() + static_cast<std::ptrdiff_t>(last),
              spread);
  }
  return spreads;
}

std::vector<SuspiciousRow> far_values(const Target& target, const OutOfFold& out_of_fold) {
  std::vector<SuspiciousRow> rows;
  for (const JudgedRow& judged : judged_rows(out_of_fold)) {
    const double prediction = out_of_fold.predictions.row(judged.row)[0], value = target.values[judged.place];
    if (std::isfinite(prediction))
      rows.push_back({.row = judged.row, .value = value, .prediction = prediction, .loss = value - prediction});
  }
  std::sort(rows.begin(), rows.end(), [](const SuspiciousRow& a, const SuspiciousRow& b) {
    return std::tuple(a.prediction, a.value, a.row) < std::tuple(b.prediction, b.value, b.row);
  });
  const std::vector<double> spreads = local_spreads(rows);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i].loss = rows[i].loss == 0 ? 0 : rows[i].loss / spreads[i];  // infinite beside residuals of 0
  return rows;
}

}  // namespace

std::vector<SuspiciousRow> AutoMLModel::suspicious_rows(std::size_t n) const {
  const OutOfFold& judged = out_of_fold();
  if (dataset_ == nullptr)
    throw Error("model.no_out_of_fold", "", "this model does not hold its training rows",
                "they are there after train; a loaded model has none");
  const Target& target = dataset_->target;
  std::vector<SuspiciousRow> rows =
      is_classification(target.task) ? unlikely_labels(target, judged) : far_values(target, judged);
  const std::size_t kept = std::min(n, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(kept), rows.end(),
                    [](const SuspiciousRow& a, const SuspiciousRow& b) {
                      return std::abs(a.loss) != std::abs(b.loss) ? std::abs(a.loss) > std::abs(b.loss) : a.row < b.row;
                    });
  rows.resize(kept);
  return rows;
}

}  // namespace automill
