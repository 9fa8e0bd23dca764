#include "linear_design.hpp"

#include <cmath>

#include "data/row_cells.hpp"
#include "learners/row_weights.hpp"

namespace automill::linear {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::size_t block_rows = 4096;  // of the scans: a column of it stays in the first cache

/// Values of a column for ascending row numbers. A range is read at once, and so is a list with few gaps.
void read_rows(const Column& column, std::span<const std::uint32_t> rows, std::vector<double>& scratch, double* out) {
  const std::size_t first = rows.front(), range = rows.back() - first + 1;
  if (range == rows.size()) return column.numbers(first, range, out);
  if (range > 4 * rows.size()) return column.gather(rows, out);
  if (scratch.size() < range) scratch.resize(range);
  column.numbers(first, range, scratch.data());
  for (std::size_t i = 0; i < rows.size(); ++i) out[i] = scratch[rows[i] - first];
}

std::uint64_t target_hash(const DatasetView& train, std::size_t i) {
  if (is_classification(train.task())) return static_cast<std::uint64_t>(train.label(i));
  return std::bit_cast<std::uint64_t>(train.value(i) == 0 ? 0.0 : train.value(i));
}

}  // namespace

/// Weighted mean and sum of squared distances from it, of values in units of the column's largest magnitude.
struct Design::Moments {
  double weight = 0, mean = 0, squares = 0, nonzero = 0;  ///< nonzero: weight of those values
  bool two_valued = true;

  /// Chan, Golub & LeVeque 1979.
  void add(const Moments& other) {
    two_valued = two_valued && other.two_valued;
    nonzero += other.nonzero;
    if (other.weight == 0) return;
    const double total = weight + other.weight, delta = other.mean - mean;
    mean += delta * (other.weight / total);
    squares += other.squares + delta * delta * (weight * other.weight / total);
    weight = total;
  }
};

double Design::Scaling::lower() const { return std::max(smallest - (largest - smallest), -1e300); }
double Design::Scaling::upper() const { return std::min(largest + (largest - smallest), 1e300); }
double Design::Scaling::unit() const { return std::max(std::abs(lower()), std::abs(upper())); }

/// What the first pass finds in a block of rows.
struct Design::Scan {
  struct Column {
    double smallest = infinity, largest = -infinity;
    std::size_t missing = 0, nonzero = 0;
  };
  std::vector<Column> columns;

  explicit Scan(std::size_t size) : columns(size) {}

  void add(const Design& design, const Table& features, std::span<const std::uint32_t> rows, std::uint64_t* hashes,
           const RunContext& context) {
    std::vector<double> values(rows.size()), scratch;
    for (std::size_t j = 0; j < features.size(); ++j) {
      if (design.kept_only(j)) continue;
      context.stop.throw_if_requested();
      read_rows(features[j], rows, scratch, values.data());
      const std::uint64_t salt = mix64(j + 1);
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (values[i] != 0) add_value(columns[j], values[i], hashes[i], salt);
      add_zeros(columns[j], rows.size());
    }
  }
  static void add_value(Column& found, double value, std::uint64_t& hash, std::uint64_t salt) {
    hash += mix64(std::bit_cast<std::uint64_t>(value) ^ salt);
    ++found.nonzero;
    if (std::isnan(value)) ++found.missing;
    if (!std::isfinite(value)) return;
    found.smallest = value < found.smallest ? value : found.smallest;
    found.largest = value > found.largest ? value : found.largest;
  }
  static void add_zeros(Column& found, std::size_t rows) {
    if (found.nonzero == rows) return;
    found.smallest = std::min(found.smallest, 0.0);
    found.largest = std::max(found.largest, 0.0);
  }
};

/// The same of columns that are read by their kept cells.
void Design::scan_kept(const Table& features, const std::vector<std::uint32_t>& places, std::size_t rows,
                       std::vector<std::uint64_t>& hashes, Scan& found, const RunContext& context) const {
  for (std::size_t j = 0; j < features.size(); ++j) {
    if (!kept_only(j)) continue;
    if (j % 256 == 0) context.stop.throw_if_requested();
    const std::uint64_t salt = mix64(j + 1);
    Scan::Column& column = found.columns[j];
    features[j].for_each_stored([&](std::size_t row, double value) {
      const std::uint32_t i = places[row];
      if (i != row_cells_detail::absent && value != 0) Scan::add_value(column, value, hashes[i], salt);
    });
    Scan::add_zeros(column, rows);
  }
}

Design::Design(const DatasetView& train, bool standardize, const RunContext& context) {
  const Table& features = train.dataset().features;
  const std::size_t n = train.rows(), blocks = (n + block_rows - 1) / block_rows;
  const MemoryClaim claim(context.memory, 24 * n, "row hashes");
  std::vector<std::uint64_t> hashes(n);
  Places places;
  for (const auto& column : features.columns()) kept_.push_back(column->sparse() ? 1 : 0);
  if (std::find(kept_.begin(), kept_.end(), 1) != kept_.end()) places = row_cells_detail::places_of(train.features());
  if (!places) kept_.clear();
  std::vector<std::optional<Scan>> scans(blocks);
  for_each_block(context.executor(), n, block_rows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) hashes[i] = mix64(target_hash(train, i));
    scans[begin / block_rows].emplace(features.size());
    scans[begin / block_rows]->add(*this, features, train.row_numbers().subspan(begin, end - begin),
                                   hashes.data() + begin, context);
  });
  if (places) {
    scans.emplace_back(features.size());
    scan_kept(features, *places, n, hashes, *scans.back(), context);
  }
  Faults faults;
  scalings_.resize(features.size());
  for (std::size_t j = 0; j < features.size(); ++j) {
    Scan::Column all;
    for (const auto& scan : scans) {
      all.smallest = std::min(all.smallest, scan->columns[j].smallest);
      all.largest = std::max(all.largest, scan->columns[j].largest);
      all.missing += scan->columns[j].missing;
      all.nonzero += scan->columns[j].nonzero;
    }
    if (all.missing > 0)
      faults.add("fit.missing", features[j].name(), std::to_string(all.missing) + " values are missing",
                 "put Impute before a linear learner");
    const bool any = all.smallest <= all.largest;
    scalings_[j].smallest = any ? all.smallest : 0.0;
    scalings_[j].largest = any ? all.largest : 0.0;
    scalings_[j].nonzero = static_cast<double>(all.nonzero) / static_cast<double>(n);
  }
  faults.throw_if_any();
  context.stop.throw_if_requested();
  merge_copies(train, std::move(hashes));
  measure(train, standardize, context);
  context.stop.throw_if_requested();
}

void Design::merge_copies(const DatasetView& train, std::vector<std::uint64_t> hashes) {
  const std::size_t n = train.rows();
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return hashes[a] != hashes[b] ? hashes[a] < hashes[b] : a < b; });
  std::vector<std::uint32_t> first_copy(n);
  for (std::size_t i = 0, first = 0; i < n; ++i) {
    if (hashes[order[i]] != hashes[order[first]]) first = i;
    first_copy[order[i]] = order[first];
  }
  rows_.of_view_row.assign(n, -1);
  const double unit = weight_unit(train);
  for (std::size_t i = 0; i < n; ++i) {
    const double weight = train.weight(i) * unit;
    if (weight == 0) continue;
    std::int32_t& distinct = rows_.of_view_row[first_copy[i]];
    if (distinct < 0) {
      distinct = static_cast<std::int32_t>(rows_.rows.size());
      rows_.rows.push_back(train.row_numbers()[i]);
      rows_.keys_from.push_back(static_cast<std::uint32_t>(i));
      rows_.weights.push_back(0);
    }
    rows_.of_view_row[i] = distinct;
    rows_.weights[static_cast<std::size_t>(distinct)] += weight;
    rows_.total_weight += weight;
  }
  for (std::size_t i = 0; i < n; ++i)  // a first copy without weight stands for later ones, but is not one of them
    if (train.weight(i) * unit == 0) rows_.of_view_row[i] = -1;
  if (rows_.rows.empty()) throw Error("data.weight_invalid", "weights", "all weights are 0");
}

void Design::measure(const DatasetView& train, bool standardize, const RunContext& context) {
  const Table& features = train.dataset().features;
  const std::size_t n = rows_.size(), blocks = (n + block_rows - 1) / block_rows, columns = features.size();
  std::vector<Moments> moments(blocks * columns);
  const auto measure_block = [&](std::size_t begin, std::size_t end) {
    std::vector<double> values(end - begin), scratch;
    const std::span<const std::uint32_t> rows(rows_.rows.data() + begin, end - begin);
    const double* weights = rows_.weights.data() + begin;
    for (std::size_t j = 0; j < columns; ++j) {
      const Scaling& scaling = scalings_[j];
      if (!(scaling.smallest < scaling.largest) || kept_only(j)) continue;
      context.stop.throw_if_requested();
      const double unit = scaling.unit(), low = scaling.lower() / unit, high = scaling.upper() / unit;
      const double smallest = scaling.smallest / unit, largest = scaling.largest / unit;
      read_rows(features[j], rows, scratch, values.data());
      Moments& found = moments[begin / block_rows * columns + j];
      double sum = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        double value = values[i] / unit;
        value = value < low ? low : value > high ? high : value;
        values[i] = value;
        found.two_valued = found.two_valued && (value == smallest || value == largest);
        found.weight += weights[i];
        found.nonzero += value != 0 ? weights[i] : 0;
        sum += weights[i] * value;
      }
      found.mean = sum / found.weight;
      for (std::size_t i = 0; i < values.size(); ++i)
        found.squares += weights[i] * (values[i] - found.mean) * (values[i] - found.mean);
    }
  };
  for_each_block(context.executor(), n, block_rows, measure_block);
  if (!kept_.empty()) measure_kept(features, moments, context);
  for (std::size_t j = 0; j < columns; ++j) {
    Scaling& scaling = scalings_[j];
    Moments all;
    for (std::size_t block = 0; block < blocks; ++block) all.add(moments[block * columns + j]);
    const double unit = scaling.unit();
    const double deviation = all.weight > 0 ? std::sqrt(all.squares / all.weight) : 0;
    scaling.center = all.weight > 0 ? all.mean * unit : scaling.smallest;
    const double half_distance = 0.5 * (scaling.largest - scaling.smallest);
    const double own = all.two_valued ? half_distance : deviation * unit;
    // below that, what varies is rounding of a constant; 1 / scale must be finite too
    const bool varies = deviation > 1e-13 && std::isfinite(1 / own) && std::isfinite(own);
    scaling.deviation = deviation * unit;
    scaling.filled = all.weight > 0 ? all.nonzero / all.weight : 0;
    scaling.scale = !varies ? 0 : standardize ? own : 1;
  }
  if (standardize) share_scale(features);
}

/// Of columns that are read by their kept cells, into the first block.
void Design::measure_kept(const Table& features, std::vector<Moments>& moments, const RunContext& context) const {
  std::vector<double> weight_of(features.rows(), 0.0);
  for (std::size_t i = 0; i < rows_.size(); ++i) weight_of[rows_.rows[i]] = rows_.weights[i];
  for (std::size_t j = 0; j < features.size(); ++j) {
    const Scaling& scaling = scalings_[j];
    if (!kept_only(j) || !(scaling.smallest < scaling.largest)) continue;
    if (j % 256 == 0) context.stop.throw_if_requested();
    const double unit = scaling.unit(), low = scaling.lower() / unit, high = scaling.upper() / unit;
    const double smallest = scaling.smallest / unit, largest = scaling.largest / unit;
    const auto for_each_value = [&](const auto& visit) {
      features[j].for_each_stored([&](std::size_t row, double cell) {
        const double value = cell / unit, weight = weight_of[row];
        if (weight != 0 && value != 0) visit(value < low ? low : value > high ? high : value, weight);
      });
    };
    Moments& found = moments[j];
    double sum = 0;
    found.two_valued = scaling.smallest == 0 || scaling.largest == 0;
    for_each_value([&](double value, double weight) {
      found.two_valued = found.two_valued && (value == smallest || value == largest);
      found.nonzero += weight;
      sum += weight * value;
    });
    found.weight = rows_.total_weight;
    found.mean = sum / found.weight;
    found.squares = std::max(0.0, found.weight - found.nonzero) * found.mean * found.mean;
    for_each_value(
        [&](double value, double weight) { found.squares += weight * (value - found.mean) * (value - found.mean); });
  }
}

/// Half the root mean square of the cells of the columns that the table keeps as sparse is their scale.
void Design::share_scale(const Table& features) {
  double largest = 0, squares = 0, weights = 0;
  const auto for_each_sparse = [&](const auto& visit) {
    for (std::size_t j = 0; j < scalings_.size(); ++j)
      if (scalings_[j].scale > 0 && features[j].sparse()) visit(scalings_[j]);
  };
  for_each_sparse([&](const Scaling& s) { largest = std::max({largest, std::abs(s.smallest), std::abs(s.largest)}); });
  for_each_sparse([&](const Scaling& s) {  // mean square = variance + square of the mean, over all cells
    const double deviation = s.deviation / largest, center = s.center / largest;
    squares += deviation * deviation + center * center;
    weights += s.filled;
  });
  const double shared = 0.5 * largest * std::sqrt(squares / weights);
  if (!std::isfinite(shared) || !std::isfinite(1 / shared)) return;
  for_each_sparse([&](Scaling& s) { s.scale = shared; });
}

void Design::lay_out(Layout layout) {
  const auto is_sparse = [&](std::size_t j) {
    return layout == Layout::sparse_where_possible && scalings_[j].nonzero <= 0.1;
  };
  order_.clear();
  for (std::uint32_t j = 0; j < scalings_.size(); ++j)
    if (scalings_[j].scale > 0 && !is_sparse(j)) order_.push_back(j);
  dense_ = order_.size();
  for (const bool kept : {false, true}) {
    first_kept_ = order_.size();
    for (std::uint32_t j = 0; j < scalings_.size(); ++j)
      if (scalings_[j].scale > 0 && is_sparse(j) && kept_only(j) == kept) order_.push_back(j);
  }
  shifts_.assign(order_.size(), 0.0);
  for (std::size_t d = dense_; d < order_.size(); ++d)
    shifts_[d] = scalings_[order_[d]].center / scalings_[order_[d]].scale;
}

std::vector<double> Design::means() const {
  std::vector<double> result;
  for (std::uint32_t j : order_) result.push_back(scalings_[j].center / scalings_[j].scale);
  return result;
}

std::vector<double> Design::variances() const {
  std::vector<double> result;
  for (std::uint32_t j : order_) {
    const double deviation = scalings_[j].deviation / scalings_[j].scale;
    result.push_back(deviation * deviation);
  }
  return result;
}

/// A cell of a sparse column that is not 0.
double Design::sparse_value(std::size_t d, double value) const {
  const Scaling& scaling = scalings_[order_[d]];
  const double lower = scaling.lower(), upper = scaling.upper();
  const double clipped = value < lower ? lower : value > upper ? upper : value;
  return (std::isnan(clipped) ? scaling.center : clipped) * (1 / scaling.scale);
}

void Design::read(const Table& features, std::span<const std::uint32_t> rows, Tile& tile) const {
  read_columns(features, rows, order_.size(), {}, 0, tile);
}

void Design::read_positions(const Table& features, std::span<const std::uint32_t> positions, std::size_t tile,
                            Tile& out) const {
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = tile * tile_rows; i < std::min(positions.size(), (tile + 1) * tile_rows); ++i)
    numbers.push_back(rows_.rows[positions[i]]);
  read(features, numbers, out);
}

/// Design columns up to `end` from the table, the others from `kept`: row `first` of it is the first row.
void Design::read_columns(const Table& features, std::span<const std::uint32_t> rows, std::size_t end,
                          const RowCells& kept, std::size_t first, Tile& tile) const {
  tile.rows = rows.size();
  tile.dense.assign(tile_rows * dense_, 0.0);
  std::vector<double> scratch, values(tile_rows);
  struct Nonzero {
    std::uint32_t row, column;
    double value;
  };
  std::vector<Nonzero> nonzeros;
  for (std::size_t d = 0; d < end; ++d) {
    const Scaling& scaling = scalings_[order_[d]];
    const double lower = scaling.lower(), upper = scaling.upper(), center = scaling.center, factor = 1 / scaling.scale;
    double* out = d < dense_ ? tile.dense.data() + d * tile_rows : values.data();
    read_rows(features[order_[d]], rows, scratch, out);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (d >= dense_) {
        if (out[i] != 0)
          nonzeros.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(d), sparse_value(d, out[i])});
        continue;
      }
      const double value = out[i] < lower ? lower : out[i] > upper ? upper : out[i];
      out[i] = std::isnan(value) ? 0.0 : (value - center) * factor;
    }
  }
  if (!kept.starts.empty())
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t a = kept.starts[first + i]; a < kept.starts[first + i + 1]; ++a) {
        const std::size_t d = end + kept.columns[a];
        nonzeros.push_back(
            {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(d), sparse_value(d, kept.values[a])});
      }
  tile.starts.assign(tile_rows + 1, 0);
  for (const Nonzero& one : nonzeros) ++tile.starts[one.row + 1];
  for (std::size_t i = 0; i < tile_rows; ++i) tile.starts[i + 1] += tile.starts[i];
  tile.columns.resize(nonzeros.size());
  tile.values.resize(nonzeros.size());
  std::vector<std::uint32_t> next(tile.starts.begin(), tile.starts.end() - 1);
  for (const Nonzero& one : nonzeros) {  // in the order of columns, so that a row's columns are ascending
    tile.columns[next[one.row]] = one.column;
    tile.values[next[one.row]++] = one.value;
  }
}

std::optional<std::vector<Tile>> Design::read_tiles(const Table& features, std::span<const std::uint32_t> rows,
                                                    const RunContext& context) const {
  std::vector<Tile> tiles((rows.size() + tile_rows - 1) / tile_rows);
  std::atomic<bool> stopped{false};
  RowCells kept;
  if (first_kept_ < order_.size()) {
    try {
      kept = row_cells(TableView(features, rows), std::span(order_).subspan(first_kept_), context.stop);
    } catch (const Stopped&) {
      return std::nullopt;
    }
  }
  for_each_block(context.executor(), rows.size(), 16 * tile_rows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t first = begin; first < end; first += tile_rows) {
      if (context.stop.stop_requested()) stopped = true;
      if (stopped) return;
      read_columns(features, rows.subspan(first, std::min(tile_rows, end - first)), first_kept_, kept, first,
                   tiles[first / tile_rows]);
    }
  });
  if (stopped) return std::nullopt;
  return tiles;
}

std::uint64_t Design::tile_bytes(std::size_t rows) const {
  double nonzero = 0;
  for (std::size_t d = dense_; d < order_.size(); ++d) nonzero += scalings_[order_[d]].nonzero;
  const double bytes = static_cast<double>(rows + tile_rows) * (8.0 * static_cast<double>(dense_) + 12 * nonzero + 4);
  return static_cast<std::uint64_t>(bytes);
}

LinearState Design::make_state(Link link, std::span<const double> weights, std::span<const double> intercepts) const {
  const std::size_t scores = intercepts.size();
  LinearState state{.link = link};
  state.weights.assign(scalings_.size() * scores, 0.0);
  state.intercepts.assign(intercepts.begin(), intercepts.end());
  for (std::size_t d = 0; d < order_.size(); ++d)
    for (std::size_t k = 0; k < scores; ++k)
      state.weights[order_[d] * scores + k] = weights[d * scores + k] / scalings_[order_[d]].scale;
  for (const Scaling& scaling : scalings_) {
    state.centers.push_back(scaling.center);
    state.lower.push_back(scaling.lower());
    state.upper.push_back(scaling.upper());
  }
  return state;
}

}  // namespace automill::linear
