#include <automill/learners/tree/histogram_builder.hpp>
#include <cstring>

namespace automill::tree {

namespace {

constexpr std::size_t rows_between_stops = std::size_t{1} << 17;   // about half a millisecond of one group
constexpr std::size_t cells_between_stops = std::size_t{1} << 20;  // the same of sparse columns
constexpr std::size_t work_between_stops = std::size_t{1} << 16;   // the same in rows times groups
constexpr std::size_t parallel_work = std::size_t{1} << 18;  // row-groups below which threads cost more than they give

}  // namespace

void HistogramBuilder::start(const BinnedTable& bins, const QuantisedGradients& gradients, const ActiveColumns& active,
                             const RunContext& context) {
  bins_ = &bins;
  gradients_ = &gradients;
  active_ = &active;
  context_ = &context;
}

void HistogramBuilder::gather(std::span<const std::uint32_t> rows) {
  const std::size_t n = rows.size();
  ordered_.resize(std::max(ordered_.size(), n));
  for (std::size_t i = 0; i < n; ++i) ordered_[i] = gradients_->first[rows[i]];
  if (!wide()) return;
  ordered_second_.resize(std::max(ordered_second_.size(), n));
  for (std::size_t i = 0; i < n; ++i) ordered_second_[i] = gradients_->second[rows[i]];
}

bool HistogramBuilder::build(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows);
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

/// The entries of a part in a plane of a histogram: of a group, or behind those of the sparse columns.
HistogramBuilder::Range HistogramBuilder::range_of(std::size_t part, int plane) const {
  const std::size_t first = static_cast<std::size_t>(plane) * bins_->histogram_size();
  if (part == active_->groups.size()) return {first + bins_->sparse_offset(), bins_->sparse().entries()};
  const auto& group = bins_->groups()[active_->groups[part].group];
  return {first + group.offset, group.entries};
}

bool HistogramBuilder::build_part(std::span<const std::uint32_t> rows, std::size_t part,
                                  std::int64_t* histogram) const {
  for (int plane = 0; plane < planes(); ++plane) {
    const Range range = range_of(part, plane);
    std::memset(histogram + range.begin, 0, range.size * sizeof(std::int64_t));
  }
  return add_part(rows, part, histogram);
}

std::size_t HistogramBuilder::rows_at_once(std::size_t part) const {
  if (part < active_->groups.size()) return rows_between_stops;
  return std::max<std::size_t>(1, cells_between_stops * bins_->rows() / (bins_->sparse().cells() + 1));
}

bool HistogramBuilder::add_part(std::span<const std::uint32_t> rows, std::size_t part, std::int64_t* histogram) const {
  const bool stops = rows.size() * parts() > work_between_stops;
  const std::size_t step = rows_at_once(part);
  for (int plane = 0; plane < planes(); ++plane) {
    std::int64_t* out = histogram + range_of(part, plane).begin;
    const std::int64_t* gradients = plane == 0 ? ordered_.data() : ordered_second_.data();
    for (std::size_t first = 0; first < rows.size(); first += step) {
      if (stops && context_->stop.stop_requested()) return false;
      const std::size_t count = std::min(step, rows.size() - first);
      add_rows(rows.subspan(first, count), part, gradients + first, out);
    }
  }
  return true;
}

void HistogramBuilder::add_rows(std::span<const std::uint32_t> rows, std::size_t part, const std::int64_t* gradients,
                                std::int64_t* out) const {
  if (part == active_->groups.size()) return bins_->sparse().add(rows, gradients, 1, out);
  const ActiveGroup& active = active_->groups[part];
  const auto& group = bins_->groups()[active.group];
  if (group.wide) return kernels().build_wide(bins_->wide_codes(group), rows.data(), rows.size(), gradients, out);
  const auto lanes = static_cast<int>(active.lanes.size());
  if (group.categorical)
    kernels().build_categories(bins_->words(group), rows.data(), rows.size(), gradients, out, group.starts.data(),
                               active.lanes.data(), lanes);
  else kernels().build(bins_->words(group), rows.data(), rows.size(), gradients, out, active.lanes.data(), lanes);
}

void HistogramBuilder::take_out(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) ordered_[i] = -ordered_[i];
  if (wide())
    for (std::size_t i = 0; i < rows.size(); ++i) ordered_second_[i] = -ordered_second_[i];
  for (std::size_t part = 0; part < parts(); ++part) add_part(rows, part, histogram);
}

void HistogramBuilder::subtract(std::int64_t* parent, const std::int64_t* child) const {
  for (std::size_t part = 0; part < parts(); ++part)
    for (int plane = 0; plane < planes(); ++plane) {
      const Range range = range_of(part, plane);
      kernels().subtract(parent + range.begin, child + range.begin, range.size);
    }
}

PackedSum HistogramBuilder::sum(std::span<const std::uint32_t> rows) const {
  PackedSum sum;
  for (std::uint32_t row : rows) sum.first += gradients_->first[row];
  if (wide())
    for (std::uint32_t row : rows) sum.second += gradients_->second[row];
  return sum;
}

ActiveColumns draw_columns(const BinnedTable& bins, double fraction, std::uint64_t seed, std::uint64_t index) {
  const auto& sparse = bins.sparse().columns();
  std::vector<std::uint32_t> columns = sparse;
  for (const auto& group : bins.groups()) columns.insert(columns.end(), group.columns.begin(), group.columns.end());
  std::vector<bool> chosen(bins.mappings().size(), true);
  const auto wanted =
      static_cast<std::size_t>(std::max(1.0, std::round(fraction * static_cast<double>(columns.size()))));
  if (wanted < columns.size()) {
    std::sort(columns.begin(), columns.end());
    RandomStream random(seed, purpose("columns of a tree"), index);
    random.shuffle(columns);
    for (std::size_t i = wanted; i < columns.size(); ++i) chosen[columns[i]] = false;
  }
  ActiveColumns active;
  for (std::size_t g = 0; g < bins.groups().size(); ++g) {
    ActiveGroup one{g, {}};
    const auto& group = bins.groups()[g];
    for (std::size_t lane = 0; lane < group.columns.size(); ++lane)
      if (chosen[group.columns[lane]]) one.lanes.push_back(static_cast<std::uint8_t>(lane));
    if (!one.lanes.empty()) active.groups.push_back(std::move(one));
  }
  for (std::uint32_t lane = 0; lane < sparse.size(); ++lane)
    if (chosen[sparse[lane]]) active.sparse.push_back(lane);
  return active;
}

}  // namespace automill::tree
