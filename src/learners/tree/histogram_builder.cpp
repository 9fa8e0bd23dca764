#include <automill/learners/tree/histogram_builder.hpp>
#include <cstring>

namespace automill::tree {

namespace {

constexpr std::size_t rows_between_stops = std::size_t{1} << 17;  // about half a millisecond of one group
constexpr std::size_t work_between_stops = std::size_t{1} << 16;  // the same in rows times groups
constexpr std::size_t parallel_work = std::size_t{1} << 18;  // row-groups below which threads cost more than they give

}  // namespace

void HistogramBuilder::start(const BinnedTable& bins, const QuantisedGradients& gradients,
                             const std::vector<ActiveGroup>& active, const RunContext& context) {
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

bool HistogramBuilder::build_group(std::span<const std::uint32_t> rows, std::size_t active,
                                   std::int64_t* histogram) const {
  const auto& group = bins_->groups()[(*active_)[active].group];
  for (int which = 0; which < (wide() ? 2 : 1); ++which)
    std::memset(histogram + static_cast<std::size_t>(which) * bins_->histogram_size() + group.offset, 0,
                group.bins * group.stride() * sizeof(std::int64_t));
  return add_group(rows, active, histogram);
}

bool HistogramBuilder::add_group(std::span<const std::uint32_t> rows, std::size_t active,
                                 std::int64_t* histogram) const {
  const auto& lanes = (*active_)[active].lanes;
  const auto& group = bins_->groups()[(*active_)[active].group];
  const Kernels& run = kernels();
  for (int which = 0; which < (wide() ? 2 : 1); ++which) {
    std::int64_t* out = histogram + static_cast<std::size_t>(which) * bins_->histogram_size() + group.offset;
    const std::int64_t* gradients = which == 0 ? ordered_.data() : ordered_second_.data();
    for (std::size_t first = 0; first < rows.size(); first += rows_between_stops) {
      if (rows.size() * active_->size() > work_between_stops && context_->stop.stop_requested()) return false;
      const std::size_t count = std::min(rows_between_stops, rows.size() - first);
      if (group.wide) run.build_wide(bins_->wide_codes(group), rows.data() + first, count, gradients + first, out);
      else
        run.build(bins_->words(group), rows.data() + first, count, gradients + first, out, lanes.data(),
                  static_cast<int>(lanes.size()));
    }
  }
  return true;
}

void HistogramBuilder::take_out(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) ordered_[i] = -ordered_[i];
  if (wide())
    for (std::size_t i = 0; i < rows.size(); ++i) ordered_second_[i] = -ordered_second_[i];
  for (std::size_t g = 0; g < active_->size(); ++g) add_group(rows, g, histogram);
}

void HistogramBuilder::subtract(std::int64_t* parent, const std::int64_t* child) const {
  for (const ActiveGroup& active : *active_) {
    const auto& group = bins_->groups()[active.group];
    for (int which = 0; which < (wide() ? 2 : 1); ++which) {
      const std::size_t at = static_cast<std::size_t>(which) * bins_->histogram_size() + group.offset;
      kernels().subtract(parent + at, child + at, group.bins * group.stride());
    }
  }
}

PackedSum HistogramBuilder::sum(std::span<const std::uint32_t> rows) const {
  PackedSum sum;
  for (std::uint32_t row : rows) sum.first += gradients_->first[row];
  if (wide())
    for (std::uint32_t row : rows) sum.second += gradients_->second[row];
  return sum;
}

std::vector<ActiveGroup> draw_columns(const BinnedTable& bins, double fraction, std::uint64_t seed,
                                      std::uint64_t index) {
  std::vector<std::uint32_t> columns;
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
  std::vector<ActiveGroup> active;
  for (std::size_t g = 0; g < bins.groups().size(); ++g) {
    ActiveGroup one{g, {}};
    const auto& group = bins.groups()[g];
    for (std::size_t lane = 0; lane < group.columns.size(); ++lane)
      if (chosen[group.columns[lane]]) one.lanes.push_back(static_cast<std::uint8_t>(lane));
    if (!one.lanes.empty()) active.push_back(std::move(one));
  }
  return active;
}

}  // namespace automill::tree
