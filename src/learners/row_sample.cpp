#include "row_sample.hpp"

#include <algorithm>

namespace automill {

namespace {

/// Counts of magnitudes in bins of equal ratio, 1/256 of an octave wide, over the 64 octaves below the largest: enough
/// to find a limit to 0.3 % in one pass, in any order of rows.
class Magnitudes {
 public:
  explicit Magnitudes(const std::vector<double>& values) : counts_(octaves * steps, 0) {
    const double most = tree::kernels().largest(values.data(), values.size());
    offset_ = static_cast<std::int64_t>(code(most)) - static_cast<std::int64_t>(octaves * steps) + 1;
    for (double value : values) ++counts_[bin(value)];
  }
  std::size_t bin(double value) const {
    return static_cast<std::size_t>(std::max<std::int64_t>(0, static_cast<std::int64_t>(code(value)) - offset_));
  }
  std::size_t bins() const { return counts_.size(); }
  std::size_t count(std::size_t bin) const { return counts_[bin]; }
  /// The least value of a bin.
  double value(std::size_t bin) const {
    const std::int64_t code = static_cast<std::int64_t>(bin) + offset_;
    return code <= 0 ? 0 : std::bit_cast<double>(static_cast<std::uint64_t>(code) << shift);
  }

 private:
  static constexpr std::size_t octaves = 64, steps = 256;
  static constexpr int shift = 52 - 8;
  static std::uint64_t code(double value) { return std::bit_cast<std::uint64_t>(std::abs(value)) >> shift; }
  std::vector<std::uint32_t> counts_;
  std::int64_t offset_ = 0;
};

/// A number in [0, 1) of each row.
double uniform(std::uint64_t seed, std::uint64_t key) { return uniform_of(combine_hashes(seed, key)); }

double hessian_of(const tree::QuantisedGradients& gradients, std::size_t i) {
  return gradients.hessians.empty() ? 1.0 : gradients.hessians[i];
}

void take(const RowsToSample& from, std::size_t i, double factor, RowSample& sample) {
  (factor > 0 ? sample.in : sample.out).push_back(from.rows[i]);
  sample.factors[i] = factor;
}

/// The limit m for which the sum of min(1, magnitude / m) is `wanted`; 0 where all rows are wanted.
double limit_for(const Magnitudes& magnitudes, double wanted) {
  double below = 0, above = 0;
  for (std::size_t b = 0; b < magnitudes.bins(); ++b)
    below += static_cast<double>(magnitudes.count(b)) * magnitudes.value(b);
  // from the largest on: once m is below a bin, its rows count 1 each and leave the sum
  for (std::size_t b = magnitudes.bins(); b-- > 0;) {
    if (magnitudes.count(b) == 0) continue;
    if (above >= wanted) return magnitudes.value(b + 1);
    if (below / (wanted - above) >= magnitudes.value(b)) return below / (wanted - above);
    above += static_cast<double>(magnitudes.count(b));
    below -= static_cast<double>(magnitudes.count(b)) * magnitudes.value(b);
  }
  return 0;
}

}  // namespace

RowSample sample_uniformly(const RowsToSample& from, double share) {
  RowSample sample;
  for (std::size_t i = 0; i < from.rows.size(); ++i)
    (uniform(from.seed, from.keys[i]) < share ? sample.in : sample.out).push_back(from.rows[i]);
  return sample;
}

RowSample sample_one_side(const RowsToSample& from, const tree::QuantisedGradients& gradients, double top,
                          double other) {
  const std::size_t n = from.rows.size();
  std::vector<double> sizes(n);
  for (std::size_t i = 0; i < n; ++i) sizes[i] = std::abs(gradients.gradients[i] * hessian_of(gradients, i));
  const Magnitudes magnitudes(sizes);
  const double wanted = top * static_cast<double>(n);
  std::size_t limit = magnitudes.bins(), above = 0;
  while (limit > 0 && static_cast<double>(above + magnitudes.count(limit - 1)) <= wanted)
    above += magnitudes.count(--limit);
  // Of the bin that the share ends in, rows are drawn; the rest of it is with the others.
  const std::size_t tied = limit > 0 ? magnitudes.count(limit - 1) : 0;
  const double of_tied = tied > 0 ? (wanted - static_cast<double>(above)) / static_cast<double>(tied) : 0;
  const double of_others = std::min(1.0, other / (1 - top));
  RowSample sample;
  sample.factors.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t bin = magnitudes.bin(sizes[i]);
    double u = uniform(from.seed, from.keys[i]);
    const bool at_limit = bin + 1 == limit;
    if (bin >= limit || (at_limit && u < of_tied)) {
      take(from, i, 1, sample);
      continue;
    }
    if (at_limit) u = (u - of_tied) / (1 - of_tied);
    take(from, i, u < of_others ? 1 / of_others : 0, sample);
  }
  return sample;
}

RowSample sample_minimal_variance(const RowsToSample& from, const tree::QuantisedGradients& gradients, double share) {
  const std::size_t n = from.rows.size();
  std::vector<double> sizes(n);
  for (std::size_t i = 0; i < n; ++i) sizes[i] = std::abs(gradients.gradients[i]);
  const double gradient_sum = tree::order_free_sum(sizes);
  const double hessian_sum =
      gradients.hessians.empty() ? static_cast<double>(n) : tree::order_free_sum(gradients.hessians);
  const double step = hessian_sum > 0 ? gradient_sum / hessian_sum : 0;
  for (std::size_t i = 0; i < n && step > 0; ++i) {  // in units of a step: squares neither overflow nor vanish
    const double gradient = sizes[i] / step, hessian = hessian_of(gradients, i);
    sizes[i] = std::sqrt(gradient * gradient + hessian * hessian);
  }
  const double limit = limit_for(Magnitudes(sizes), share * static_cast<double>(n));
  RowSample sample;
  sample.factors.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double probability = sizes[i] >= limit ? 1.0 : sizes[i] / limit;
    take(from, i, uniform(from.seed, from.keys[i]) < probability ? 1 / probability : 0, sample);
  }
  return sample;
}

void apply_factors(const RowSample& sample, tree::QuantisedGradients& gradients) {
  if (sample.factors.empty()) return;
  if (gradients.hessians.empty()) {
    gradients.hessians = sample.factors;
    gradients.kind = tree::HessianKind::varying;
  } else {
    for (std::size_t i = 0; i < sample.factors.size(); ++i) gradients.hessians[i] *= sample.factors[i];
  }
  for (std::size_t i = 0; i < sample.factors.size(); ++i) gradients.gradients[i] *= sample.factors[i];
}

}  // namespace automill
