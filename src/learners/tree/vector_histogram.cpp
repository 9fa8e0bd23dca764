#include "learners/tree/vector_histogram.hpp"

#include <cstring>

namespace automill::tree {

namespace {

constexpr HistogramSteps vector_steps{.rows = std::size_t{1} << 15,
                                      .cells = std::size_t{1} << 18,
                                      .work = std::size_t{1} << 14,
                                      .parallel = std::size_t{1} << 16};

}  // namespace

void VectorHistogramBuilder::start(const BinnedTable& bins, const VectorGradients& gradients,
                                   const ActiveColumns& active, const RunContext& context) {
  parts_ = HistogramParts(bins, active, context, vector_steps);
  gradients_ = &gradients;
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
  return parts_.for_each(rows.size(), [&](std::size_t part) {
    const HistogramParts::Range range = range_of(part);
    std::memset(histogram + range.begin, 0, range.size * sizeof(std::int64_t));
    return add_part(rows, part, histogram);
  });
}

bool VectorHistogramBuilder::add_part(std::span<const std::uint32_t> rows, std::size_t part,
                                      std::int64_t* histogram) const {
  return parts_.for_each_block(rows.size(), part, [&](std::size_t first, std::size_t count) {
    add_rows(rows.subspan(first, count), part, ordered_.data() + first * entry_size_, histogram + range_of(part).begin);
  });
}

void VectorHistogramBuilder::add_rows(std::span<const std::uint32_t> rows, std::size_t part,
                                      const std::int64_t* entries, std::int64_t* out) const {
  const BinnedTable& bins = parts_.bins();
  const ActiveGroup* active = parts_.group(part);
  if (active == nullptr) return bins.sparse().add(rows, entries, entry_size_, out);
  const auto& group = bins.groups()[active->group];
  const auto size = static_cast<int>(entry_size_);
  if (group.wide)
    return kernels().build_outputs_wide(bins.wide_codes(group), rows.data(), rows.size(), entries, size, out);
  kernels().build_outputs(bins.words(group), rows.data(), rows.size(), entries, size, out, group.starts.data(),
                          active->lanes.data(), static_cast<int>(active->lanes.size()));
}

bool VectorHistogramBuilder::take_out(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows, -1);
  for (std::size_t part = 0; part < parts_.size(); ++part)
    if (!add_part(rows, part, histogram)) return false;
  return true;
}

void VectorHistogramBuilder::subtract(std::int64_t* parent, const std::int64_t* child) const {
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const HistogramParts::Range range = range_of(part);
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
