#include "learners/tree/vector_histogram.hpp"

#include <cstring>

namespace automill::tree {

namespace {

constexpr std::size_t rows_between_stops = std::size_t{1} << 15;   // about half a millisecond of one group
constexpr std::size_t cells_between_stops = std::size_t{1} << 18;  // the same of sparse columns
constexpr std::size_t work_between_stops = std::size_t{1} << 14;   // the same in rows times groups
constexpr std::size_t parallel_work = std::size_t{1} << 16;  // row-groups below which threads cost more than they give

}  // namespace

void VectorHistogramBuilder::start(const BinnedTable& bins, const VectorGradients& gradients,
                                   const ActiveColumns& active, const RunContext& context) {
  bins_ = &bins;
  gradients_ = &gradients;
  active_ = &active;
  context_ = &context;
  entry_size_ = gradients.entry_size();
}

/// Entries times 1 or -1.
void VectorHistogramBuilder::gather(std::span<const std::uint32_t> rows, std::int64_t sign) {
  ordered_.make_room(rows.size() * entry_size_);
  std::int64_t* to = ordered_.data();
  for (std::uint32_t row : rows) {
    const std::int64_t* entry = gradients_->entry(row);
    for (std::size_t k = 0; k < entry_size_; ++k) *to++ = sign * entry[k];
  }
}

bool VectorHistogramBuilder::build(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows, 1);
  const std::size_t all = parts();
  if (context_->executor().width() > 1 && rows.size() * all >= parallel_work) {
    std::vector<char> done(all);
    context_->executor().run(all, [&](std::size_t part) { done[part] = build_part(rows, part, histogram) ? 1 : 0; });
    return std::find(done.begin(), done.end(), 0) == done.end();
  }
  for (std::size_t part = 0; part < all; ++part)
    if (!build_part(rows, part, histogram)) return false;
  return true;
}

VectorHistogramBuilder::Range VectorHistogramBuilder::range_of(std::size_t part) const {
  if (part == active_->groups.size())
    return {bins_->sparse_offset() * entry_size_, bins_->sparse().entries() * entry_size_};
  const auto& group = bins_->groups()[active_->groups[part].group];
  return {group.offset * entry_size_, group.entries * entry_size_};
}

std::size_t VectorHistogramBuilder::rows_at_once(std::size_t part) const {
  if (part < active_->groups.size()) return rows_between_stops;
  return std::max<std::size_t>(1, cells_between_stops * bins_->rows() / (bins_->sparse().cells() + 1));
}

bool VectorHistogramBuilder::build_part(std::span<const std::uint32_t> rows, std::size_t part,
                                        std::int64_t* histogram) const {
  const Range range = range_of(part);
  std::memset(histogram + range.begin, 0, range.size * sizeof(std::int64_t));
  return add_part(rows, part, histogram);
}

bool VectorHistogramBuilder::add_part(std::span<const std::uint32_t> rows, std::size_t part,
                                      std::int64_t* histogram) const {
  const bool stops = rows.size() * parts() > work_between_stops;
  const std::size_t step = rows_at_once(part);
  for (std::size_t first = 0; first < rows.size(); first += step) {
    if (stops && context_->stop.stop_requested()) return false;
    const std::size_t count = std::min(step, rows.size() - first);
    add_rows(rows.subspan(first, count), part, ordered_.data() + first * entry_size_, histogram + range_of(part).begin);
  }
  return true;
}

void VectorHistogramBuilder::add_rows(std::span<const std::uint32_t> rows, std::size_t part,
                                      const std::int64_t* entries, std::int64_t* out) const {
  if (part == active_->groups.size()) return bins_->sparse().add(rows, entries, entry_size_, out);
  const ActiveGroup& active = active_->groups[part];
  const auto& group = bins_->groups()[active.group];
  const auto size = static_cast<int>(entry_size_);
  if (group.wide)
    return kernels().build_outputs_wide(bins_->wide_codes(group), rows.data(), rows.size(), entries, size, out);
  kernels().build_outputs(bins_->words(group), rows.data(), rows.size(), entries, size, out, group.starts.data(),
                          active.lanes.data(), static_cast<int>(active.lanes.size()));
}

bool VectorHistogramBuilder::take_out(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows, -1);
  for (std::size_t part = 0; part < parts(); ++part)
    if (!add_part(rows, part, histogram)) return false;
  return true;
}

void VectorHistogramBuilder::subtract(std::int64_t* parent, const std::int64_t* child) const {
  for (std::size_t part = 0; part < parts(); ++part) {
    const Range range = range_of(part);
    kernels().subtract(parent + range.begin, child + range.begin, range.size);
  }
}

VectorSum VectorHistogramBuilder::sum(std::span<const std::uint32_t> rows) const {
  VectorSum sum{};
  for (std::uint32_t row : rows)
    for (std::size_t k = 0; k < entry_size_; ++k) sum[k] += gradients_->entry(row)[k];
  return sum;
}

}  // namespace automill::tree
