#include "learners/tree/forest_split.hpp"

#include <bit>

namespace automill::tree {

namespace {

constexpr int rows_bits = 28;
constexpr std::size_t few_items = 128;  // then only codes that occur are looked at
constexpr std::uint32_t all_codes = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t rows_mask = (std::uint64_t{1} << rows_bits) - 1;

}  // namespace

ForestSplitter::ForestSplitter(const ForestTarget& target, double min_samples_leaf, std::size_t most_codes)
    : target_(target),
      min_rows_(min_samples_leaf),
      cells_(most_codes),
      starts_(target.vector_leaves() ? most_codes + 1 : 0),
      left_(target.classes),
      right_(target.classes),
      left_moments_(target.outputs),
      right_moments_(target.outputs) {}

/// Cells are empty before and after a search.
void ForestSplitter::add_items(std::span<const ForestItem> items, std::span<const std::uint16_t> codes) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    Cell& cell = cells_[codes[i]];
    cell.weight += (std::uint64_t{items[i].weight} << rows_bits) + 1;
    if (!target_.vector_leaves()) cell.moment += static_cast<std::int64_t>(items[i].weight) * items[i].value;
  }
}

void ForestSplitter::list_codes(std::span<const std::uint16_t> codes, std::size_t all) {
  present_.clear();
  if (codes.size() >= few_items) {
    for (std::size_t code = 0; code < all; ++code)
      if (cells_[code].weight != 0) present_.push_back(static_cast<std::uint16_t>(code));
    return;
  }
  if (all <= 256) {
    std::uint64_t seen[4] = {};
    for (std::uint16_t code : codes) seen[code / 64] |= std::uint64_t{1} << (code % 64);
    for (std::size_t word = 0; word < 4; ++word)
      for (std::uint64_t bits = seen[word]; bits != 0; bits &= bits - 1)
        present_.push_back(static_cast<std::uint16_t>(64 * word + static_cast<std::size_t>(std::countr_zero(bits))));
    return;
  }
  present_.assign(codes.begin(), codes.end());
  std::sort(present_.begin(), present_.end());
  present_.erase(std::unique(present_.begin(), present_.end()), present_.end());
}

/// The middle between a code and the next one that occurs: what lies between them goes to the nearer.
std::uint32_t ForestSplitter::last_code(std::size_t place) const {
  if (place + 1 == present_.size()) return all_codes;
  return (std::uint32_t{present_[place]} + present_[place + 1] - 1) / 2;
}

void ForestSplitter::offer(const Side& left, const ForestSums& node, double right_squares, const ForestSplit& tried,
                           ForestSplit& best) const {
  const double weight = node.weight - left.weight;
  if (left.rows < min_rows_ || node.rows - left.rows < min_rows_ || left.weight <= 0 || weight <= 0) return;
  double l = left.squares, r = right_squares;
  if (!target_.vector_leaves()) {
    const auto left_sum = static_cast<double>(left.moment), right_sum = static_cast<double>(node.moment - left.moment);
    l = left_sum * left_sum;
    r = right_sum * right_sum;
  }
  const double score = (l * weight + r * left.weight) / (left.weight * weight);
  if (!(score > best.score)) return;
  best = tried;
  best.score = score;
}

void ForestSplitter::scan(const ForestSums& node, const CodeKind& kind, bool missing_left, ForestSplit& best) {
  const bool missing = kind.has_missing && present_.front() == 0;
  Side left;
  const auto add = [&](std::size_t place) {
    const Cell& cell = cells_[present_[place]];
    left.weight += static_cast<double>(cell.weight >> rows_bits);
    left.rows += static_cast<double>(cell.weight & rows_mask);
    left.moment += cell.moment;
  };
  if (missing_left) add(0);
  // with missing values on the right, all others may go left
  const std::size_t end = missing && !missing_left ? present_.size() : present_.size() - 1;
  for (std::size_t place = missing ? 1 : 0; place < end; ++place) {
    add(place);
    offer(left, node, 0, {.last = last_code(place), .missing_left = missing_left}, best);
  }
}

void ForestSplitter::sort_items(std::span<const ForestItem> items, std::span<const std::uint16_t> codes) {
  std::uint32_t at = 0;
  for (std::uint16_t code : present_) {
    starts_[code] = at;
    at += static_cast<std::uint32_t>(cells_[code].weight & rows_mask);
  }
  order_.resize(std::max(order_.size(), items.size()));
  for (std::uint32_t i = 0; i < items.size(); ++i) order_[starts_[codes[i]]++] = i;
}

/// Moves the items one by one from the right to the left, in the order of their codes. `finish(place)`: all items up to
/// this code have moved, and both sides may be judged.
template <class Move, class Finish>
void ForestSplitter::scan_items(std::span<const ForestItem> items, const CodeKind& kind, bool missing_left,
                                const Move& move, const Finish& finish) {
  const bool missing = kind.has_missing && present_.front() == 0;
  std::size_t next = 0;
  const auto move_code = [&](std::size_t place, bool count) {
    const std::size_t end = starts_[present_[place]];  // sorting has moved the start to the end
    for (; next < end; ++next)
      if (count) move(items[order_[next]]);
  };
  if (missing) move_code(0, missing_left);
  const std::size_t end = missing && !missing_left ? present_.size() : present_.size() - 1;
  for (std::size_t place = missing ? 1 : 0; place < end; ++place) {
    move_code(place, true);
    finish(place);
  }
}

/// Both sums of squares follow each item at once.
void ForestSplitter::scan_classes(std::span<const ForestItem> items, const ForestSums& node, const CodeKind& kind,
                                  bool missing_left, ForestSplit& best) {
  std::fill(left_.begin(), left_.end(), 0.0);
  std::copy(node.classes.begin(), node.classes.end(), right_.begin());
  Side left;
  double right_squares = node.squares;
  const auto move = [&](const ForestItem& item) {
    const double weight = item.weight;
    double& l = left_[static_cast<std::size_t>(item.value)];
    double& r = right_[static_cast<std::size_t>(item.value)];
    left.squares += weight * (2 * l + weight);
    right_squares += weight * (weight - 2 * r);
    l += weight;
    r -= weight;
    left.weight += weight;
    left.rows += 1;
  };
  scan_items(items, kind, missing_left, move, [&](std::size_t place) {
    offer(left, node, right_squares, {.last = last_code(place), .missing_left = missing_left}, best);
  });
}

void ForestSplitter::add_outputs(const ForestItem& item, std::int64_t weight) {
  const std::int64_t* values = target_.row(static_cast<std::size_t>(item.value));
  for (std::size_t k = 0; k < left_moments_.size(); ++k) left_moments_[k] += weight * values[k];
}

/// Of what is not on the left.
double ForestSplitter::right_squares(const ForestSums& node) {
  for (std::size_t k = 0; k < left_moments_.size(); ++k) right_moments_[k] = node.moments[k] - left_moments_[k];
  return target_.squares(right_moments_);
}

void ForestSplitter::scan_outputs(std::span<const ForestItem> items, const ForestSums& node, const CodeKind& kind,
                                  bool missing_left, ForestSplit& best) {
  std::fill(left_moments_.begin(), left_moments_.end(), 0);
  Side left;
  const auto move = [&](const ForestItem& item) {
    add_outputs(item, item.weight);
    left.weight += item.weight;
    left.rows += 1;
  };
  scan_items(items, kind, missing_left, move, [&](std::size_t place) {
    left.squares = target_.squares(left_moments_);
    offer(left, node, right_squares(node), {.last = last_code(place), .missing_left = missing_left}, best);
  });
}

bool ForestSplitter::find_best(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                               const ForestSums& node, const CodeKind& kind, ForestSplit& best) {
  add_items(items, codes);
  list_codes(codes, kind.codes);
  const bool several = present_.size() > 1;
  if (several) {
    const bool missing = kind.has_missing && present_.front() == 0;
    if (target_.vector_leaves()) sort_items(items, codes);
    for (const bool missing_left : {false, true}) {
      if (missing_left && !(missing && present_.size() > 2)) continue;
      if (target_.classes > 0) scan_classes(items, node, kind, missing_left, best);
      else if (target_.outputs > 1) scan_outputs(items, node, kind, missing_left, best);
      else scan(node, kind, missing_left, best);
    }
  }
  for (std::uint16_t code : present_) cells_[code] = Cell{};
  return several;
}

namespace {

/// A code between two codes, the lower one included: uniform among values where the column has edges, else among codes.
std::uint32_t code_between(std::uint32_t low, std::uint32_t high, const CodeKind& kind, double uniform) {
  const auto among_codes = [&] { return low + static_cast<std::uint32_t>(uniform * (high - low)); };
  if (kind.edges.empty()) return among_codes();
  const double first = kind.edges[low - 1], last = kind.edges[high - 2], value = first + uniform * (last - first);
  if (!std::isfinite(value)) return among_codes();
  const auto begin = kind.edges.begin() + (low - 1), end = kind.edges.begin() + (high - 2);
  return low + static_cast<std::uint32_t>(std::lower_bound(begin, end, value) - begin);
}

}  // namespace

bool ForestSplitter::find_random(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                 const ForestSums& node, const CodeKind& kind, double uniform, ForestSplit& best) {
  std::uint32_t low = std::numeric_limits<std::uint32_t>::max(), high = 0;
  bool missing = false;
  for (std::uint16_t code : codes) {
    if (kind.has_missing && code == 0) {
      missing = true;
      continue;
    }
    low = std::min<std::uint32_t>(low, code);
    high = std::max<std::uint32_t>(high, code);
  }
  if (low >= high && !(missing && low == high)) return false;
  // where all values are equal, they are told from the missing ones
  const std::uint32_t last = low == high ? all_codes : code_between(low, high, kind, uniform);
  try_threshold(items, codes, node, kind, {.last = last, .missing_left = false}, best);
  if (missing && low < high) try_threshold(items, codes, node, kind, {.last = last, .missing_left = true}, best);
  return true;
}

void ForestSplitter::try_threshold(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                   const ForestSums& node, const CodeKind& kind, const ForestSplit& tried,
                                   ForestSplit& best) {
  Side left;
  std::int64_t left_weight = 0, left_rows = 0;
  std::fill(left_.begin(), left_.end(), 0.0);
  std::fill(left_moments_.begin(), left_moments_.end(), 0);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const bool goes_left = kind.has_missing && codes[i] == 0 ? tried.missing_left : codes[i] <= tried.last;
    const std::int64_t weight = goes_left ? items[i].weight : 0;
    left_weight += weight;
    left_rows += goes_left ? 1 : 0;
    if (target_.classes > 0) left_[static_cast<std::size_t>(items[i].value)] += static_cast<double>(weight);
    else if (target_.outputs > 1) add_outputs(items[i], weight);
    else left.moment += weight * items[i].value;
  }
  left.weight = static_cast<double>(left_weight);
  left.rows = static_cast<double>(left_rows);
  double right = 0;
  for (std::size_t k = 0; k < target_.classes; ++k) {
    left.squares += left_[k] * left_[k];
    right += (node.classes[k] - left_[k]) * (node.classes[k] - left_[k]);
  }
  if (target_.outputs > 1) {
    left.squares = target_.squares(left_moments_);
    right = right_squares(node);
  }
  offer(left, node, right, tried, best);
}

}  // namespace automill::tree
