#include "class_moments.hpp"

#include <cmath>

#include "linear_products.hpp"

namespace automill::linear {
namespace {

/// Sums of squared differences of a tile's rows from the means of their classes.
class SquaredDistances {
 public:
  SquaredDistances(const Design& design, const std::vector<double>& means, std::size_t classes)
      : design_(design), means_(means), classes_(classes), at_zero_(classes, 0.0) {
    for (std::size_t j = design.dense_columns(); j < design.columns(); ++j)
      for (std::size_t k = 0; k < classes; ++k) at_zero_[k] += squared(0.0, j, k);
  }
  double of_row(const Tile& tile, std::size_t i, std::size_t k) const {
    double sum = at_zero_[k];
    for (std::size_t j = 0; j < design_.dense_columns(); ++j) {
      const double difference = tile.dense[j * tile_rows + i] - means_[j * classes_ + k];
      sum += difference * difference;
    }
    for (std::uint32_t a = tile.starts[i]; a < tile.starts[i + 1]; ++a)
      sum += squared(tile.values[a], tile.columns[a], k) - squared(0.0, tile.columns[a], k);
    return sum;
  }

 private:
  double squared(double value, std::size_t j, std::size_t k) const {
    const double difference = value - design_.shifts()[j] - means_[j * classes_ + k];
    return difference * difference;
  }
  const Design& design_;
  const std::vector<double>& means_;
  std::size_t classes_;
  std::vector<double> at_zero_;  ///< of a row whose sparse columns are all 0
};

std::size_t tiles_of(const std::vector<std::uint32_t>& positions) {
  return (positions.size() + tile_rows - 1) / tile_rows;
}

/// Calls body(tile, block) for tiles, in up to 16 blocks; false when stopped.
template <class Body>
bool for_each_tile(std::size_t tiles, std::size_t blocks, const RunContext& context, const Body& body) {
  std::atomic<bool> stopped{false};
  context.executor().run(blocks, [&](std::size_t block) {
    for (std::size_t t = block * tiles / blocks; t < (block + 1) * tiles / blocks; ++t) {
      if (context.stop.stop_requested()) stopped = true;
      if (stopped) return;
      body(t, block);
    }
  });
  return !stopped;
}

}  // namespace

ClassMoments::ClassMoments(const DatasetView& train, const Design& design, const std::string& priors,
                           const RunContext& context)
    : features_(&train.dataset().features), design_(&design) {
  const std::size_t classes = train.target().classes.size(), columns = design.columns();
  const TrainingRows& rows = design.rows();
  weights_.assign(classes, 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    labels_.push_back(train.label(rows.keys_from[i]));
    weights_[static_cast<std::size_t>(labels_.back())] += rows.weights[i];
  }
  const double least = 0.5 / (1 + rows.total_weight);
  for (double weight : weights_)
    priors_.push_back(weight == 0           ? least
                      : priors == "uniform" ? 1 / static_cast<double>(classes)
                                            : weight / rows.total_weight);
  std::vector<std::uint32_t> all(rows.size());
  std::iota(all.begin(), all.end(), 0U);
  const std::size_t tiles = tiles_of(all), blocks = std::clamp<std::size_t>(tiles / 8, 1, 16);
  std::vector<std::vector<double>> sums(blocks, std::vector<double>(columns * classes));
  const bool done = for_each_tile(tiles, blocks, context, [&](std::size_t t, std::size_t block) {
    Tile tile;
    design.read_positions(*features_, all, t, tile);
    std::vector<double> rest(tile_rows * classes);
    for (std::size_t i = 0; i < tile.rows; ++i)
      rest[static_cast<std::size_t>(labels_[t * tile_rows + i]) * tile_rows + i] = rows.weights[t * tile_rows + i];
    add_tile_products(design, tile, rest.data(), classes, sums[block].data());
  });
  if (!done) throw Stopped();
  means_ = std::move(sums[0]);
  for (std::size_t block = 1; block < blocks; ++block)
    for (std::size_t a = 0; a < means_.size(); ++a) means_[a] += sums[block][a];
  take_off_shifts(design, weights_.data(), classes, means_.data());
  for (std::size_t a = 0; a < means_.size(); ++a)
    means_[a] = weights_[a % classes] > 0 ? means_[a] / weights_[a % classes] : 0.0;
}

std::vector<double> ClassMoments::mean(std::size_t k) const {
  std::vector<double> mean(design_->columns());
  for (std::size_t j = 0; j < mean.size(); ++j) mean[j] = means_[j * classes() + k];
  return mean;
}

std::optional<std::vector<double>> ClassMoments::covariance(const std::vector<std::uint32_t>& positions,
                                                            const std::vector<double>& class_factors,
                                                            const RunContext& context) const {
  const std::size_t p = design_->columns();
  std::vector<double> weights, class_weights(classes(), 0.0);
  for (std::uint32_t i : positions) {
    const auto label = static_cast<std::size_t>(labels_[i]);
    weights.push_back(design_->rows().weights[i] * class_factors[label]);
    class_weights[label] += weights.back();
  }
  auto gram = weighted_gram(
      *design_, tiles_of(positions),
      [&](std::size_t t, Tile& scratch) -> const Tile& {
        design_->read_positions(*features_, positions, t, scratch);
        return scratch;
      },
      weights, {}, context);
  if (!gram) return std::nullopt;
  for (std::size_t a = 0; a < p; ++a) {
    double* row = gram->products.data() + a * p;
    for (std::size_t k = 0; k < classes(); ++k) {
      const double factor = class_weights[k] * means_[a * classes() + k];
      if (factor == 0) continue;
      for (std::size_t b = 0; b < p; ++b) row[b] -= factor * means_[b * classes() + k];
    }
    for (std::size_t b = 0; b < p; ++b) row[b] /= gram->total_weight;
    row[a] = std::max(row[a], 0.0);
  }
  return std::move(gram->products);
}

std::optional<double> ClassMoments::fourth_moment(const std::vector<std::uint32_t>& positions,
                                                  const std::vector<double>& class_factors,
                                                  const RunContext& context) const {
  const SquaredDistances distances(*design_, means_, classes());
  const std::size_t tiles = tiles_of(positions), blocks = std::clamp<std::size_t>(tiles / 8, 1, 16);
  std::vector<double> sums(blocks, 0.0), totals(blocks, 0.0);
  const bool done = for_each_tile(tiles, blocks, context, [&](std::size_t t, std::size_t block) {
    Tile tile;
    design_->read_positions(*features_, positions, t, tile);
    for (std::size_t i = 0; i < tile.rows; ++i) {
      const std::uint32_t position = positions[t * tile_rows + i];
      const auto label = static_cast<std::size_t>(labels_[position]);
      const double squares = distances.of_row(tile, i, label);
      const double weight = design_->rows().weights[position] * class_factors[label];
      sums[block] += weight * squares * squares;
      totals[block] += weight;
    }
  });
  if (!done) return std::nullopt;
  return std::accumulate(sums.begin(), sums.end(), 0.0) / std::accumulate(totals.begin(), totals.end(), 0.0);
}

double trace(const std::vector<double>& matrix, std::size_t size) {
  double sum = 0;
  for (std::size_t a = 0; a < size; ++a) sum += matrix[a * size + a];
  return sum;
}

double ledoit_wolf_shrinkage(const std::vector<double>& covariance, std::size_t size, double fourth_moment,
                             double rows) {
  const double mean = trace(covariance, size) / static_cast<double>(size);
  double squares = 0;
  for (double value : covariance) squares += value * value;
  const double distance = squares - mean * mean * static_cast<double>(size);
  const double noise = (fourth_moment - squares) / rows;
  if (!(distance > 0)) return 1;
  return std::clamp(noise / distance, 0.0, 1.0);
}

}  // namespace automill::linear
