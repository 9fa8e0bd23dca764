#include "learners/tree/row_blocks.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "learners/tree/category_classes.hpp"
#include "learners/tree/tree_cells.hpp"

namespace automill::tree {

namespace {

constexpr std::size_t most_blocks_of_tree = RowPlaces::leaf_place / RowBlock::size;
constexpr std::size_t most_leaves_of_tree = RowPlaces::size - RowPlaces::leaf_place;
constexpr std::size_t most_blocked_leaves = 1 << 18;  // 4 MiB
constexpr std::size_t most_category_words = 1 << 19;  // 4 MiB
constexpr std::size_t most_slots = 1 << 16;           // numbers of 16 bits

bool has_set(const TreeNode& node) { return (node.feature & TreeNode::category) != 0; }
std::uint32_t cell_of_split(const TreeNode& node) { return node.feature & TreeNode::position; }

}  // namespace

class RowBlocks::Builder {
 public:
  Builder(const TreeArrays& arrays, RowBlocks& out) : arrays_(arrays), out_(out) {}

  /// False: some tree does not fit.
  bool build() {
    if ((arrays_.nodes.size() + arrays_.trees()) / 2 > most_blocked_leaves) return false;
    for (std::size_t t = 0; t < arrays_.trees(); ++t)
      if ((end(t) - begin(t)) / 2 + 1 > most_leaves_of_tree) return false;
    make_number_slots();
    if (!make_category_slots()) return false;
    const std::size_t slots = out_.slots_.size() + set_slots_;
    if (slots + RowBlock::size > most_slots) return false;
    out_.one_window_ = slots <= RowBlock::size;
    for (std::size_t t = 0; t < arrays_.trees(); ++t)
      if (!add_tree(t)) return false;
    fill_last_group();
    out_.right_.resize(slots + 2 * RowBlock::size);  // windows, and words of bits, may begin at the last slot
    out_.left_.resize(out_.right_.size());
    out_.leaves_.resize(out_.groups_.size() * RowGroup::trees);
    return true;
  }

 private:
  std::size_t begin(std::size_t tree) const { return arrays_.roots[tree]; }
  std::size_t end(std::size_t tree) const {
    return tree + 1 < arrays_.trees() ? arrays_.roots[tree + 1] : arrays_.nodes.size();
  }

  void make_number_slots() {
    thresholds_.resize(cells_of_row(arrays_));
    for (const TreeNode& node : arrays_.nodes)
      if (node.child != 0 && !has_set(node)) thresholds_[cell_of_split(node)].push_back(node.threshold);
    for (std::uint32_t cell = 0; cell < thresholds_.size(); ++cell) {
      std::vector<double>& values = thresholds_[cell];
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      first_slot_.push_back(static_cast<std::uint32_t>(out_.slots_.size()));
      for (std::size_t from = 0; from < values.size(); from += RowSlot::most)
        add_slot(cell, std::span(values).subspan(from, std::min(RowSlot::most, values.size() - from)));
    }
  }
  void add_slot(std::uint32_t cell, std::span<const double> values) {
    const std::size_t first = out_.thresholds_.size(), parts = values.size() / RowSlot::parts + 1;
    out_.slots_.push_back({.cell = cell, .first = static_cast<std::uint32_t>(first)});
    out_.thresholds_.resize(first + RowSlot::parts * (1 + parts), std::numeric_limits<double>::infinity());
    double* highest = out_.thresholds_.data() + first;
    std::copy(values.begin(), values.end(), highest + RowSlot::parts);
    for (std::size_t part = 0; part < parts; ++part) highest[part] = highest[RowSlot::parts * (part + 2) - 1];
  }

  /// Slots of a tree's sets lie side by side, so that one window holds them.
  bool make_category_slots() {
    std::map<std::uint32_t, std::size_t> first_row;
    std::size_t rows = 0;
    for (const TreeNode& node : arrays_.nodes)
      if (node.child != 0 && has_set(node) && first_row.emplace(cell_of_split(node), rows).second)
        rows += arrays_.categories[cell_of_split(node)].bins;
    for (const auto& [cell, row] : first_row) out_.category_cells_.push_back({cell, row});
    for (std::size_t t = 0; t < arrays_.trees(); ++t) number_sets(t);
    out_.words_ = (set_slots_ + 63) / 64;
    if (rows * out_.words_ > most_category_words) return false;
    out_.goes_right_.resize(rows * out_.words_);
    fill_sets(first_row, rows);
    return true;
  }
  void number_sets(std::size_t tree) {
    std::map<std::pair<std::uint32_t, double>, std::uint32_t> seen;  // by cell and first word
    for (std::size_t i = begin(tree); i < end(tree); ++i) {
      const TreeNode& node = arrays_.nodes[i];
      if (node.child == 0 || !has_set(node)) continue;
      const auto [at, added] = seen.emplace(std::pair(cell_of_split(node), node.threshold), set_slots_);
      if (added) ++set_slots_;
      set_of_node_.resize(arrays_.nodes.size());
      set_of_node_[i] = at->second;
    }
  }
  /// A word of all rows at a time: they lie too far apart to be filled set by set.
  void fill_sets(const std::map<std::uint32_t, std::size_t>& first_row, std::size_t rows) {
    std::vector<std::uint64_t> of_rows(rows);
    std::uint32_t set = 0;
    for (std::size_t i = 0; i < set_of_node_.size(); ++i) {
      const TreeNode& node = arrays_.nodes[i];
      if (node.child == 0 || !has_set(node) || set_of_node_[i] != set) continue;  // a tree may repeat a set
      add_set(node, of_rows.data() + first_row.at(cell_of_split(node)), set % 64);
      if (++set % 64 != 0 && set != set_slots_) continue;
      for (std::size_t row = 0; row < rows; ++row) out_.goes_right_[row * out_.words_ + (set - 1) / 64] = of_rows[row];
      std::fill(of_rows.begin(), of_rows.end(), 0);
    }
  }
  void add_set(const TreeNode& node, std::uint64_t* rows, std::size_t bit) const {
    const std::uint64_t* bins = arrays_.sets.data() + static_cast<std::size_t>(node.threshold);
    for (std::size_t bin = 0; bin < arrays_.categories[cell_of_split(node)].bins; ++bin)
      rows[bin] |= std::uint64_t{1 - CategoryClasses::holds(bins, bin)} << bit;
  }

  struct Split {
    std::uint32_t slot = 0, node = 0;
    std::uint8_t least = 1, flag = 0;
  };
  Split split_of(std::size_t i) const {
    const TreeNode& node = arrays_.nodes[i];
    const auto at = static_cast<std::uint32_t>(i);
    if (has_set(node)) return {.slot = static_cast<std::uint32_t>(out_.slots_.size()) + set_of_node_[i], .node = at};
    const std::vector<double>& values = thresholds_[cell_of_split(node)];
    const auto rank =
        static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), node.threshold) - values.begin());
    return {.slot = first_slot_[cell_of_split(node)] + static_cast<std::uint32_t>(rank / RowSlot::most),
            .node = at,
            .least = static_cast<std::uint8_t>(rank % RowSlot::most + 1),
            .flag = (node.feature & TreeNode::missing_left) != 0 ? RowBlock::missing_left : std::uint8_t{0}};
  }

  /// Nodes are placed in the order of their slots: 32 of them look into few windows.
  bool add_tree(std::size_t t) {
    const std::size_t first = begin(t), count = end(t) - first;
    if (t % RowGroup::trees == 0) out_.groups_.emplace_back();
    out_.groups_.back().first_value[t % RowGroup::trees] = static_cast<std::uint32_t>(out_.values_.size());
    std::vector<Split> splits;
    std::vector<std::uint32_t> depth(count);
    place_.assign(count, 0);
    std::size_t leaves = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const TreeNode& node = arrays_.nodes[first + i];
      if (node.child != 0) {
        splits.push_back(split_of(first + i));
        depth[node.child - first] = depth[node.child - first + 1] = depth[i] + 1;
      } else {
        place_[i] = static_cast<std::uint8_t>(RowPlaces::leaf_place + leaves++);
        add_leaf(first + i);
      }
    }
    std::uint32_t& steps = out_.groups_.back().steps;
    steps = std::max(steps, *std::max_element(depth.begin(), depth.end()));
    std::sort(splits.begin(), splits.end(),
              [](const Split& a, const Split& b) { return std::pair(a.slot, a.node) < std::pair(b.slot, b.node); });
    return place(t, splits);
  }
  void add_leaf(std::size_t i) {
    out_.values_.push_back(arrays_.nodes[i].threshold);
    if (arrays_.vector_leaves() || !arrays_.linear.empty()) out_.leaf_nodes_.push_back(static_cast<std::uint32_t>(i));
  }
  bool place(std::size_t t, const std::vector<Split>& splits) {
    const std::size_t first = begin(t), first_block = out_.blocks_.size();
    std::size_t used = RowBlock::size;
    for (const Split& split : splits) {
      if (used == RowBlock::size || split.slot - out_.targets_.back().window >= RowBlock::size) {
        const std::size_t own = out_.blocks_.size() - first_block;
        if (own == most_blocks_of_tree) return false;
        out_.blocks_.emplace_back();
        out_.targets_.push_back(
            {.window = static_cast<std::uint16_t>(out_.one_window_ ? 0 : split.slot),
             .to = static_cast<std::uint16_t>(t % RowGroup::trees * RowPlaces::size + own * RowBlock::size)});
        used = 0;
      }
      place_[split.node - first] = static_cast<std::uint8_t>(out_.targets_.back().to % RowPlaces::size + used);
      write(split, used++);
    }
    RowGroup& group = out_.groups_.back();
    group.blocks += static_cast<std::uint32_t>(out_.blocks_.size() - first_block);
    group.root[t % RowGroup::trees] = place_[0];
    for (const Split& split : splits) {
      const std::size_t at = place_[split.node - first], child = arrays_.nodes[split.node].child - first;
      RowBlock& block = out_.blocks_[first_block + at / RowBlock::size];
      block.left[at % RowBlock::size] = place_[child];
      block.change[at % RowBlock::size] = place_[child] ^ place_[child + 1];
    }
    return true;
  }
  void write(const Split& split, std::size_t at) {
    const std::size_t slot = split.slot - out_.targets_.back().window, half = RowBlock::size / 2;
    RowBlock& block = out_.blocks_.back();
    block.slot[at] = static_cast<std::uint8_t>((slot % half) | (slot >= half ? RowBlock::high : 0) | split.flag);
    block.least[at] = split.least;
  }
  /// Trees of one leaf that change no sum, not even -0.0.
  void fill_last_group() {
    for (std::size_t k = arrays_.trees() % RowGroup::trees; k != 0 && k < RowGroup::trees; ++k) {
      out_.groups_.back().first_value[k] = static_cast<std::uint32_t>(out_.values_.size());
      out_.groups_.back().root[k] = RowPlaces::leaf_place;
    }
    out_.values_.push_back(-0.0);
  }

  const TreeArrays& arrays_;
  RowBlocks& out_;
  std::vector<std::vector<double>> thresholds_;  ///< of cells
  std::vector<std::uint32_t> first_slot_;        ///< of cells
  std::vector<std::uint32_t> set_of_node_;
  std::uint32_t set_slots_ = 0;
  std::vector<std::uint8_t> place_;  ///< of a tree's nodes
};

bool RowBlocks::worthwhile(const TreeArrays& arrays) { return arrays.trees() >= cells_of_row(arrays); }

std::optional<RowBlocks> RowBlocks::prepared(const TreeArrays& arrays) {
  if (row_kernels() == nullptr) return std::nullopt;
  RowBlocks out;
  if (!Builder(arrays, out).build()) return std::nullopt;
  return out;
}

RowForest RowBlocks::forest() const noexcept {
  return {groups_.data(), groups_.size(), blocks_.data(), targets_.data(), one_window_};
}

void RowBlocks::encode(const double* cells) noexcept {
  missing_ =
      row_kernels()->encode(slots_.data(), slots_.size(), thresholds_.data(), cells, right_.data(), left_.data());
  if (words_ > 0) encode_categories(cells);
}

/// A slot belongs to one cell, so that the others have no bit of it.
void RowBlocks::encode_categories(const double* cells) noexcept {
  std::uint8_t* out = right_.data() + slots_.size();
  for (std::size_t w = 0; w < words_; ++w) {
    std::uint64_t bits = 0;
    for (const CategoryCell& own : category_cells_)
      bits |= goes_right_[(own.first_row + static_cast<std::size_t>(cells[own.cell])) * words_ + w];
    for (std::size_t byte = 0; byte < 8; ++byte, bits >>= 8) {  // its eight bits become bytes that are 0 or not
      const std::uint64_t spread = ((bits & 255) * 0x0101010101010101ULL) & 0x8040201008040201ULL;
      std::memcpy(out + 64 * w + 8 * byte, &spread, 8);
    }
  }
}

double RowBlocks::sum(double base) noexcept {
  return row_kernels()->add_leaves(forest(), codes(), places_, values_.data(), base);
}

void RowBlocks::find_leaves() noexcept { row_kernels()->find_leaves(forest(), codes(), places_, leaves_.data()); }

}  // namespace automill::tree
