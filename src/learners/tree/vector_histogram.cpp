#include "learners/tree/vector_histogram.hpp"

#include <cstring>

namespace automill::tree {

namespace {

constexpr std::size_t rows_between_stops = std::size_t{1} << 15;  // about half a millisecond of one group
constexpr std::size_t work_between_stops = std::size_t{1} << 14;  // the same in rows times groups
constexpr std::size_t parallel_work = std::size_t{1} << 16;  // row-groups below which threads cost more than they give

}  // namespace

void VectorHistogramBuilder::start(const BinnedTable& bins, const VectorGradients& gradients,
                                   const std::vector<ActiveGroup>& active, const RunContext& context) {
  bins_ = &bins;
  gradients_ = &gradients;
  active_ = &active;
  context_ = &context;
  entry_size_ = gradients.entry_size();
}

/// Entries times 1 or -1.
void VectorHistogramBuilder::gather(std::span<const std::uint32_t> rows, std::int64_t sign) {
  if (rows.size() * entry_size_ > ordered_size_) {
    ordered_size_ = rows.size() * entry_size_;
    ordered_ = lines_of_integers(ordered_size_);
  }
  std::int64_t* to = ordered_.get();
  for (std::uint32_t row : rows) {
    const std::int64_t* entry = gradients_->entry(row);
    for (std::size_t k = 0; k < entry_size_; ++k) *to++ = sign * entry[k];
  }
}

bool VectorHistogramBuilder::build(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows, 1);
  if (context_->executor().width() > 1 && rows.size() * active_->size() >= parallel_work) {
    std::vector<char> done(active_->size());
    context_->executor().run(active_->size(),
                             [&](std::size_t g) { done[g] = build_group(rows, g, histogram) ? 1 : 0; });
    return std::find(done.begin(), done.end(), 0) == done.end();
  }
  for (std::size_t g = 0; g < active_->size(); ++g)
    if (!build_group(rows, g, histogram)) return false;
  return true;
}

bool VectorHistogramBuilder::build_group(std::span<const std::uint32_t> rows, std::size_t active,
                                         std::int64_t* histogram) const {
  const auto& group = bins_->groups()[(*active_)[active].group];
  std::memset(group_of(histogram, group), 0, group.bins * group.stride() * entry_size_ * sizeof(std::int64_t));
  return add_group(rows, active, histogram);
}

bool VectorHistogramBuilder::add_group(std::span<const std::uint32_t> rows, std::size_t active,
                                       std::int64_t* histogram) const {
  const auto& lanes = (*active_)[active].lanes;
  const auto& group = bins_->groups()[(*active_)[active].group];
  std::int64_t* out = group_of(histogram, group);
  for (std::size_t first = 0; first < rows.size(); first += rows_between_stops) {
    if (rows.size() * active_->size() > work_between_stops && context_->stop.stop_requested()) return false;
    const std::size_t count = std::min(rows_between_stops, rows.size() - first);
    const std::int64_t* entries = ordered_.get() + first * entry_size_;
    if (group.wide)
      kernels().build_outputs_wide(bins_->wide_codes(group), rows.data() + first, count, entries,
                                   static_cast<int>(entry_size_), out);
    else
      kernels().build_outputs(bins_->words(group), rows.data() + first, count, entries, static_cast<int>(entry_size_),
                              out, group.bins * entry_size_, lanes.data(), static_cast<int>(lanes.size()));
  }
  return true;
}

bool VectorHistogramBuilder::take_out(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows, -1);
  for (std::size_t g = 0; g < active_->size(); ++g)
    if (!add_group(rows, g, histogram)) return false;
  return true;
}

void VectorHistogramBuilder::subtract(std::int64_t* parent, const std::int64_t* child) const {
  for (const ActiveGroup& active : *active_) {
    const auto& group = bins_->groups()[active.group];
    const std::size_t at = group.offset * entry_size_;
    kernels().subtract(parent + at, child + at, group.bins * group.stride() * entry_size_);
  }
}

VectorSum VectorHistogramBuilder::sum(std::span<const std::uint32_t> rows) const {
  VectorSum sum{};
  for (std::uint32_t row : rows)
    for (std::size_t k = 0; k < entry_size_; ++k) sum[k] += gradients_->entry(row)[k];
  return sum;
}

}  // namespace automill::tree
