#include "features/group_tables.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace automill::features {
namespace {

double count_of(const StepRows& rows, std::size_t i) { return rows.counts.empty() ? 1.0 : rows.counts[i]; }

void learn_levels(Step& step, const StepRows& rows) {
  std::unordered_map<double, double> frequency;
  for (std::size_t i = 0; i < rows.first.size(); ++i)
    if (std::isfinite(rows.first[i])) frequency[rows.first[i] + 0.0] += count_of(rows, i);
  for (const auto& [value, count] : frequency)
    if (count >= least_group_rows) step.numbers.push_back(value);
  std::sort(step.numbers.begin(), step.numbers.end());
}

void learn_cross(Step& step, const StepRows& rows) {
  std::unordered_map<std::uint64_t, double> frequency;
  for (std::size_t i = 0; i < rows.first.size(); ++i) {
    const double first = rows.first[i], second = rows.second[i];
    if (first < static_cast<double>(rows.first_groups) && second < static_cast<double>(rows.second_groups))
      frequency[cross_key(first, second)] += count_of(rows, i);
  }
  std::vector<std::pair<double, std::uint64_t>> largest;
  for (const auto& [key, count] : frequency)
    if (count >= least_group_rows) largest.emplace_back(-count, key);
  std::sort(largest.begin(), largest.end());
  if (largest.size() > most_groups) largest.resize(most_groups);
  for (const auto& entry : largest) step.keys.push_back(entry.second);
  std::sort(step.keys.begin(), step.keys.end());
}

/// Calls visit(group, row) for the rows that belong to a known group and, for the statistics of a number, have one.
template <class Visit>
void each_row(const StepRows& rows, std::size_t groups, bool needs_number, const Visit& visit) {
  for (std::size_t i = 0; i < rows.first.size(); ++i) {
    if (needs_number && !std::isfinite(rows.second[i])) continue;
    const bool known = rows.first[i] >= 0 && rows.first[i] < static_cast<double>(groups);
    visit(known ? static_cast<std::size_t>(rows.first[i]) : groups, i);
  }
}

void learn_count(Step& step, const StepRows& rows, std::size_t groups) {
  step.numbers.assign(groups + 1, 0.0);
  each_row(rows, groups, false, [&](std::size_t group, std::size_t i) { step.numbers[group] += count_of(rows, i); });
  step.numbers[groups] = 0;
}

/// Means of `of(number, group)` in each group, and over all rows in the last place.
template <class Of>
std::vector<double> means_of(const StepRows& rows, std::size_t groups, const Of& of) {
  std::vector<double> sums(groups + 1, 0.0), counts(groups + 1, 0.0);
  double sum = 0, count = 0;
  each_row(rows, groups, true, [&](std::size_t group, std::size_t i) {
    const double weight = count_of(rows, i), term = weight * of(rows.second[i], group);
    sums[group] += term;
    counts[group] += weight;
    sum += term;
    count += weight;
  });
  sums[groups] = sum;
  counts[groups] = count;
  const double overall = count > 0 ? sum / count : 0;
  for (std::size_t group = 0; group <= groups; ++group)
    sums[group] = counts[group] > 0 ? sums[group] / counts[group] : overall;
  return sums;
}

void learn_deviation(Step& step, const StepRows& rows, std::size_t groups) {
  const std::vector<double> means = means_of(rows, groups, [](double value, std::size_t) { return value; });
  step.numbers = means_of(
      rows, groups, [&](double value, std::size_t group) { return (value - means[group]) * (value - means[group]); });
  for (double& square : step.numbers) square = std::sqrt(square);
}

/// The quantiles (i + 1/2) / rank_points of counted values, which are sorted here.
void add_points(std::vector<std::pair<double, double>>& values, std::vector<double>& points) {
  std::sort(values.begin(), values.end());
  double total = 0, passed = 0;
  for (const auto& [value, count] : values) total += count;
  std::size_t at = 0;
  for (std::size_t k = 0; k < rank_points; ++k) {
    const double due = (static_cast<double>(k) + 0.5) / rank_points * total;
    while (at + 1 < values.size() && passed + values[at].second < due) passed += values[at++].second;
    points.push_back(values[at].first);
  }
}

void learn_rank(Step& step, const StepRows& rows, std::size_t groups) {
  std::vector<std::vector<std::pair<double, double>>> members(groups + 1);
  std::vector<std::pair<double, double>> all;
  each_row(rows, groups, true, [&](std::size_t group, std::size_t i) {
    members[group].emplace_back(rows.second[i], count_of(rows, i));
    all.emplace_back(rows.second[i], count_of(rows, i));
  });
  if (all.empty()) all.emplace_back(0, 1);
  members[groups] = all;
  for (auto& group : members) add_points(group.empty() ? all : group, step.numbers);
}

}  // namespace

void learn_step(Step& step, const StepRows& rows) {
  const std::size_t groups = rows.first_groups;
  step.numbers.clear();
  step.keys.clear();
  switch (step.operation) {
    case Operation::levels:
      learn_levels(step, rows);
      break;
    case Operation::cross:
      learn_cross(step, rows);
      break;
    case Operation::count:
      learn_count(step, rows, groups);
      break;
    case Operation::mean:
    case Operation::from_mean:
    case Operation::over_mean:
      step.numbers = means_of(rows, groups, [](double value, std::size_t) { return value; });
      break;
    case Operation::deviation:
      learn_deviation(step, rows, groups);
      break;
    case Operation::rank:
      learn_rank(step, rows, groups);
      break;
    default:
      break;
  }
  for (double& number : step.numbers)
    if (!std::isfinite(number)) number = 0;  // sums beyond the largest double
}

std::vector<double> different_values(std::span<const double> values, std::size_t most) {
  std::vector<double> different;
  for (double value : values) {
    if (std::isnan(value)) continue;
    const auto at = std::lower_bound(different.begin(), different.end(), value);
    if (at == different.end() || *at != value) different.insert(at, value);
    if (different.size() > most) break;
  }
  return different;
}

}  // namespace automill::features
