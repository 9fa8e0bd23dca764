#include "ranking.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "sums.hpp"

namespace automill::metric_bodies {
namespace {

/// One row of a two-class ranking; one of the two weights is zero.
struct ScoredRow {
  double score, positive, negative;
};

double score_of(const MetricInput& in, std::size_t row, std::size_t column) {
  return in.predictions[row * in.width + column];
}

ScoredRow scored_row(const MetricInput& in, std::size_t row, std::size_t column) {
  const double weight = in.weight(row);
  const bool is_positive = static_cast<std::size_t>(in.labels[row]) == column;
  return {score_of(in, row, column), is_positive ? weight : 0.0, is_positive ? 0.0 : weight};
}

std::vector<ScoredRow> class_against_rest(const MetricInput& in, std::size_t column) {
  std::vector<ScoredRow> rows;
  rows.reserve(in.rows());
  for (std::size_t row = 0; row < in.rows(); ++row) rows.push_back(scored_row(in, row, column));
  return rows;
}

/// Calls `visit(positive weight, negative weight)` for each group of equal scores, the highest first. O(n log n).
template <class Visit>
void for_each_tie_group(std::vector<ScoredRow>& rows, Visit visit) {
  std::sort(rows.begin(), rows.end(), [](const ScoredRow& a, const ScoredRow& b) { return a.score > b.score; });
  for (std::size_t begin = 0; begin < rows.size();) {
    Sum positive, negative;
    std::size_t end = begin;
    for (; end < rows.size() && rows[end].score == rows[begin].score; ++end) {
      positive.add(rows[end].positive);
      negative.add(rows[end].negative);
    }
    visit(positive.value(), negative.value());
    begin = end;
  }
}

/// Probability that a positive row outranks a negative one, ties counting half (Mann and Whitney 1947). One
/// class only: 0 / 0, which is NaN.
double area_under_curve(std::vector<ScoredRow> rows) {
  Sum area, positives, negatives;
  for_each_tie_group(rows, [&](double positive, double negative) {
    area.add(negative * (positives.value() + 0.5 * positive));
    positives.add(positive);
    negatives.add(negative);
  });
  return area.value() / (positives.value() * negatives.value());
}

/// Step-wise area under precision over recall; 0 when there is no positive row.
double precision_area(std::vector<ScoredRow> rows) {
  Sum area, positives, all;
  for_each_tie_group(rows, [&](double positive, double negative) {
    positives.add(positive);
    all.add(positive);
    all.add(negative);
    if (all.value() > 0.0) area.add(positive * positives.value() / all.value());
  });
  return positives.value() > 0.0 ? area.value() / positives.value() : 0.0;
}

std::vector<double> class_weights(const MetricInput& in) {
  std::vector<Sum> sums(in.width);
  for (std::size_t row = 0; row < in.rows(); ++row) {
    sums[static_cast<std::size_t>(in.labels[row])].add(in.weight(row));
  }
  std::vector<double> weights;
  for (const Sum& sum : sums) weights.push_back(sum.value());
  return weights;
}

/// Rows of each class, by class.
std::vector<std::vector<std::size_t>> rows_by_class(const MetricInput& in) {
  std::vector<std::vector<std::size_t>> rows(in.width);
  for (std::size_t row = 0; row < in.rows(); ++row) rows[static_cast<std::size_t>(in.labels[row])].push_back(row);
  return rows;
}

double area_of_pair(const MetricInput& in, std::size_t column, const std::vector<std::size_t>& some,
                    const std::vector<std::size_t>& others) {
  std::vector<ScoredRow> rows;
  rows.reserve(some.size() + others.size());
  for (std::size_t row : some) rows.push_back(scored_row(in, row, column));
  for (std::size_t row : others) rows.push_back(scored_row(in, row, column));
  return area_under_curve(std::move(rows));
}

bool hits_top(const MetricInput& in, std::size_t row, std::size_t k) {
  const auto truth = static_cast<std::size_t>(in.labels[row]);
  const double own = score_of(in, row, truth);
  std::size_t ahead = 0;
  for (std::size_t column = 0; column < in.width; ++column) {
    const double score = score_of(in, row, column);
    if (score > own || (score == own && column > truth)) ++ahead;
  }
  return ahead < k;
}

/// Each class against the rest; a class of weight 0 is left out of the mean.
double mean_over_classes(const MetricInput& in, const std::vector<double>& class_weight,
                         double (*area)(std::vector<ScoredRow>)) {
  Sum sum, weights;
  for (std::size_t column = 0; column < in.width; ++column) {
    if (class_weight[column] == 0.0) continue;
    sum.add(class_weight[column] * area(class_against_rest(in, column)));
    weights.add(class_weight[column]);
  }
  return sum.value() / weights.value();
}

}  // namespace

double roc_auc(const MetricInput& in) { return area_under_curve(class_against_rest(in, in.positive)); }

double roc_auc_one_versus_rest(const MetricInput& in, AucAverage average) {
  if (in.task == Task::binary) return roc_auc(in);
  const bool by_weight = average == AucAverage::weighted;
  return mean_over_classes(in, by_weight ? class_weights(in) : std::vector<double>(in.width, 1.0), area_under_curve);
}

// Hand and Till 2001. The mean of a pair is over both directions; pairs with a class that does not occur are left out.
double roc_auc_one_versus_one(const MetricInput& in, AucAverage average) {
  if (in.task == Task::binary) return roc_auc(in);
  const std::vector<double> weight = class_weights(in);
  const std::vector<std::vector<std::size_t>> rows = rows_by_class(in);
  Sum sum, prevalences;
  for (std::size_t a = 0; a < in.width; ++a) {
    for (std::size_t b = a + 1; b < in.width; ++b) {
      if (weight[a] == 0.0 || weight[b] == 0.0) continue;
      const double area = 0.5 * (area_of_pair(in, a, rows[a], rows[b]) + area_of_pair(in, b, rows[b], rows[a]));
      const double prevalence = average == AucAverage::weighted ? weight[a] + weight[b] : 1.0;
      sum.add(prevalence * area);
      prevalences.add(prevalence);
    }
  }
  return sum.value() / prevalences.value();
}

double average_precision(const MetricInput& in) {
  if (in.task == Task::binary) return precision_area(class_against_rest(in, in.positive));
  const std::vector<std::vector<std::size_t>> rows = rows_by_class(in);
  const bool all_occur = std::none_of(rows.begin(), rows.end(), [](const auto& of_class) { return of_class.empty(); });
  if (!all_occur) return not_defined;
  return mean_over_classes(in, std::vector<double>(in.width, 1.0), precision_area);
}

double top_k_accuracy(const MetricInput& in, std::size_t k) {
  return weighted_mean(in, [&](std::size_t row) { return hits_top(in, row, k) ? 1.0 : 0.0; });
}

}  // namespace automill::metric_bodies
