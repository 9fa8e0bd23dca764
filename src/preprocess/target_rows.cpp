#include "target_rows.hpp"

namespace automill {
namespace {

constexpr std::size_t rows_between_stops = 65536;
constexpr std::size_t cells_an_inner_fold = 4;         // the more, the better classes can be spread
constexpr std::size_t group_cells_an_inner_fold = 12;  // so that few groups seldom meet in a cell

struct Ranked {
  std::uint64_t rank;
  std::uint32_t row;
  bool operator<(const Ranked& other) const { return rank != other.rank ? rank < other.rank : row < other.row; }
};

/// Sorts by rank: into buckets by the highest bits, which are a hash and so fill them evenly, then inside each.
std::vector<Ranked> sort_by_rank(const std::vector<Ranked>& items, const StopToken& stop) {
  int bits = 1;
  while ((std::size_t{4} << bits) < items.size()) ++bits;
  const auto bucket = [bits](const Ranked& item) { return static_cast<std::size_t>(item.rank >> (64 - bits)); };
  std::vector<std::uint32_t> first((std::size_t{1} << bits) + 1, 0);
  for (const Ranked& item : items) ++first[bucket(item) + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<Ranked> sorted(items.size());
  std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i % rows_between_stops == 0) stop.throw_if_requested();
    sorted[next[bucket(items[i])]++] = items[i];
  }
  for (std::size_t b = 0; b + 1 < first.size(); ++b) {
    if (b % 4096 == 0) stop.throw_if_requested();
    std::sort(sorted.begin() + first[b], sorted.begin() + first[b + 1]);
  }
  return sorted;
}

}  // namespace

OuterFolds::OuterFolds(const DatasetView& train)
    : trains_{train}, part_of_(train.dataset().rows(), no_part), trains_on_{1} {
  for (std::uint32_t row : train.row_numbers()) part_of_[row] = 0;
}

OuterFolds::OuterFolds(const FoldedDataset& folded)
    : parts_(folded.folds() + 1), part_of_(folded.plan().fold_of), trains_on_(folded.folds() * parts_, 0) {
  const SplitPlan& plan = folded.plan();
  const auto always = static_cast<std::int32_t>(folded.folds());  // the last part: rows that no fold holds out
  for (std::int32_t& part : part_of_)
    part = part == SplitPlan::never_used ? no_part : part == SplitPlan::never_held_out ? always : part;
  for (std::size_t fold = 0; fold < folded.folds(); ++fold) {
    trains_.push_back(folded.train(fold));
    for (std::size_t part = 0; part < folded.folds(); ++part)
      trains_on_[fold * parts_ + part] = (plan.forward ? part < fold : part != fold) ? 1 : 0;
    trains_on_[fold * parts_ + folded.folds()] = 1;
  }
}

TargetRows::TargetRows(const OuterFolds& outer, std::size_t inner_folds, bool in_order, const RunContext& context)
    : cells((outer.dataset().groups.empty() ? cells_an_inner_fold : group_cells_an_inner_fold) * inner_folds) {
  const Target& target = outer.dataset().target;
  classes = is_classification(target.task);
  signals = target.task == Task::binary ? 1 : target.width();
  kinds = classes ? target.classes.size() : 1;
  sort(outer, in_order, context);
  place(outer, context);
  take_targets(outer, target, context.stop);
}

void TargetRows::place(const OuterFolds& outer, const RunContext& context) {
  const Dataset& dataset = outer.dataset();
  const std::uint64_t seed = combine_hashes(context.seed, purpose("target encoder cells"));
  cell_of_row.resize(dataset.rows());
  slots.resize(size());
  kind_rows.assign(outer.parts() * cells * kinds, 0.0);
  for (std::size_t i = 0; i < size(); ++i) {
    if (i % rows_between_stops == 0) context.stop.throw_if_requested();
    const std::uint32_t row = rows[i];
    const std::uint64_t key = dataset.groups.empty() ? dataset.keys[row] : dataset.groups[row];
    const auto cell = static_cast<std::size_t>((Uint128{combine_hashes(seed, key)} * cells) >> 64);
    const std::size_t slot = static_cast<std::size_t>(outer.part(row)) * cells + cell;
    cell_of_row[row] = static_cast<std::uint8_t>(cell);
    slots[i] = static_cast<std::uint16_t>(slot);
    kind_rows[slot * kinds + (classes ? static_cast<std::size_t>(dataset.target.labels[row]) : 0)] += 1;
    if (!dataset.weights.empty()) weights.push_back(dataset.weights[row]);
  }
}

/// Sums of floating-point numbers depend on the order of the rows: so it is one of their content. Counts of classes do
/// not.
void TargetRows::sort(const OuterFolds& outer, bool in_order, const RunContext& context) {
  const Dataset& dataset = outer.dataset();
  const std::uint64_t seed = combine_hashes(context.seed, purpose("target encoder order"));
  std::vector<Ranked> items;
  rows.reserve(dataset.rows());
  for (std::uint32_t row = 0; row < dataset.rows(); ++row)
    if (outer.part(row) != OuterFolds::no_part) rows.push_back(row);
  if (classes && dataset.weights.empty() && !in_order) return;
  items.reserve(rows.size());
  for (std::uint32_t row : rows) items.push_back({combine_hashes(seed, dataset.keys[row]), row});
  items = sort_by_rank(items, context.stop);
  if (!dataset.groups.empty()) {  // rows of a group side by side
    std::stable_sort(items.begin(), items.end(), [&](const Ranked& a, const Ranked& b) {
      return combine_hashes(seed, dataset.groups[a.row]) < combine_hashes(seed, dataset.groups[b.row]);
    });
  }
  for (std::size_t i = 0; i < items.size(); ++i) rows[i] = items[i].row;
}

void TargetRows::take_targets(const OuterFolds& outer, const Target& target, const StopToken& stop) {
  if (classes) {
    labels.reserve(size());
    for (std::uint32_t row : rows) {
      const std::int32_t label = target.labels[row];
      if (target.task != Task::binary) labels.push_back(label);
      else labels.push_back(label == static_cast<std::int32_t>(target.positive) ? 0 : no_signal);
    }
    return;
  }
  std::vector<double> counts(outer.parts() * cells, 0.0);
  shifts.assign(counts.size() * signals, 0.0);
  for (std::size_t i = 0; i < size(); ++i) {
    if (i % rows_between_stops == 0) stop.throw_if_requested();
    counts[slots[i]] += 1;
    for (std::size_t m = 0; m < signals; ++m) shifts[slots[i] * signals + m] += target.row(rows[i])[m];
  }
  for (std::size_t k = 0; k < shifts.size(); ++k) {
    shifts[k] /= std::max(1.0, counts[k / signals]);
    if (!std::isfinite(shifts[k])) shifts[k] = 0;  // targets near the largest number
  }
  values.resize(size() * signals);
  for (std::size_t i = 0; i < size(); ++i) {
    if (i % rows_between_stops == 0) stop.throw_if_requested();
    for (std::size_t m = 0; m < signals; ++m)
      values[i * signals + m] = target.row(rows[i])[m] - shifts[slots[i] * signals + m];
  }
}

std::vector<std::uint8_t> inner_folds(const TargetRows& rows, const OuterFolds& outer, std::size_t fold,
                                      std::size_t count) {
  const std::size_t kinds = rows.kinds;
  std::vector<double> of_cell(rows.cells * kinds, 0.0), of_kind(kinds, 0.0), of_fold(count * kinds, 0.0);
  for (std::size_t part = 0; part < outer.parts(); ++part) {
    if (!outer.trains(part, fold)) continue;
    for (std::size_t k = 0; k < of_cell.size(); ++k) {
      const double held = rows.kind_rows[part * of_cell.size() + k];
      of_cell[k] += held;
      of_kind[k % kinds] += held;
    }
  }
  std::vector<double> sizes(rows.cells, 0.0);  // in shares of the classes: rare ones count as much as others
  for (std::size_t cell = 0; cell < rows.cells; ++cell)
    for (std::size_t k = 0; k < kinds; ++k) sizes[cell] += of_cell[cell * kinds + k] / std::max(1.0, of_kind[k]);
  std::vector<std::size_t> order(rows.cells);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  std::vector<std::uint8_t> inner(rows.cells, 0);
  for (std::size_t cell : order) {  // the largest first, each to the fold that holds least of its classes
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < count; ++j) {
      double held = 0;
      for (std::size_t k = 0; k < kinds; ++k)
        held += of_fold[j * kinds + k] * of_cell[cell * kinds + k] / std::max(1.0, of_kind[k]);
      if (held < least) {
        least = held;
        best = j;
      }
    }
    inner[cell] = static_cast<std::uint8_t>(best);
    for (std::size_t k = 0; k < kinds; ++k) of_fold[best * kinds + k] += of_cell[cell * kinds + k];
  }
  return inner;
}

}  // namespace automill
