#include "neighbor_search.hpp"

#include <algorithm>
#include <cmath>

namespace automill::neighbors {
namespace {

constexpr float largest_float = std::numeric_limits<float>::max();

float rounded_up(double value) {
  const auto near = static_cast<float>(value);
  return static_cast<double>(near) < value ? std::nextafter(near, largest_float) : near;
}

std::size_t panels_of(std::size_t points) { return (points + panel_rows - 1) / panel_rows; }

}  // namespace

std::uint64_t Search::bytes(std::size_t points, std::size_t coordinates, std::size_t categories) {
  return 4 * panel_rows * panels_of(points) * (coordinates + categories + 2);
}

Search::Search(const NeighborPoints& points) : points_(&points), panels_(panels_of(points.size)) {
  const std::size_t coordinates = points.coordinates, categories = points.categories();
  // roundings: of both numbers of a product, of the product and the sum (two without fused multiply-adds), of codes,
  // of the norm and the limit; two more so that equal distances stay together
  rounding_ = static_cast<double>(2 * coordinates + categories + 12) * 0x1p-24;
  all_codes_ = 0;
  for (double weight : points.code_weights) {
    all_codes_ += weight / 2;
    code_weights_.push_back(static_cast<float>(weight / 2));
  }
  numbers_.assign(panels_ * coordinates * panel_rows, 0.0F);
  codes_.assign(panels_ * categories * panel_rows, 0.0F);
  starts_.assign(panels_ * panel_rows, std::numeric_limits<float>::infinity());
  slacks_.assign(panels_ * panel_rows, 0.0F);
  for (std::size_t i = 0; i < points.size; ++i) {
    const std::size_t panel = i / panel_rows, row = i % panel_rows;
    double norm = 0;
    for (std::size_t d = 0; d < coordinates; ++d) {
      const double x = points.numbers[i * coordinates + d];
      norm += x * x;
      numbers_[(panel * coordinates + d) * panel_rows + row] = static_cast<float>(x);
    }
    for (std::size_t c = 0; c < categories; ++c)
      codes_[(panel * categories + c) * panel_rows + row] = static_cast<float>(points.codes[i * categories + c]);
    starts_[i] = static_cast<float>(norm * (0.5 - rounding_));
    slacks_[i] = rounded_up(2 * rounding_ * norm);
  }
}

double Search::squared_distance(const double* numbers, const std::int32_t* codes, std::size_t point) const {
  const std::size_t coordinates = points_->coordinates, categories = points_->categories();
  const double* own = points_->numbers.data() + point * coordinates;
  const std::int32_t* own_codes = points_->codes.data() + point * categories;
  double sum = 0;
  for (std::size_t d = 0; d < coordinates; ++d) sum += (numbers[d] - own[d]) * (numbers[d] - own[d]);
  for (std::size_t c = 0; c < categories; ++c) sum += codes[c] == own_codes[c] ? 0.0 : points_->code_weights[c];
  return sum;
}

void Search::prepare(const Queries& queries, std::size_t k, Scratch& scratch) const {
  const std::size_t coordinates = points_->coordinates, categories = points_->categories();
  const std::size_t groups = (queries.count + group_rows - 1) / group_rows;
  scratch.numbers.assign(groups * coordinates * group_rows, 0.0F);
  scratch.codes.assign(groups * categories * group_rows, 0.0F);
  scratch.limits.assign(groups * group_rows, -largest_float);
  scratch.scores.resize(group_rows * panel_rows);
  if (scratch.queries.size() < queries.count) scratch.queries.resize(queries.count);
  if (scratch.found.size() < queries.count) scratch.found.resize(queries.count);
  for (std::size_t q = 0; q < queries.count; ++q) {
    const std::size_t group = q / group_rows, place = q % group_rows;
    double norm = 0;
    for (std::size_t d = 0; d < coordinates; ++d) {
      const double x = queries.numbers[q * coordinates + d];
      norm += x * x;
      scratch.numbers[(group * coordinates + d) * group_rows + place] = -static_cast<float>(x);
    }
    for (std::size_t c = 0; c < categories; ++c)
      scratch.codes[(group * categories + c) * group_rows + place] =
          static_cast<float>(queries.codes[q * categories + c]);
    scratch.limits[q] = largest_float;
    Scratch::Query& query = scratch.queries[q];
    query.slack = 2 * rounding_ * (norm / 2 + all_codes_);
    query.most = 4 * k + 64;
    query.candidates.clear();
  }
}

/// Takes out what cannot be among the nearest, and lowers the limit.
void Search::sift(Scratch::Query& query, std::size_t k, std::vector<float>& uppers) const {
  auto& candidates = query.candidates;
  query.limit = largest_float;
  if (candidates.size() <= k) return;
  uppers.clear();
  for (const auto& [lower, point] : candidates) uppers.push_back(lower + slacks_[point]);
  std::nth_element(uppers.begin(), uppers.begin() + static_cast<std::ptrdiff_t>(k) - 1, uppers.end());
  const double upper = uppers[k - 1];  // the additions above and below are among the roundings that were counted
  query.limit = rounded_up(upper + query.slack);
  std::erase_if(candidates, [&](const auto& each) { return each.first > query.limit; });
  query.most = std::max(query.most, 2 * candidates.size());
}

void Search::scan(const Queries& queries, std::size_t group, std::size_t panel, std::size_t k, Scratch& scratch) const {
  const std::size_t coordinates = points_->coordinates, categories = points_->categories();
  const std::size_t first = group * group_rows, count = std::min(group_rows, queries.count - first);
  std::uint32_t masks[group_rows];
  const PanelInput input{.coordinates = coordinates,
                         .categories = categories,
                         .queries = scratch.numbers.data() + first * coordinates,
                         .query_codes = scratch.codes.data() + first * categories,
                         .points = numbers_.data() + panel * coordinates * panel_rows,
                         .point_codes = codes_.data() + panel * categories * panel_rows,
                         .starts = starts_.data() + panel * panel_rows,
                         .code_weights = code_weights_.data(),
                         .limits = scratch.limits.data() + first,
                         .scores = scratch.scores.data(),
                         .masks = masks};
  (count == 1 ? panel_kernels().one : panel_kernels().group)(input);
  for (std::size_t q = 0; q < count; ++q) {
    Scratch::Query& query = scratch.queries[first + q];
    for (std::uint32_t mask = masks[q]; mask != 0; mask &= mask - 1) {
      const auto row = static_cast<std::uint32_t>(__builtin_ctz(mask));
      const auto point = static_cast<std::uint32_t>(panel * panel_rows + row);
      if (!queries.left_out.empty() && queries.left_out[first + q] == point) continue;
      query.candidates.emplace_back(scratch.scores[q * panel_rows + row], point);
    }
    if (query.candidates.size() < query.most) continue;
    sift(query, k, scratch.uppers);
    scratch.limits[first + q] = query.limit;
  }
}

void Search::decide(const Queries& queries, std::size_t q, std::size_t k, Scratch& scratch) const {
  Scratch::Query& query = scratch.queries[q];
  sift(query, k, scratch.uppers);
  const double* numbers = queries.numbers.data() + q * points_->coordinates;
  const std::int32_t* codes = queries.codes.data() + q * points_->categories();
  std::vector<Neighbor>& found = scratch.found[q];
  found.clear();
  for (const auto& candidate : query.candidates)
    found.push_back({squared_distance(numbers, codes, candidate.second), candidate.second});
  const auto nearer = [](const Neighbor& a, const Neighbor& b) {
    return a.squared_distance != b.squared_distance ? a.squared_distance < b.squared_distance : a.point < b.point;
  };
  if (found.size() > k) {
    const auto last = found.begin() + static_cast<std::ptrdiff_t>(k) - 1;
    std::nth_element(found.begin(), last, found.end(), nearer);
    const double farthest = last->squared_distance * (1 + same_distance);
    std::erase_if(found, [&](const Neighbor& each) { return each.squared_distance > farthest; });
  }
  std::sort(found.begin(), found.end(), nearer);
}

bool Search::find(const Queries& queries, std::size_t k, Scratch& scratch, const StopToken& stop) const {
  prepare(queries, k, scratch);
  constexpr std::size_t chunk_bytes = 128 << 10;  // of points, which stay in the second cache for all queries
  const std::size_t panel_bytes = 4 * panel_rows * (points_->coordinates + points_->categories() + 2);
  const std::size_t chunk = std::max<std::size_t>(1, chunk_bytes / panel_bytes);
  const std::size_t groups = (queries.count + group_rows - 1) / group_rows;
  for (std::size_t begin = 0; begin < panels_; begin += chunk) {
    if (stop.stop_requested()) return false;
    const std::size_t end = std::min(panels_, begin + chunk);
    for (std::size_t group = 0; group < groups; ++group)
      for (std::size_t panel = begin; panel < end; ++panel) scan(queries, group, panel, k, scratch);
  }
  for (std::size_t q = 0; q < queries.count; ++q) {
    if (q % 16 == 0 && stop.stop_requested()) return false;
    decide(queries, q, k, scratch);
  }
  return true;
}

}  // namespace automill::neighbors
