#include "learners/tree/row_trees.hpp"

#include <algorithm>

#include "learners/tree/count_below.hpp"
#include "learners/tree/tree_cells.hpp"
#include "learners/tree/tree_walk.hpp"

namespace automill::tree {

namespace {

constexpr std::size_t most_prepared_leaves = 1 << 16;  // and fewer nodes that split: 1 MiB, and numbers of 16 bits
constexpr std::uint16_t highest_code = std::numeric_limits<std::uint16_t>::max();

bool compares_numbers(const TreeNode& node) { return node.child != 0 && (node.feature & TreeNode::category) == 0; }
std::uint32_t cell_of_node(const TreeNode& node) { return node.feature & TreeNode::position; }

}  // namespace

/// A cell is coded in the time of some steps of a walk, of which a tree takes a dozen.
bool RowTrees::worthwhile(const TreeArrays& arrays) {
  return arrays.trees() >= cells_of_row(arrays) && (arrays.nodes.size() + arrays.trees()) / 2 <= most_prepared_leaves &&
         2 * cells_of_row(arrays) + 2 <= highest_code;
}

RowTrees::RowTrees(const TreeArrays& arrays) : arrays_(&arrays), cells_(cells_of_row(arrays)) {
  collect_thresholds();
  nodes_.reserve(arrays.nodes.size());
  for (std::uint32_t at = 0; at < arrays.nodes.size(); ++at) nodes_.push_back(prepared(at));
}

void RowTrees::collect_thresholds() {
  std::vector<std::vector<double>> of_cell(cells_);
  for (const TreeNode& node : arrays_->nodes)
    if (compares_numbers(node)) of_cell[cell_of_node(node)].push_back(node.threshold);
  first_.push_back(0);
  for (std::vector<double>& values : of_cell) {
    std::sort(values.begin(), values.end());
    thresholds_.insert(thresholds_.end(), values.begin(), std::unique(values.begin(), values.end()));
    first_.push_back(static_cast<std::uint32_t>(thresholds_.size()));
  }
}

std::span<const double> RowTrees::thresholds_of(std::size_t cell) const {
  return std::span(thresholds_).subspan(first_[cell], first_[cell + 1] - first_[cell]);
}

RowTrees::Node RowTrees::prepared(std::uint32_t at) {
  const TreeNode& node = arrays_->nodes[at];
  if (node.child == 0) return prepared_leaf(at);
  if (!compares_numbers(node)) {
    categories_ = true;
    return {.slot = category_slot(), .child = node.child};
  }
  const std::uint32_t cell = cell_of_node(node);
  return {.slot = static_cast<std::uint16_t>(2 * cell + ((node.feature & TreeNode::missing_left) != 0 ? 1 : 0)),
          .code = static_cast<std::uint16_t>(count_below(thresholds_of(cell), node.threshold)),
          .child = node.child};
}

RowTrees::Node RowTrees::prepared_leaf(std::uint32_t at) {
  if (arrays_->vector_leaves() || !arrays_->linear.empty()) return {.slot = leaf_slot(), .child = at};
  values_.push_back(arrays_->nodes[at].threshold);
  return {.slot = leaf_slot(), .code = static_cast<std::uint16_t>(values_.size() - 1), .child = at};
}

void RowTrees::encode(const double* cells, std::uint16_t* codes) const noexcept {
  for (std::size_t c = 0; c < cells_; ++c) {
    const auto code = static_cast<std::uint16_t>(count_below(thresholds_of(c), cells[c]));
    codes[2 * c] = std::isnan(cells[c]) ? highest_code : code;
    codes[2 * c + 1] = code;
  }
  codes[leaf_slot()] = codes[category_slot()] = 0;
}

void RowTrees::walk(const double* cells, const std::uint16_t* codes, std::uint32_t (&at)[walks]) const noexcept {
  if (categories_) walk_kind<true>(cells, codes, at);
  else walk_kind<false>(cells, codes, at);
}

template <bool categories>
void RowTrees::walk_kind(const double* cells, const std::uint16_t* codes, std::uint32_t (&at)[walks]) const noexcept {
  const Node* nodes = nodes_.data();
  std::uint32_t here[walks], moved;  // in registers
  std::copy_n(at, walks, here);
  do {
    moved = 0;
    for (std::size_t k = 0; k < walks; ++k) {
      const Node node = nodes[here[k]];
      std::uint32_t next = node.child + (codes[node.slot] > node.code ? 1 : 0);
      if (categories && node.slot == category_slot()) {
        const TreeNode& own = arrays_->nodes.data()[here[k]];
        next = node.child + goes_right(*arrays_, own, cells[cell_of_node(own)]);
      }
      moved |= next ^ here[k];
      here[k] = next;
    }
  } while (moved != 0);
  std::copy_n(here, walks, at);
}

}  // namespace automill::tree
