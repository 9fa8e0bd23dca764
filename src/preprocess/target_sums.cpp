#include "target_sums.hpp"

#include "column_statistics.hpp"

namespace automill {

double shrunk_mean(const TargetMoments& category, const TargetMoments& all, double center,
                   std::optional<double> smoothing) {
  if (!(all.count > 0)) return 0;
  const double prior = all.first / all.count;
  const auto finite = [&](double drawn) {  // not where there is no variance at all, or more than numbers can hold
    return center + (std::isfinite(drawn) ? drawn : std::isfinite(prior) ? prior : 0.0);
  };
  if (!(category.count > 0)) return finite(prior);
  if (smoothing) return finite((category.first + *smoothing * prior) / (category.count + *smoothing));
  const double mean = category.first / category.count;
  const double variance = std::max(0.0, all.second / all.count - prior * prior);
  const double inside = std::max(0.0, category.second / category.count - mean * mean);
  const double weight = variance * category.count / (variance * category.count + inside);
  return finite(weight * mean + (1 - weight) * prior);
}

namespace {

/// What makes weights count as rows in a fold (see row_counts).
double weight_scale(const DatasetView& train) {
  const std::vector<double> counts = row_counts(train);
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (train.weight(i) > 0) return counts[i] / train.weight(i);
  return 1;
}

}  // namespace

EncodedFold::EncodedFold(const TargetRows& rows, const OuterFolds& outer, std::size_t fold, std::size_t count)
    : inner_of(inner_folds(rows, outer, fold, count)),
      inner_count(count),
      scale(outer.train(fold).rows() > 0 ? weight_scale(outer.train(fold)) : 1.0),
      centers(count * rows.signals, 0.0) {
  for (std::size_t part = 0; part < outer.parts(); ++part) trains.push_back(outer.trains(part, fold) ? 1 : 0);
  if (rows.classes) return;
  for (std::size_t slot = outer.parts() * rows.cells; slot-- > 0;) {  // of the first slot that has rows
    if (trains[slot / rows.cells] == 0 || rows.kind_rows[slot] == 0) continue;
    std::copy_n(rows.shifts.begin() + static_cast<std::ptrdiff_t>(slot * rows.signals), rows.signals,
                centers.begin() + static_cast<std::ptrdiff_t>(inner_of[slot % rows.cells] * rows.signals));
  }
}

PartSums::PartSums(const TargetRows& rows, std::size_t parts)
    : rows_(&rows),
      counts_(parts * rows.cells, 0.0),
      firsts_(counts_.size() * rows.signals, 0.0),
      seconds_(rows.classes ? 0 : firsts_.size(), 0.0) {}

void PartSums::sum(std::span<const std::uint32_t> positions) {
  const std::size_t signals = rows_->signals;
  for (std::uint16_t slot : used_) {
    counts_[slot] = 0;
    std::fill_n(firsts_.begin() + static_cast<std::ptrdiff_t>(slot * signals), signals, 0.0);
    if (!rows_->classes) std::fill_n(seconds_.begin() + static_cast<std::ptrdiff_t>(slot * signals), signals, 0.0);
  }
  used_.clear();
  for (std::uint32_t position : positions) {
    const double weight = rows_->weights.empty() ? 1.0 : rows_->weights[position];
    if (weight == 0) continue;
    const std::uint16_t slot = rows_->slots[position];
    if (counts_[slot] == 0) used_.push_back(slot);
    counts_[slot] += weight;
    if (rows_->classes) {
      const std::int32_t label = rows_->labels[position];
      if (label != TargetRows::no_signal) firsts_[slot * signals + static_cast<std::size_t>(label)] += weight;
      continue;
    }
    for (std::size_t m = 0; m < signals; ++m) {
      const double value = rows_->values[position * signals + m];
      firsts_[slot * signals + m] += weight * value;
      seconds_[slot * signals + m] += weight * value * value;
    }
  }
}

void PartSums::add_up(const EncodedFold& fold, std::vector<TargetMoments>& inner) const {
  const std::size_t signals = rows_->signals;
  inner.assign(fold.inner_count * signals, TargetMoments{});
  for (std::uint16_t slot : used_) {
    if (fold.trains[slot / rows_->cells] == 0) continue;
    const std::size_t to = fold.inner_of[slot % rows_->cells] * signals, from = slot * signals;
    const double count = fold.scale * counts_[slot];
    for (std::size_t m = 0; m < signals; ++m) {
      const double first = fold.scale * firsts_[from + m];
      if (rows_->classes) inner[to + m].add({count, first, first}, 0);
      else
        inner[to + m].add({count, first, fold.scale * seconds_[from + m]},
                          rows_->shifts[from + m] - fold.centers[to + m]);
    }
  }
}

CenteredMoments without(const EncodedFold& fold, const std::vector<TargetMoments>& inner, std::size_t signals,
                        std::size_t signal, std::size_t left_out) {
  CenteredMoments sum;
  sum.center = fold.centers[(left_out == 0 ? 1 : 0) * signals + signal];
  for (std::size_t j = 0; j < fold.inner_count; ++j)
    if (j != left_out) sum.moments.add(inner[j * signals + signal], fold.centers[j * signals + signal] - sum.center);
  return sum;
}

}  // namespace automill
