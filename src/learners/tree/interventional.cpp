// Interventional contributions (Lundberg et al. 2020, Algorithm 3), shared between rows that go the same ways.
//
// On the way to a leaf, column j is open to a row when the row's cell takes all edges of the column. A row x and a
// background row b give a leaf of value v to x where every column is open to one of them: with X the columns open to x
// alone and B those open to b alone,
//   each column of X gets   v (|X| - 1)! |B|! / (|X| + |B|)!,
//   each column of B gets  -v |X|! (|B| - 1)! / (|X| + |B|)!.
// Which columns are open to a row is a pattern of bits, made while the tree is walked once for all rows of a block. A
// leaf's work is then done once for each pair of different patterns.
//
// A linear leaf's value also depends on the cells of columns that are open to both: it is a value v that all mixed rows
// get, and for each such column a change that those with the row's cell get (mixed_leaf.hpp). The change is a leaf
// whose X has that column besides. Both depend on the rows themselves: a linear leaf's work is done for each pair.

#include <array>
#include <automill/learners/tree/contributions.hpp>
#include <bit>

#include "learners/tree/mixed_leaf.hpp"
#include "learners/tree/shap_edges.hpp"
#include "learners/tree/tree_cells.hpp"
#include "learners/tree/tree_walk.hpp"

namespace automill {

namespace {

using tree::goes_right;

/// Columns of a path, a bit each.
template <std::size_t words>
struct Pattern {
  std::array<std::uint64_t, words> bits{};

  void set(std::size_t bit, bool on) {
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    bits[bit / 64] = on ? bits[bit / 64] | mask : bits[bit / 64] & ~mask;
  }
  bool has(std::size_t bit) const { return ((bits[bit / 64] >> (bit % 64)) & 1) != 0; }
  bool operator==(const Pattern&) const = default;
  std::uint64_t hash() const {
    std::uint64_t all = 0;
    for (std::uint64_t word : bits) all = (all ^ word) * 0x9e3779b97f4a7c15ULL;
    return all ^ (all >> 29);
  }
  std::size_t count_without(const Pattern& other) const {
    std::size_t all = 0;
    for (std::size_t w = 0; w < words; ++w) all += static_cast<std::size_t>(std::popcount(bits[w] & ~other.bits[w]));
    return all;
  }
  bool covers_with(const Pattern& other, const Pattern& all) const {
    bool covers = true;
    for (std::size_t w = 0; w < words; ++w) covers = covers && (bits[w] | other.bits[w]) == all.bits[w];
    return covers;
  }
  /// Calls body(bit) for the bits that are here and not in the other.
  template <class Body>
  void for_each_without(const Pattern& other, const Body& body) const {
    for (std::size_t w = 0; w < words; ++w)
      for (std::uint64_t rest = bits[w] & ~other.bits[w]; rest != 0; rest &= rest - 1)
        body(64 * w + static_cast<std::size_t>(std::countr_zero(rest)));
  }
};

/// Different patterns of some rows, in the order in which they come first.
template <class P>
class Distinct {
 public:
  void find(std::span<const P> rows) {
    patterns_.clear();
    counts_.clear();
    number_.resize(rows.size());
    std::size_t room = std::bit_ceil(2 * rows.size() + 2);
    places_.assign(room, 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::size_t at = rows[i].hash() & (room - 1);
      while (places_[at] != 0 && !(patterns_[places_[at] - 1] == rows[i])) at = (at + 1) & (room - 1);
      if (places_[at] == 0) {
        patterns_.push_back(rows[i]);
        counts_.push_back(0);
        places_[at] = static_cast<std::uint32_t>(patterns_.size());
      }
      number_[i] = places_[at] - 1;
      ++counts_[number_[i]];
    }
  }
  const std::vector<P>& patterns() const { return patterns_; }
  double count(std::size_t pattern) const { return counts_[pattern]; }
  std::size_t number_of(std::size_t row) const { return number_[row]; }

 private:
  std::vector<P> patterns_;
  std::vector<std::uint32_t> counts_, number_, places_;
};

/// (x - 1)! b! / (x + b)! for x of at least 1.
class Weights {
 public:
  explicit Weights(std::size_t most) : width_(most + 1), values_(width_ * width_, 0.0) {
    if (most == 0) return;
    at(1, 0) = 1;
    for (std::size_t x = 1; x <= most; ++x) {
      const auto dx = static_cast<double>(x);
      if (x > 1) at(x, 0) = at(x - 1, 0) * (dx - 1) / dx;
      for (std::size_t b = 1; b <= most; ++b)
        at(x, b) = at(x, b - 1) * static_cast<double>(b) / (dx + static_cast<double>(b));
    }
  }
  double operator()(std::size_t x, std::size_t b) const { return values_[x * width_ + b]; }

 private:
  double& at(std::size_t x, std::size_t b) { return values_[x * width_ + b]; }
  std::size_t width_;
  std::vector<double> values_;
};

/// What all blocks share.
struct Against {
  Against(const TreeEnsemble& model, const TableView& background)
      : arrays(model.arrays()), columns(tree::cells_of_row(arrays)), count(background.rows()), cells(columns * count) {
    for (std::size_t c = 0; c < arrays.cells(); ++c) {
      tree::read_cell(arrays, c, background, cells.data() + c * count);
      sources.push_back(tree::sources_of_cell(arrays, c));
    }
    for (std::size_t t = 0; t < arrays.trees(); ++t) {
      const tree::TreeFacts facts = tree::tree_facts(arrays, t);
      most_columns = std::max(most_columns, facts.columns);
      depth = std::max(depth, facts.depth);
    }
    means.assign(arrays.width(), 0.0);
    for (std::size_t t = 0; t < arrays.trees(); ++t)
      for (std::size_t row = 0; row < count; ++row) add_leaf(t, row);
    for (std::size_t k = 0; k < means.size(); ++k) means[k] = arrays.base[k] + means[k] / static_cast<double>(count);
  }

  const TreeArrays& arrays;
  std::size_t columns, count;
  std::vector<double> cells;                          ///< of the background: [cell][row]
  std::vector<std::vector<std::uint32_t>> sources{};  ///< schema columns of each cell
  std::size_t most_columns = 0, depth = 0;
  std::vector<double> means{};  ///< scores of the background

 private:
  double cell(std::size_t column, std::size_t row) const { return cells[column * count + row]; }
  std::uint32_t leaf_of(std::size_t t, std::size_t row) const {
    std::uint32_t at = arrays.roots[t];
    while (arrays.nodes[at].child != 0) {
      const TreeNode& node = arrays.nodes[at];
      at = node.child + goes_right(arrays, node, cell(node.feature & TreeNode::position, row));
    }
    return at;
  }
  void add_leaf(std::size_t t, std::size_t row) {
    const std::uint32_t at = leaf_of(t, row);
    const TreeNode& leaf = arrays.nodes[at];
    if (arrays.vector_leaves())
      for (std::size_t k = 0; k < arrays.width(); ++k) means[k] += static_cast<double>(arrays.leaf_vector(leaf)[k]);
    else if (const LinearLeaf* model = arrays.linear.find(at))
      means[t % arrays.width()] += arrays.linear.value(
          *model, leaf.threshold, [&](std::uint32_t, const LinearTerm& term) { return cell(term.cell, row); });
    else means[t % arrays.width()] += leaf.threshold;
  }
};

/// Takes a block of rows, and the background beside them, through all trees. A worker's own.
template <std::size_t words>
class PairWalk {
 public:
  using P = Pattern<words>;

  PairWalk(const Against& against, const Weights& weights, const TableView& rows, std::size_t schema_columns,
           double* values)
      : against_(against),
        arrays_(against.arrays),
        weights_(weights),
        rows_(rows.rows()),
        all_(rows_ + against.count),
        width_(schema_columns + 1),
        values_(values),
        cells_(against.columns * all_, 0.0),
        slots_(against.columns, none),
        levels_(against.depth + 1, std::vector<P>(all_)) {
    for (std::size_t c = 0; c < arrays_.cells(); ++c) {
      double* cells = cells_.data() + c * all_;
      tree::read_cell(arrays_, c, rows, cells);
      std::copy_n(against.cells.data() + c * against.count, against.count, cells + rows_);
    }
  }

  /// False: stopped.
  bool run(const StopToken& stop) {
    for (std::size_t t = 0; t < arrays_.trees(); ++t) {
      if (stop.stop_requested()) return false;
      std::fill(levels_[0].begin(), levels_[0].end(), P{});
      tree_ = t;
      stop_ = &stop;
      visit(arrays_.roots[t], 0);
      if (stopped_) return false;
    }
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t k = 0; k < arrays_.width(); ++k)
        values_[(row * arrays_.width() + k) * width_ + width_ - 1] = against_.means[k];
    return true;
  }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  void visit(std::uint32_t at, std::size_t depth) {
    const TreeNode node = arrays_.nodes[at];
    if (node.child == 0) {
      const LinearLeaf* model = arrays_.linear.find(at);
      return model != nullptr ? add_linear_leaf(*model, node.threshold, levels_[depth])
                              : add_leaf(node, levels_[depth]);
    }
    const std::uint32_t cell = node.feature & TreeNode::position;
    const bool first = slots_[cell] == none;
    if (first) {
      slots_[cell] = static_cast<std::uint32_t>(path_.size());
      path_.push_back(cell);
      full_.set(slots_[cell], true);
    }
    const std::size_t slot = slots_[cell];
    const double* cells = cells_.data() + cell * all_;
    const std::vector<P>& here = levels_[depth];
    std::vector<P>& next = levels_[depth + 1];
    for (std::uint32_t side = 0; side < 2; ++side) {
      for (std::size_t i = 0; i < all_; ++i) {
        next[i] = here[i];
        next[i].set(slot, goes_right(arrays_, node, cells[i]) == side && (first || here[i].has(slot)));
      }
      visit(node.child + side, depth + 1);
    }
    if (first) {
      full_.set(slots_[cell], false);
      path_.pop_back();
      slots_[cell] = none;
    }
  }

  void add_leaf(const TreeNode& leaf, const std::vector<P>& patterns) {
    if (path_.empty()) return;
    own_.find(std::span(patterns).first(rows_));
    other_.find(std::span(patterns).subspan(rows_));
    parts_.assign(own_.patterns().size() * path_.size(), 0.0);
    any_.assign(own_.patterns().size(), 0);
    for (std::size_t i = 0; i < own_.patterns().size(); ++i) any_[i] = share(i) ? 1 : 0;
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::size_t pattern = own_.number_of(row);
      if (any_[pattern] == 0) continue;
      const double* parts = parts_.data() + pattern * path_.size();
      if (!arrays_.vector_leaves()) {
        add(row, tree_ % arrays_.width(), leaf.threshold, parts);
        continue;
      }
      const float* values = arrays_.leaf_vector(leaf);
      for (std::size_t k = 0; k < arrays_.width(); ++k) add(row, k, static_cast<double>(values[k]), parts);
    }
  }
  void add(std::size_t row, std::size_t output, double value, const double* parts) {
    double* to = values_ + (row * arrays_.width() + output) * width_;
    for (std::size_t slot = 0; slot < path_.size(); ++slot) {
      const std::vector<std::uint32_t>& sources = against_.sources[path_[slot]];
      for (std::uint32_t source : sources) to[source] += value * parts[slot] / static_cast<double>(sources.size());
    }
  }

  void add_linear_leaf(const LinearLeaf& model, double plain, const std::vector<P>& patterns) {
    own_.find(std::span(patterns).first(rows_));
    const std::span background = std::span(patterns).subspan(rows_);
    std::vector<std::vector<std::uint32_t>> partners(own_.patterns().size());  // together with them rows get here
    for (std::size_t i = 0; i < partners.size(); ++i)
      for (std::uint32_t other = 0; other < background.size(); ++other)
        if (own_.patterns()[i].covers_with(background[other], full_)) partners[i].push_back(other);
    const double share = 1.0 / static_cast<double>(against_.count);
    for (std::size_t row = 0; row < rows_; ++row) {
      if (stopped_ = stopped_ || stop_->stop_requested(); stopped_) return;
      parts_.assign(path_.size(), 0.0);
      of_terms_.assign(model.terms, 0.0);
      for (std::uint32_t other : partners[own_.number_of(row)])
        add_pair(model, plain, row, rows_ + other, patterns[row], background[other]);
      add(row, tree_ % arrays_.width(), share, parts_.data());
      for (std::uint32_t i = 0; i < model.terms; ++i) {
        const std::uint32_t cell = arrays_.linear.terms[model.first + i].cell;
        values_[(row * arrays_.width() + tree_ % arrays_.width()) * width_ + arrays_.columns[cell]] +=
            share * of_terms_[i];
      }
    }
  }
  /// Adds a row and a background row to parts_ and of_terms_.
  void add_pair(const LinearLeaf& model, double plain, std::size_t row, std::size_t other, const P& own,
                const P& others) {
    using Cell = tree::MixedTerm::Cell;
    read_terms(model, row, other, own, others);
    const std::size_t alone = own.count_without(others), closed = full_.count_without(own);
    double of_own = plain * weights_(alone, closed), of_other = plain * weights_(closed, alone);
    if (const std::optional<tree::MixedLeaf> mixed = tree::mix_leaf(model, plain, mixed_)) {
      const std::size_t x = alone + mixed->own_present, b = closed + mixed->other_present;
      const double rest_of_own = mixed->rest * weights_(x, b) + mixed->changes * weights_(x + 1, b),
                   rest_of_other = mixed->rest * weights_(b, x) + mixed->changes * weights_(b, x + 1);
      for (std::size_t i = 0; i < mixed_.size(); ++i)
        of_terms_[i] += mixed_[i].cell == Cell::own_present     ? rest_of_own
                        : mixed_[i].cell == Cell::other_present ? -rest_of_other
                                                                : mixed_[i].change * weights_(x + 1, b);
      of_own += rest_of_own;
      of_other += rest_of_other;
    }
    own.for_each_without(others, [&](std::size_t slot) { parts_[slot] += of_own; });
    full_.for_each_without(own, [&](std::size_t slot) { parts_[slot] -= of_other; });
  }
  void read_terms(const LinearLeaf& model, std::size_t row, std::size_t other, const P& own, const P& others) {
    using Cell = tree::MixedTerm::Cell;
    mixed_.resize(model.terms);
    for (std::uint32_t i = 0; i < model.terms; ++i) {
      const LinearTerm& term = arrays_.linear.terms[model.first + i];
      const double* cells = cells_.data() + term.cell * all_;
      const std::uint32_t slot = slots_[term.cell];  // none where the path does not split it, as in imported models
      const bool to_own = slot == none || own.has(slot), to_other = slot == none || others.has(slot);
      mixed_[i] = {.cell = !to_other ? Cell::own
                           : to_own  ? Cell::either
                                     : Cell::other,
                   .own = tree::term_value(term, cells[row]),
                   .other = tree::term_value(term, cells[other])};
    }
  }

  /// Parts of a leaf of value 1 for rows of a pattern. False: there are none.
  bool share(std::size_t number) {
    const P& own = own_.patterns()[number];
    double* parts = parts_.data() + number * path_.size();
    const std::size_t closed = full_.count_without(own);  // open to the background alone
    double of_closed = 0;
    bool any = false;
    for (std::size_t j = 0; j < other_.patterns().size(); ++j) {
      const P& other = other_.patterns()[j];
      if (!own.covers_with(other, full_)) continue;
      const std::size_t alone = own.count_without(other);
      if (alone == 0 && closed == 0) continue;
      any = true;
      const double times = other_.count(j);
      if (alone > 0) {
        const double part = times * weights_(alone, closed);
        own.for_each_without(other, [&](std::size_t slot) { parts[slot] += part; });
      }
      if (closed > 0) of_closed += times * weights_(closed, alone);
    }
    if (!any) return false;
    const auto rows = static_cast<double>(against_.count);
    for (std::size_t slot = 0; slot < path_.size(); ++slot)
      parts[slot] = own.has(slot) ? parts[slot] / rows : -of_closed / rows;
    return true;
  }

  const Against& against_;
  const TreeArrays& arrays_;
  const Weights& weights_;
  std::size_t rows_, all_, width_;
  double* values_;
  std::size_t tree_ = 0;
  const StopToken* stop_ = nullptr;
  bool stopped_ = false;
  std::vector<double> cells_;          ///< [cell][row]: the block, then the background
  std::vector<std::uint32_t> slots_;   ///< bit of a cell on the path
  std::vector<std::uint32_t> path_{};  ///< cell of each bit
  P full_{};                           ///< all bits of the path
  std::vector<std::vector<P>> levels_;
  Distinct<P> own_, other_;
  std::vector<double> parts_{};  ///< [own pattern][bit]; for linear leaves [bit]
  std::vector<double> of_terms_{};
  std::vector<tree::MixedTerm> mixed_{};
  std::vector<std::uint8_t> any_{};
};

template <std::size_t words>
void add_block(const Against& against, const Weights& weights, const TableView& rows, const StopToken& stop,
               Contributions& all, std::size_t first) {
  const std::size_t size = all.outputs * (all.columns + 1);
  double* values = all.values.data() + first * size;
  if (!stop.stop_requested() && PairWalk<words>(against, weights, rows, all.columns, values).run(stop)) return;
  std::fill_n(values, rows.rows() * size, std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

Contributions contributions(const TreeEnsemble& model, const TableView& rows, const TableView& background,
                            const RunContext& context) {
  constexpr std::size_t block = 512;
  if (background.rows() == 0)
    throw Error("explain.background", "background", "it has no rows", "give rows of what is usual");
  const Against against(model, background);
  const Weights weights(against.most_columns + 1);  // also asked beyond all, for what is then multiplied by 0
  Contributions all{.columns = model.input_schema().size(), .outputs = against.arrays.width()};
  all.values.assign(rows.rows() * all.outputs * (all.columns + 1), 0.0);
  for_each_block(context.executor(), rows.rows(), block, [&](std::size_t begin, std::size_t end) {
    const TableView part = rows.part(begin, end - begin);
    if (against.most_columns <= 64) add_block<1>(against, weights, part, context.stop, all, begin);
    else if (against.most_columns <= 256) add_block<4>(against, weights, part, context.stop, all, begin);
    else add_block<32>(against, weights, part, context.stop, all, begin);
  });
  return all;
}

}  // namespace automill
