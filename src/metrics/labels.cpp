#include "labels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "sums.hpp"

namespace automill::metric_bodies {
namespace {

std::size_t predicted_label(const MetricInput& in, std::size_t row) {
  const double* first = in.predictions.data() + row * in.width;
  if (in.task == Task::binary) return first[in.positive] >= in.threshold ? in.positive : 1 - in.positive;
  return static_cast<std::size_t>(std::max_element(first, first + in.width) - first);
}

/// Weights of one class: rows of it found, rows of it missed, rows of others taken for it.
struct ClassCount {
  Sum hit, missed, false_alarm;
  bool occurs = false;  ///< in the truth or the predictions, whatever the weight: scikit-learn's `unique_labels`

  double hits() const { return hit.value(); }
  double actual() const { return hit.value() + missed.value(); }
  double predicted() const { return hit.value() + false_alarm.value(); }
};

std::vector<ClassCount> class_counts(const MetricInput& in) {
  std::vector<ClassCount> counts(in.width);
  for (std::size_t row = 0; row < in.rows(); ++row) {
    const auto truth = static_cast<std::size_t>(in.labels[row]);
    const std::size_t predicted = predicted_label(in, row);
    counts[truth].occurs = counts[predicted].occurs = true;
    if (truth == predicted) {
      counts[truth].hit.add(in.weight(row));
    } else {
      counts[truth].missed.add(in.weight(row));
      counts[predicted].false_alarm.add(in.weight(row));
    }
  }
  return counts;
}

/// Numerator and denominator of a set score, so that classes can be added up before dividing.
struct Fraction {
  double numerator = 0.0, denominator = 0.0;
  /// scikit-learn's zero_division="warn": 0.
  double value() const { return denominator == 0.0 ? 0.0 : numerator / denominator; }
};

Fraction fraction_of(SetScore score, double hit, double missed, double false_alarm) {
  switch (score) {
    case SetScore::precision:
      return {hit, hit + false_alarm};
    case SetScore::recall:
      return {hit, hit + missed};
    case SetScore::f1:
      return {2.0 * hit, 2.0 * hit + missed + false_alarm};
    case SetScore::jaccard:
      return {hit, hit + missed + false_alarm};
  }
  return {};
}

Fraction fraction_of(SetScore score, const ClassCount& count) {
  return fraction_of(score, count.hit.value(), count.missed.value(), count.false_alarm.value());
}

Fraction fraction_of_all(SetScore score, const std::vector<ClassCount>& counts) {
  Sum hit, missed;
  for (const ClassCount& count : counts) {
    hit.add(count.hit.value());
    missed.add(count.missed.value());
  }
  return fraction_of(score, hit.value(), missed.value(), missed.value());
}

/// Mean over the classes that occur, each with the weight that `weight_of(class)` gives.
template <class WeightOf>
double mean_over_classes(SetScore score, const std::vector<ClassCount>& counts, WeightOf weight_of) {
  Sum sum, weights;
  for (const ClassCount& count : counts) {
    if (!count.occurs) continue;
    sum.add(weight_of(count) * fraction_of(score, count).value());
    weights.add(weight_of(count));
  }
  return sum.value() / weights.value();
}

/// Weight of a class in the truth and in the predictions, one pair a class, and of all rows.
struct Margins {
  std::vector<double> actual, predicted;
  double total = 0.0;
};

Margins margins_of(const std::vector<ClassCount>& counts) {
  Margins margins;
  Sum total;
  for (const ClassCount& count : counts) {
    margins.actual.push_back(count.actual());
    margins.predicted.push_back(count.predicted());
    total.add(count.hit.value());
    total.add(count.missed.value());
  }
  margins.total = total.value();
  return margins;
}

bool one_class_only(const std::vector<double>& class_weights) {
  return std::count_if(class_weights.begin(), class_weights.end(), [](double weight) { return weight > 0.0; }) < 2;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  Sum sum;
  for (std::size_t i = 0; i < a.size(); ++i) sum.add(a[i] * b[i]);
  return sum.value();
}

double squared_distance(std::size_t a, std::size_t b) {
  const double difference = static_cast<double>(a) - static_cast<double>(b);
  return difference * difference;
}

/// Sum over pairs of different classes of distance x weight, were truth and predictions independent. O(classes^2).
template <class Distance>
double expected_disagreement(const Margins& margins, Distance distance) {
  Sum sum;
  for (std::size_t i = 0; i < margins.actual.size(); ++i) {
    for (std::size_t j = 0; j < margins.predicted.size(); ++j) {
      if (i != j) sum.add(distance(i, j) * margins.actual[i] * margins.predicted[j] / margins.total);
    }
  }
  return sum.value();
}

/// Cohen 1968: one minus observed over expected disagreement; not defined when no disagreement can be expected.
double kappa_of(double observed, double expected) { return expected == 0.0 ? not_defined : 1.0 - observed / expected; }

/// The four cells of a binary confusion matrix.
struct BinaryCells {
  double true_positive, false_negative, true_negative, false_positive;
  bool both_labels;  ///< both classes occur somewhere: scikit-learn refuses one label
};

BinaryCells binary_cells(const MetricInput& in) {
  const std::vector<ClassCount> counts = class_counts(in);
  const ClassCount& positive = counts[in.positive];
  const ClassCount& negative = counts[1 - in.positive];
  return {positive.hit.value(), positive.missed.value(), negative.hit.value(), negative.missed.value(),
          positive.occurs && negative.occurs};
}

}  // namespace

double set_score(const MetricInput& in, SetScore score, Average average) {
  const std::vector<ClassCount> counts = class_counts(in);
  switch (average) {
    case Average::positive:
      return fraction_of(score, counts[in.positive]).value();
    case Average::micro:
      return fraction_of_all(score, counts).value();
    case Average::macro:
      return mean_over_classes(score, counts, [](const ClassCount&) { return 1.0; });
    case Average::weighted:
      return mean_over_classes(score, counts, [](const ClassCount& c) { return c.actual(); });
  }
  return not_defined;
}

double accuracy(const MetricInput& in) {
  return weighted_mean(in, [&](std::size_t row) {
    return predicted_label(in, row) == static_cast<std::size_t>(in.labels[row]) ? 1.0 : 0.0;
  });
}

double balanced_accuracy(const MetricInput& in) {
  Sum recalls;
  double classes = 0.0;
  for (const ClassCount& count : class_counts(in)) {
    if (count.actual() == 0.0) continue;
    recalls.add(count.hits() / count.actual());
    classes += 1.0;
  }
  return recalls.value() / classes;
}

// Gorodkin 2004, as scikit-learn computes it: covariances of the class indicators, 0 when one of them is constant.
double matthews_corrcoef(const MetricInput& in) {
  const std::vector<ClassCount> counts = class_counts(in);
  const Margins margins = margins_of(counts);
  if (one_class_only(margins.actual) || one_class_only(margins.predicted)) return 0.0;
  Sum hits;
  for (const ClassCount& count : counts) hits.add(count.hits());
  const double square = margins.total * margins.total;
  const double joint = hits.value() * margins.total - dot(margins.actual, margins.predicted);
  const double of_predicted = square - dot(margins.predicted, margins.predicted);
  const double of_actual = square - dot(margins.actual, margins.actual);
  return joint / std::sqrt(of_predicted * of_actual);
}

double cohen_kappa(const MetricInput& in) {
  const std::vector<ClassCount> counts = class_counts(in);
  Sum observed;
  for (const ClassCount& count : counts) observed.add(count.missed.value());
  return kappa_of(observed.value(),
                  expected_disagreement(margins_of(counts), [](std::size_t, std::size_t) { return 1.0; }));
}

double quadratic_kappa(const MetricInput& in) {
  const double observed = weighted_sum(in, [&](std::size_t row) {
    return squared_distance(predicted_label(in, row), static_cast<std::size_t>(in.labels[row]));
  });
  return kappa_of(observed, expected_disagreement(margins_of(class_counts(in)), squared_distance));
}

// Sensitivity over (1 - specificity); the scorer of scikit-learn replaces a zero denominator by 1.
double positive_likelihood_ratio(const MetricInput& in) {
  const BinaryCells cells = binary_cells(in);
  if (!cells.both_labels) return not_defined;
  if (cells.false_positive == 0.0) return 1.0;
  const double positives = cells.true_positive + cells.false_negative;
  const double negatives = cells.true_negative + cells.false_positive;
  return (cells.true_positive * negatives) / (cells.false_positive * positives);
}

// (1 - sensitivity) over specificity; the scorer of scikit-learn replaces a zero denominator by 1.
double negative_likelihood_ratio(const MetricInput& in) {
  const BinaryCells cells = binary_cells(in);
  if (!cells.both_labels) return not_defined;
  if (cells.true_negative == 0.0) return 1.0;
  const double positives = cells.true_positive + cells.false_negative;
  const double negatives = cells.true_negative + cells.false_positive;
  return (cells.false_negative * negatives) / (cells.true_negative * positives);
}

}  // namespace automill::metric_bodies
