#pragma once
// Tests of "new rows come from where the training rows came from", for one column. Each gives the probability of
// something at least as remarkable when nothing has changed; `check` reports what is below its limit.

#include <automill/predict/sketch.hpp>

namespace automill::drift {

/// Rows of each bin, before (training) and now; bins are ordered for numbers.
struct Counts {
  std::vector<double> before{}, now{};
  double total_before() const;
  double total_now() const;
};

/// Neighbouring bins merged until 5 rows are expected in each. The choice rests on `before` alone: the bins are cut at
/// quantiles of training, so that its counts hardly vary.
Counts merge_neighbours(const Counts& counts);
/// The bins where 5 rows are expected before and now, and one of all the others and of the `unseen` rows. The choice
/// rests on the sum of both: choosing by training's counts would prefer those that happened to be high there.
Counts merge_rare(const Counts& counts, double unseen);

/// Tail of the chi-square distribution with `degrees` degrees of freedom, closed form. O(degrees).
double chi_square_tail(double x, std::size_t degrees);
/// Upper tail of the standard normal distribution.
double normal_tail(double z);
/// Tail of Kolmogorov's distribution.
double kolmogorov_tail(double x);

/// Chi-square test of homogeneity of merged bins. 1 with one bin.
double homogeneity(const Counts& counts);
/// Two-sample Kolmogorov-Smirnov test on the cumulative shares of ordered bins (conservative).
double cumulative_shift(const Counts& counts);
/// Half the sum of the differences of the shares: the least part of rows that changed.
double total_variation(const Counts& counts);

/// That `beyond` or more of `now` new rows lie above the largest of `before` rows: product of (now - j) / (all - j).
/// Exact for continuous columns, conservative with ties.
double beyond_all(double beyond, double now, double before);
/// That the largest of the new rows lies `ratio` times as far from the median as the largest of training did, for a
/// tail as heavy as the sketch says (Pareto tail through the quantile at 31/32 and the largest value). `high` =
/// (largest - median), `near` = (quantile 31/32 - median).
double far_beyond(double ratio, double high, double near, double now, double before);
/// Probability of `count` or more of `all` when each has the probability `share` (binomial). O(all).
double more_than_share(double count, double all, double share);
/// One-sided test that a share grew from a/before to b/now: signed root of the likelihood ratio.
double share_grew(double a, double before, double b, double now);

}  // namespace automill::drift
