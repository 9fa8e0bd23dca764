#include "logistic_objective.hpp"

#include <cmath>

namespace automill::linear {

LogisticObjective::LogisticObjective(const Design& design, LabelledRows rows, std::size_t classes)
    : LinearObjective(design, static_cast<WeightedRows&&>(rows), classes == 2 ? 1 : classes),
      labels_(std::move(rows.labels)) {
  shares_.assign(classes, 0.0);
  for (std::size_t i = 0; i < labels_.size(); ++i)
    shares_[static_cast<std::size_t>(labels_[i])] += this->rows().weights[i] / total_weight();
}

std::vector<double> LogisticObjective::start() const {
  const std::size_t columns = design().columns(), count = scores();
  std::vector<double> point((columns + 1) * count, 0.0);
  const double least = 0.5 / (1 + total_weight());
  const auto log_share = [&](std::size_t k) { return math::log(std::max(shares_[k], least)); };
  for (std::size_t k = 0; k < count; ++k)
    point[columns * count + k] = count == 1 ? log_share(1) - log_share(0) : log_share(k);
  return point;
}

double LogisticObjective::tile_loss(std::size_t tile, Judged which, std::vector<double>& scores) const {
  const std::size_t first = tile * tile_rows, size = rows().tiles[tile].rows, count = this->scores();
  const std::vector<double>& weights = rows().weights;
  double loss = 0;
  if (count == 1) {
    for (std::size_t i = 0; i < size; ++i) {
      // with s the score towards the row's own class: loss log(1 + e^-s), derivative -1 / (1 + e^s)
      const bool positive = labels_[first + i] == 1;
      const double weight = weights[first + i], own = positive ? scores[i] : -scores[i];
      const double e = math::exp(-std::abs(own)), wrong = (own > 0 ? e : 1.0) / (1 + e);
      loss += weight * (math::log(1 + e) + (own > 0 ? 0.0 : -own));
      scores[i] = positive ? -weight * wrong : weight * wrong;
    }
  } else {
    std::vector<double> row(count);
    for (std::size_t i = 0; i < size; ++i) {
      double largest = -std::numeric_limits<double>::infinity(), sum = 0;
      const auto counts = [&](std::size_t k) { return which == Judged::held_out || shares_[k] > 0; };
      for (std::size_t k = 0; k < count; ++k)
        if (counts(k)) largest = std::max(largest, scores[k * tile_rows + i]);
      for (std::size_t k = 0; k < count; ++k)
        sum += row[k] = counts(k) ? math::exp(scores[k * tile_rows + i] - largest) : 0.0;
      const auto label = static_cast<std::size_t>(labels_[first + i]);
      const double weight = weights[first + i];
      loss += weight * (math::log(sum) + largest - scores[label * tile_rows + i]);
      for (std::size_t k = 0; k < count; ++k)
        scores[k * tile_rows + i] = weight * (row[k] / sum - (k == label ? 1.0 : 0.0));
    }
  }
  for (std::size_t k = 0; k < count; ++k)
    std::fill(scores.begin() + static_cast<std::ptrdiff_t>(k * tile_rows + size),
              scores.begin() + static_cast<std::ptrdiff_t>((k + 1) * tile_rows), 0.0);
  return loss;
}

void LogisticObjective::row_curvatures(std::size_t, std::vector<double>& scores) const {
  if (scores.size() == 1) scores[0] = math::sigmoid(scores[0]);
  else math::softmax(scores.data(), scores.size());
  for (double& share : scores) share *= 1 - share;
}

void LogisticObjective::row_hessian(std::size_t, std::vector<double>& scores, std::vector<double>& hessian) const {
  const std::size_t count = scores.size();
  if (count == 1) {
    const double share = math::sigmoid(scores[0]);
    hessian[0] = share * (1 - share);
    return;
  }
  math::softmax(scores.data(), count);
  for (std::size_t k = 0; k < count; ++k)
    for (std::size_t l = 0; l < count; ++l) hessian[k * count + l] = scores[k] * ((k == l ? 1.0 : 0.0) - scores[l]);
}

double LogisticObjective::start_curvature(std::size_t score) const {
  const double share = scores() == 1 ? shares_[1] : shares_[score];
  return std::max(share * (1 - share), 1e-4);
}

MakeObjective logistic_objectives(const Design& design) {
  return [&design](const DatasetView& view, std::span<const std::uint32_t> positions, WeightedRows rows) {
    LabelledRows labelled;
    static_cast<WeightedRows&>(labelled) = std::move(rows);
    for (std::uint32_t i : positions) labelled.labels.push_back(view.label(i));
    return std::make_unique<LogisticObjective>(design, std::move(labelled), view.target().classes.size());
  };
}

}  // namespace automill::linear
