#pragma once
// Means and covariances of the classes of training rows, in design coordinates.

#include "linear_gram.hpp"

namespace automill::linear {

/// Rows of a design with their classes; what is known of the classes.
class ClassMoments {
 public:
  /// Reads the rows once. Stopped leaves it.
  ClassMoments(const DatasetView& train, const Design& design, const std::string& priors, const RunContext& context);

  std::size_t classes() const { return weights_.size(); }
  double weight(std::size_t k) const { return weights_[k]; }
  double prior(std::size_t k) const { return priors_[k]; }
  /// Columns x classes.
  const std::vector<double>& means() const { return means_; }
  std::vector<double> mean(std::size_t k) const;
  const std::vector<std::int32_t>& labels() const { return labels_; }

  /// sum_i v_i (x_i - m)(x_i - m)' / sum of v over some rows, by position in the design, with m the mean of each row's
  /// class and v = w_i times the factor of its class. Nothing when stopped.
  std::optional<std::vector<double>> covariance(const std::vector<std::uint32_t>& positions,
                                                const std::vector<double>& class_factors,
                                                const RunContext& context) const;
  /// Mean of |x_i - m|^4 over the same rows. Nothing when stopped.
  std::optional<double> fourth_moment(const std::vector<std::uint32_t>& positions,
                                      const std::vector<double>& class_factors, const RunContext& context) const;

 private:
  const Table* features_;
  const Design* design_;
  std::vector<std::int32_t> labels_{};
  std::vector<double> weights_{}, priors_{}, means_{};
};

double trace(const std::vector<double>& matrix, std::size_t size);

/// The shrinkage towards trace / size * I that has the least expected squared error (Ledoit & Wolf 2004, lemma 3.3 to
/// theorem 3.2): `covariance` of `rows` rows about known means, with their mean fourth power of the length. In [0, 1].
double ledoit_wolf_shrinkage(const std::vector<double>& covariance, std::size_t size, double fourth_moment,
                             double rows);

}  // namespace automill::linear
