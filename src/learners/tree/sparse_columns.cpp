#include <automill/learners/tree/sparse_columns.hpp>

namespace automill::tree {

SparseColumns::SparseColumns(const std::vector<Layout>& layout) {
  for (const Layout& lane : layout) {
    columns_.push_back(lane.column);
    usual_.push_back(lane.usual);
    first_.push_back(first_.back() + lane.bins - 1);
  }
}

void SparseColumns::fill(const std::vector<std::vector<SparseCell>>& cells, std::size_t rows,
                         const std::function<void()>& before_each) {
  starts_.assign(rows + 1, 0);
  for (const auto& lane : cells)
    for (const SparseCell& cell : lane) ++starts_[cell.row + 1];
  for (std::size_t row = 0; row < rows; ++row) starts_[row + 1] += starts_[row];
  entries_.resize(starts_[rows]);
  lane_rows_.reserve(starts_[rows] + cells.size());
  lane_places_.reserve(starts_[rows] + cells.size());
  std::vector<std::uint64_t> next(starts_.begin(), starts_.end() - 1);
  for (std::size_t lane = 0; lane < cells.size(); ++lane) {
    before_each();
    for (const SparseCell& cell : cells[lane]) {
      const std::size_t own = entry(lane, cell.bin);
      entries_[next[cell.row]++] = static_cast<std::uint32_t>(own);
      lane_rows_.push_back(cell.row);
      lane_places_.push_back(static_cast<std::uint16_t>(own - first_[lane]));
    }
    lane_rows_.push_back(~std::uint32_t{0});
    lane_places_.push_back(0);
    lane_starts_.push_back(lane_starts_.back() + cells[lane].size());
  }
}

template <std::size_t size>
void SparseColumns::add_sized(std::span<const std::uint32_t> rows, const std::int64_t* gradients,
                              std::int64_t* histogram) const {
  constexpr std::size_t ahead = 16;  // rows between a prefetch and its use
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + ahead < rows.size()) __builtin_prefetch(entries_.data() + starts_[rows[i + ahead]]);
    for (std::uint32_t entry : row(rows[i]))
      for (std::size_t k = 0; k < size; ++k) histogram[entry * size + k] += gradients[i * size + k];
  }
}

void SparseColumns::add(std::span<const std::uint32_t> rows, const std::int64_t* gradients, std::size_t size,
                        std::int64_t* histogram) const {
  if (size == 1) add_sized<1>(rows, gradients, histogram);
  else if (size == 4) add_sized<4>(rows, gradients, histogram);
  else add_sized<8>(rows, gradients, histogram);
}

}  // namespace automill::tree
