#pragma once
// Columns of numbers most of whose cells are in one bin - zeros, mostly. Of each row, only the other cells are kept, as
// numbers of the places that their sums have in a histogram. Columns that exclude each other, such as those of one-hot
// codes, so cost one number a row, as if they were bundled (Ke et al. 2017, "exclusive feature bundling"), and columns
// that meet in some rows need no special care. The sums of the usual bin are what the others leave of the node's.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace automill::tree {

/// A cell that is not in the usual bin of its column.
struct SparseCell {
  std::uint32_t row = 0, bin = 0;
};

class SparseColumns {
 public:
  /// A column of the table, its bins, and the one that most cells have.
  struct Layout {
    std::uint32_t column = 0, bins = 0, usual = 0;
  };

  SparseColumns() = default;
  explicit SparseColumns(const std::vector<Layout>& layout);
  /// `cells`: of each column of the layout, in the order of rows; `before_each` is called before each of them.
  void fill(const std::vector<std::vector<SparseCell>>& cells, std::size_t rows,
            const std::function<void()>& before_each);

  /// Columns are called lanes here, in the order of the layout.
  std::size_t size() const { return columns_.size(); }
  bool empty() const { return columns_.empty(); }
  const std::vector<std::uint32_t>& columns() const { return columns_; }
  /// Of all rows.
  std::size_t cells() const { return entries_.size(); }
  std::size_t bins(std::size_t lane) const { return first_[lane + 1] - first_[lane] + 1; }
  std::size_t usual(std::size_t lane) const { return usual_[lane]; }
  /// Sums of a histogram: one a bin and lane, but for usual bins.
  std::size_t entries() const { return first_.back(); }
  std::size_t first_entry(std::size_t lane) const { return first_[lane]; }
  std::size_t entry(std::size_t lane, std::size_t bin) const {
    return first_[lane] + bin - (bin > usual_[lane] ? 1 : 0);
  }

  /// Entries of a row, ascending.
  std::span<const std::uint32_t> row(std::size_t row) const {
    return {entries_.data() + starts_[row], static_cast<std::size_t>(starts_[row + 1] - starts_[row])};
  }
  std::size_t bin(std::size_t lane, std::size_t row) const {
    const auto cells = this->row(row);
    const auto found = std::lower_bound(cells.begin(), cells.end(), first_[lane]);
    if (found == cells.end() || *found >= first_[lane + 1]) return usual_[lane];
    return bin_of_place(lane, *found - first_[lane]);
  }

  /// Cells of a lane in the order of rows, which end with a row beyond all others; and the places of their bins among
  /// those that are not the usual one.
  struct Lane {
    const std::uint32_t* rows;
    const std::uint16_t* places;
    std::size_t size;
  };
  Lane lane(std::size_t lane) const {
    const std::uint64_t begin = lane_starts_[lane] + lane;  // a lane's last row is no cell
    return {lane_rows_.data() + begin, lane_places_.data() + begin, lane_starts_[lane + 1] - lane_starts_[lane]};
  }
  std::size_t bin_of_place(std::size_t lane, std::size_t place) const {
    return place + (place >= usual_[lane] ? 1 : 0);
  }

  /// histogram[entry] += gradients[i] for the entries of rows[i]; each of both has `size` numbers: 1, 4 or 8.
  void add(std::span<const std::uint32_t> rows, const std::int64_t* gradients, std::size_t size,
           std::int64_t* histogram) const;

 private:
  template <std::size_t size>
  void add_sized(std::span<const std::uint32_t> rows, const std::int64_t* gradients, std::int64_t* histogram) const;

  std::vector<std::uint32_t> columns_, first_{0}, usual_;
  std::vector<std::uint64_t> starts_{0};
  std::vector<std::uint32_t> entries_;
  std::vector<std::uint64_t> lane_starts_{0};
  std::vector<std::uint32_t> lane_rows_;
  std::vector<std::uint16_t> lane_places_;
};

}  // namespace automill::tree
