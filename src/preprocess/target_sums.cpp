#include "target_sums.hpp"

#include "column_statistics.hpp"

namespace automill {

TargetPrior::TargetPrior(const CenteredMoments& all) : center(all.center), known(all.moments.count > 0) {
  if (!known) return;
  mean = all.moments.first / all.moments.count;
  variance = std::max(0.0, all.moments.second / all.moments.count - mean * mean);
  if (!std::isfinite(mean)) mean = 0;  // sums beyond the largest number
}

double shrunk_mean(const TargetMoments& category, const TargetPrior& prior, std::optional<double> smoothing) {
  if (!prior.known) return 0;
  double drawn = prior.mean;
  if (category.count > 0 && smoothing) {
    drawn = (category.first + *smoothing * prior.mean) / (category.count + *smoothing);
  } else if (category.count > 0) {
    const double share = 1 / category.count, mean = category.first * share;
    const double inside = std::max(0.0, category.second * share - mean * mean);
    const double between = prior.variance * category.count, weight = between / (between + inside);
    drawn = weight * mean + (1 - weight) * prior.mean;
  }
  return prior.center + (std::isfinite(drawn) ? drawn : prior.mean);  // not where there is no variance at all
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
    : inner_count(count),
      signals(rows.signals),
      inner_of(inner_folds(rows, outer, fold, count)),
      scale(outer.train(fold).rows() > 0 ? weight_scale(outer.train(fold)) : 1.0),
      centers(count * signals, 0.0) {
  for (std::size_t slot = 0; slot < outer.parts() * rows.cells; ++slot)
    inner_of_slot.push_back(outer.trains(slot / rows.cells, fold) ? inner_of[slot % rows.cells] : not_trained);
  if (rows.classes) return;
  for (std::size_t slot = inner_of_slot.size(); slot-- > 0;) {  // of the first slot that has rows
    if (inner_of_slot[slot] == not_trained || rows.kind_rows[slot] == 0) continue;
    std::copy_n(rows.shifts.begin() + static_cast<std::ptrdiff_t>(slot * signals), signals,
                centers.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(inner_of_slot[slot]) * signals));
  }
  moves.resize(inner_of_slot.size() * signals);
  for (std::size_t slot = 0; slot < inner_of_slot.size(); ++slot)
    for (std::size_t m = 0; m < signals && inner_of_slot[slot] != not_trained; ++m)
      moves[slot * signals + m] =
          rows.shifts[slot * signals + m] - centers[static_cast<std::size_t>(inner_of_slot[slot]) * signals + m];
}

CenteredMoments EncodedFold::without(const std::vector<TargetMoments>& inner, std::size_t signal,
                                     std::size_t left_out) const {
  CenteredMoments sum;
  sum.center = centers[(left_out == 0 ? 1 : 0) * signals + signal];
  for (std::size_t j = 0; j < inner_count; ++j) {
    const TargetMoments& moments = inner[j * signals + signal];
    if (j != left_out && moments.count > 0) sum.moments.add(moments, centers[j * signals + signal] - sum.center);
  }
  return sum;
}

PartSums::PartSums(const TargetRows& rows, std::size_t parts, const StopToken& stop)
    : rows_(&rows),
      stop_(&stop),
      counts_(parts * rows.cells, 0.0),
      firsts_(counts_.size() * rows.signals, 0.0),
      seconds_(rows.classes ? 0 : firsts_.size(), 0.0) {}

void PartSums::sum(const TargetCells& cells, std::size_t first, std::size_t end) {
  const std::size_t signals = rows_->signals;
  for (std::uint16_t slot : used_) {
    counts_[slot] = 0;
    std::fill_n(firsts_.begin() + static_cast<std::ptrdiff_t>(slot * signals), signals, 0.0);
    if (!rows_->classes) std::fill_n(seconds_.begin() + static_cast<std::ptrdiff_t>(slot * signals), signals, 0.0);
  }
  used_.clear();
  for (std::size_t i = first; i < end; ++i) {
    if ((i - first) % 65536 == 65535) stop_->throw_if_requested();
    const double weight = cells.weights.empty() ? 1.0 : cells.weights[i];
    if (weight == 0) continue;
    const std::uint16_t slot = cells.slots[i];
    if (counts_[slot] == 0) used_.push_back(slot);
    counts_[slot] += weight;
    if (rows_->classes) {
      const std::int32_t label = cells.labels[i];
      if (label != TargetCells::no_signal) firsts_[slot * signals + static_cast<std::size_t>(label)] += weight;
      continue;
    }
    for (std::size_t m = 0; m < signals; ++m) {
      const double value = cells.values[i * signals + m];
      firsts_[slot * signals + m] += weight * value;
      seconds_[slot * signals + m] += weight * value * value;
    }
  }
}

void PartSums::add_up(const EncodedFold& fold, std::vector<TargetMoments>& inner) const {
  const std::size_t signals = rows_->signals;
  inner.assign(fold.inner_count * signals, TargetMoments{});
  for (std::uint16_t slot : used_) {
    if (fold.inner_of_slot[slot] == EncodedFold::not_trained) continue;
    TargetMoments* to = inner.data() + static_cast<std::size_t>(fold.inner_of_slot[slot]) * signals;
    const std::size_t from = slot * signals;
    const double count = fold.scale * counts_[slot];
    for (std::size_t m = 0; m < signals; ++m) {
      const double first = fold.scale * firsts_[from + m];
      if (rows_->classes) to[m].add({count, first, first}, 0);
      else to[m].add({count, first, fold.scale * seconds_[from + m]}, fold.moves[from + m]);
    }
  }
}

}  // namespace automill
