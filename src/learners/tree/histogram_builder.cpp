#include <atomic>
#include <automill/learners/tree/histogram_builder.hpp>
#include <cstring>

namespace automill::tree {

namespace {

constexpr HistogramSteps steps{.rows = std::size_t{1} << 17,
                               .cells = std::size_t{1} << 20,
                               .work = std::size_t{1} << 16,
                               .parallel = std::size_t{1} << 14};

}  // namespace

void HistogramBuilder::start(const BinnedTable& bins, const QuantisedGradients& gradients, const ActiveColumns& active,
                             const RunContext& context) {
  parts_ = HistogramParts(bins, active, context, steps);
  gradients_ = &gradients;
}

void HistogramBuilder::gather(std::span<const std::uint32_t> rows) {
  const auto take = [&](const std::vector<std::int64_t>& from, std::vector<std::int64_t>& to) {
    to.resize(std::max(to.size(), rows.size()));
    parts_.for_each_range(rows.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) to[i] = from[rows[i]];
    });
  };
  take(gradients_->first, ordered_);
  if (wide()) take(gradients_->second, ordered_second_);
}

bool HistogramBuilder::build(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows);
  return parts_.for_each(rows.size(), [&](std::size_t part) {
    for (std::size_t plane = 0; plane < planes(); ++plane) {
      const HistogramParts::Range range = range_of(part, plane);
      std::memset(histogram + range.begin, 0, range.size * sizeof(std::int64_t));
    }
    return add_part(rows, part, histogram);
  });
}

bool HistogramBuilder::add_part(std::span<const std::uint32_t> rows, std::size_t part, std::int64_t* histogram) const {
  for (std::size_t plane = 0; plane < planes(); ++plane) {
    std::int64_t* out = histogram + range_of(part, plane).begin;
    const std::int64_t* gradients = plane == 0 ? ordered_.data() : ordered_second_.data();
    const bool done = parts_.for_each_block(rows.size(), part, [&](std::size_t first, std::size_t count) {
      add_rows(rows.subspan(first, count), part, gradients + first, out);
    });
    if (!done) return false;
  }
  return true;
}

void HistogramBuilder::add_rows(std::span<const std::uint32_t> rows, std::size_t part, const std::int64_t* gradients,
                                std::int64_t* out) const {
  const BinnedTable& bins = parts_.bins();
  const ActiveGroup* active = parts_.group(part);
  if (active == nullptr) return bins.sparse().add(rows, gradients, 1, out);
  const auto& group = bins.groups()[active->group];
  if (group.wide) return kernels().build_wide(bins.wide_codes(group), rows.data(), rows.size(), gradients, out);
  const auto lanes = static_cast<int>(active->lanes.size());
  if (group.categorical)
    kernels().build_categories(bins.words(group), rows.data(), rows.size(), gradients, out, group.starts.data(),
                               active->lanes.data(), lanes);
  else kernels().build(bins.words(group), rows.data(), rows.size(), gradients, out, active->lanes.data(), lanes);
}

bool HistogramBuilder::take_out(std::span<const std::uint32_t> rows, std::int64_t* histogram) {
  gather(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) ordered_[i] = -ordered_[i];
  if (wide())
    for (std::size_t i = 0; i < rows.size(); ++i) ordered_second_[i] = -ordered_second_[i];
  for (std::size_t part = 0; part < parts_.size(); ++part)
    if (!add_part(rows, part, histogram)) return false;
  return true;
}

void HistogramBuilder::subtract(std::int64_t* parent, const std::int64_t* child) const {
  for (std::size_t part = 0; part < parts_.size(); ++part)
    for (std::size_t plane = 0; plane < planes(); ++plane) {
      const HistogramParts::Range range = range_of(part, plane);
      kernels().subtract(parent + range.begin, child + range.begin, range.size);
    }
}

PackedSum HistogramBuilder::sum(std::span<const std::uint32_t> rows) const {
  std::atomic<std::int64_t> first = 0, second = 0;  // integers: in any order
  parts_.for_each_range(rows.size(), [&](std::size_t begin, std::size_t end) {
    std::int64_t a = 0, b = 0;
    for (std::uint32_t row : rows.subspan(begin, end - begin)) a += gradients_->first[row];
    if (wide())
      for (std::uint32_t row : rows.subspan(begin, end - begin)) b += gradients_->second[row];
    first += a;
    second += b;
  });
  return {first, second};
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
