#include "learners/tree/forest_split.hpp"

#include <bit>

#include "learners/tree/count_below.hpp"

namespace automill::tree {

namespace {

constexpr int rows_bits = 28;
constexpr std::size_t few_items = 128;      // then only codes that occur are looked at
constexpr std::size_t compared_items = 16;  // so few are sorted by comparing each with each
constexpr std::uint32_t all_codes = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t rows_mask = (std::uint64_t{1} << rows_bits) - 1;
constexpr double less_than_rounding = 1 - 0x1p-50;

double square(std::int64_t sum) {
  const auto number = static_cast<double>(sum);
  return number * number;
}

/// The middle between a code and the next one that occurs: what lies between them goes to the nearer.
std::uint32_t last_code(std::uint32_t code, std::uint32_t next) { return (code + next - 1) / 2; }

/// Positions of up to `width` codes in their order, equal ones as they come, without branches.
template <std::size_t width>
void compare_all(std::span<const std::uint16_t> codes, std::uint32_t* order) {
  std::int32_t keys[width], rank[width] = {};
  for (std::size_t i = 0; i < width; ++i)
    keys[i] =
        i < codes.size() ? static_cast<std::int32_t>(codes[i] * width + i) : std::numeric_limits<std::int32_t>::max();
  for (std::size_t j = 0; j < codes.size(); ++j)
    for (std::size_t i = 0; i < width; ++i) rank[i] += keys[j] < keys[i] ? 1 : 0;
  for (std::size_t i = 0; i < codes.size(); ++i) order[rank[i]] = static_cast<std::uint32_t>(i);
}

}  // namespace

ForestSplitter::ForestSplitter(const ForestTarget& target, double min_samples_leaf, std::size_t most_codes)
    : target_(target),
      min_rows_(min_samples_leaf),
      cells_(most_codes),
      starts_(target.vector_leaves() ? most_codes : 0),
      order_(compared_items),
      present_(std::max(most_codes, few_items)),
      left_(target.classes),
      right_(target.classes),
      left_moments_(target.outputs),
      right_moments_(target.outputs) {}

/// Cells are empty before and after a search.
void ForestSplitter::add_items(std::span<const ForestItem> items, std::span<const std::uint16_t> codes) {
  const bool moments = !target_.vector_leaves();
  for (std::size_t i = 0; i < items.size(); ++i) {
    Cell& cell = cells_[codes[i]];
    cell.weight += (std::uint64_t{items[i].weight} << rows_bits) + 1;
    if (moments) cell.moment += static_cast<std::int64_t>(items[i].weight) * items[i].value;
  }
}

std::span<const std::uint16_t> ForestSplitter::list_codes(std::span<const std::uint16_t> codes, std::size_t all) {
  std::uint16_t* present = present_.data();
  std::size_t count = 0;
  if (codes.size() >= few_items) {
    for (std::size_t code = 0; code < all; ++code) {  // without branches: which codes occur cannot be guessed
      present[count] = static_cast<std::uint16_t>(code);
      count += cells_[code].weight != 0 ? 1 : 0;
    }
  } else if (all <= 256) {
    std::uint64_t seen[4] = {};
    for (std::uint16_t code : codes) seen[code / 64] |= std::uint64_t{1} << (code % 64);
    for (std::size_t word = 0; word < 4; ++word)
      for (std::uint64_t bits = seen[word]; bits != 0; bits &= bits - 1)
        present[count++] = static_cast<std::uint16_t>(64 * word + static_cast<std::size_t>(std::countr_zero(bits)));
  } else {
    std::copy(codes.begin(), codes.end(), present);
    std::sort(present, present + codes.size());
    count = static_cast<std::size_t>(std::unique(present, present + codes.size()) - present);
  }
  return {present, count};
}

/// A division, which takes as long as all the rest, only where it may matter: rounding is below 2^-50. Inlined, sides
/// stay in registers.
inline __attribute__((always_inline)) void ForestSplitter::offer(const Side& left, const ForestSums& node,
                                                                 double right_squares, const ForestSplit& tried,
                                                                 ForestSplit& best) const {
  const double weight = node.weight - left.weight;
  if (left.rows < min_rows_ || node.rows - left.rows < min_rows_ || left.weight <= 0 || weight <= 0) return;
  const double sum = left.squares * weight + right_squares * left.weight, product = left.weight * weight;
  if (sum < best.score * product * less_than_rounding) return;
  const double score = sum / product;
  if (!(score > best.score)) return;
  best = tried;
  best.score = score;
}

/// Codes are taken to the left one by one.
void ForestSplitter::scan_cells(std::span<const std::uint16_t> present, const ForestSums& node, const CodeKind& kind,
                                bool missing_left, ForestSplit& best) const {
  const bool missing = kind.has_missing && present.front() == 0;
  Side left;
  std::int64_t moment = 0;
  const auto add = [&](std::size_t place) {
    const Cell& cell = cells_[present[place]];
    left.weight += static_cast<double>(cell.weight >> rows_bits);
    left.rows += static_cast<double>(cell.weight & rows_mask);
    moment += cell.moment;
  };
  const auto finish = [&](std::uint32_t last) {
    left.squares = square(moment);
    offer(left, node, square(node.moment - moment), {.last = last, .missing_left = missing_left}, best);
  };
  if (missing_left) add(0);
  const std::size_t end = present.size() - 1;
  for (std::size_t place = missing ? 1 : 0; place < end; ++place) {
    add(place);
    finish(last_code(present[place], present[place + 1]));
  }
  if (!missing || missing_left) return;
  add(end);  // with missing values on the right, all others may go left
  finish(all_codes);
}

/// By code, equal ones as they come.
void ForestSplitter::sort_items(std::span<const std::uint16_t> codes, std::span<const std::uint16_t> present) {
  std::uint32_t at = 0;
  for (std::uint16_t code : present) {
    starts_[code] = at;
    at += static_cast<std::uint32_t>(cells_[code].weight & rows_mask);
  }
  order_.resize(std::max(order_.size(), codes.size()));
  for (std::uint32_t i = 0; i < codes.size(); ++i) order_[starts_[codes[i]]++] = i;
}

/// Moves the items one by one from the right to the left, in the order of their codes. `finish(last)`: all items up to
/// this code have moved, and both sides may be judged.
template <class Move, class Finish>
void ForestSplitter::scan_items(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                bool has_missing, bool missing_left, const Move& move, const Finish& finish) const {
  const std::size_t count = items.size();
  std::size_t next = 0;
  const bool missing = has_missing && codes[order_[0]] == 0;
  for (; missing && next < count && codes[order_[next]] == 0; ++next)
    if (missing_left) move(items[order_[next]]);
  while (next < count) {
    const std::uint16_t code = codes[order_[next]];
    do move(items[order_[next++]]);
    while (next < count && codes[order_[next]] == code);
    if (next < count) finish(last_code(code, codes[order_[next]]));
    else if (missing && !missing_left) finish(all_codes);  // all others may go left
  }
}

void ForestSplitter::scan_numbers(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                  const ForestSums& node, const CodeKind& kind, bool missing_left,
                                  ForestSplit& best) const {
  Side left;
  std::int64_t moment = 0;
  const auto move = [&](const ForestItem& item) {
    left.weight += item.weight;
    left.rows += 1;
    moment += static_cast<std::int64_t>(item.weight) * item.value;
  };
  scan_items(items, codes, kind.has_missing, missing_left, move, [&](std::uint32_t last) {
    left.squares = square(moment);
    offer(left, node, square(node.moment - moment), {.last = last, .missing_left = missing_left}, best);
  });
}

/// Both sums of squares follow each item at once.
void ForestSplitter::scan_classes(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                  const ForestSums& node, const CodeKind& kind, bool missing_left, ForestSplit& best) {
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
  scan_items(items, codes, kind.has_missing, missing_left, move, [&](std::uint32_t last) {
    offer(left, node, right_squares, {.last = last, .missing_left = missing_left}, best);
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

void ForestSplitter::scan_outputs(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                  const ForestSums& node, const CodeKind& kind, bool missing_left, ForestSplit& best) {
  std::fill(left_moments_.begin(), left_moments_.end(), 0);
  Side left;
  const auto move = [&](const ForestItem& item) {
    add_outputs(item, item.weight);
    left.weight += item.weight;
    left.rows += 1;
  };
  scan_items(items, codes, kind.has_missing, missing_left, move, [&](std::uint32_t last) {
    left.squares = target_.squares(left_moments_);
    offer(left, node, right_squares(node), {.last = last, .missing_left = missing_left}, best);
  });
}

/// Of items that `order_` sorts.
void ForestSplitter::scan_sorted(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                 const ForestSums& node, const CodeKind& kind, bool missing_left, ForestSplit& best) {
  if (target_.classes > 0) scan_classes(items, codes, node, kind, missing_left, best);
  else if (target_.outputs > 1) scan_outputs(items, codes, node, kind, missing_left, best);
  else scan_numbers(items, codes, node, kind, missing_left, best);
}

bool ForestSplitter::find_best_of_few(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                      const ForestSums& node, const CodeKind& kind, ForestSplit& best) {
  if (codes.size() <= compared_items / 2) compare_all<compared_items / 2>(codes, order_.data());
  else compare_all<compared_items>(codes, order_.data());
  const std::uint16_t first = codes[order_[0]], last = codes[order_[codes.size() - 1]];
  if (first == last) return false;
  scan_sorted(items, codes, node, kind, false, best);
  if (kind.has_missing && first == 0) scan_sorted(items, codes, node, kind, true, best);
  return true;
}

bool ForestSplitter::find_best(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                               const ForestSums& node, const CodeKind& kind, ForestSplit& best) {
  if (items.size() <= compared_items) return find_best_of_few(items, codes, node, kind, best);
  add_items(items, codes);
  const std::span<const std::uint16_t> present = list_codes(codes, kind.codes);
  const bool several = present.size() > 1;
  if (several && target_.vector_leaves()) sort_items(codes, present);
  for (const bool missing_left : {false, true}) {
    if (!several || (missing_left && !(kind.has_missing && present.front() == 0))) continue;
    if (target_.vector_leaves()) scan_sorted(items, codes, node, kind, missing_left, best);
    else scan_cells(present, node, kind, missing_left, best);
  }
  for (std::uint16_t code : present) cells_[code] = Cell{};
  return several;
}

namespace {

/// A code between two codes, the lower one included: uniform among values where the column has edges, else among codes.
std::uint32_t code_between(std::uint32_t low, std::uint32_t high, const CodeKind& kind, double uniform) {
  const auto among_codes = [&] { return low + static_cast<std::uint32_t>(uniform * (high - low)); };
  if (kind.edges.empty()) return among_codes();
  const double first = kind.edges[low - 1], last = kind.edges[high - 2], value = first + uniform * (last - first);
  if (!std::isfinite(value)) return among_codes();
  return low + count_below(kind.edges.subspan(low - 1, high - low - 1), value);
}

}  // namespace

bool ForestSplitter::find_random(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                 const ForestSums& node, const CodeKind& kind, double uniform, ForestSplit& best) {
  const std::uint16_t first = kind.has_missing ? 1 : 0;  // below it are missing values, which wrap around
  std::uint16_t lowest = std::numeric_limits<std::uint16_t>::max(), least = lowest, highest = 0;
  for (std::uint16_t code : codes) {
    lowest = std::min(lowest, static_cast<std::uint16_t>(code - first));
    least = std::min(least, code);
    highest = std::max(highest, code);
  }
  const std::uint32_t low = std::uint32_t{lowest} + first, high = highest;
  const bool missing = least < first;
  if (low >= high && !(missing && low == high)) return false;
  // where all values are equal, they are told from the missing ones
  const std::uint32_t last = low == high ? all_codes : code_between(low, high, kind, uniform);
  try_threshold(items, codes, node, kind, {.last = last, .missing_left = false}, best);
  if (missing && low < high) try_threshold(items, codes, node, kind, {.last = last, .missing_left = true}, best);
  return true;
}

/// Calls `add(item, goes_left)`, with 1 for the items that go left and else 0.
template <class Add>
void ForestSplitter::add_sides(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                               const CodeSides& sides, Side& left, const Add& add) {
  std::uint64_t weight = 0, rows = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::uint32_t goes_left = sides.left(codes[i]) ? 1 : 0;
    weight += items[i].weight * goes_left;
    rows += goes_left;
    add(items[i], goes_left);
  }
  left.weight = static_cast<double>(weight);
  left.rows = static_cast<double>(rows);
}

void ForestSplitter::try_threshold(std::span<const ForestItem> items, std::span<const std::uint16_t> codes,
                                   const ForestSums& node, const CodeKind& kind, const ForestSplit& tried,
                                   ForestSplit& best) {
  const CodeSides sides(kind.has_missing, tried);
  Side left;
  double right = 0;
  if (target_.classes > 0) {
    std::fill(left_.begin(), left_.end(), 0.0);
    add_sides(items, codes, sides, left, [&](const ForestItem& item, std::uint32_t goes_left) {
      left_[static_cast<std::size_t>(item.value)] += item.weight * goes_left;
    });
    for (std::size_t k = 0; k < target_.classes; ++k) {
      left.squares += left_[k] * left_[k];
      right += (node.classes[k] - left_[k]) * (node.classes[k] - left_[k]);
    }
  } else if (target_.outputs > 1) {
    std::fill(left_moments_.begin(), left_moments_.end(), 0);
    add_sides(items, codes, sides, left,
              [&](const ForestItem& item, std::uint32_t goes_left) { add_outputs(item, item.weight * goes_left); });
    left.squares = target_.squares(left_moments_);
    right = right_squares(node);
  } else {
    std::int64_t moment = 0;
    add_sides(items, codes, sides, left, [&](const ForestItem& item, std::uint32_t goes_left) {
      moment += static_cast<std::int64_t>(item.weight * goes_left) * item.value;
    });
    left.squares = square(moment);
    right = square(node.moment - moment);
  }
  offer(left, node, right, tried, best);
}

}  // namespace automill::tree
