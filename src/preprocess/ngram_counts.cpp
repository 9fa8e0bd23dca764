#include "ngram_counts.hpp"

#include <cmath>

#include "column_statistics.hpp"
#include "tf_idf_fitted.hpp"

namespace automill {
namespace {

constexpr int value_bits = 20;
constexpr std::size_t piece_rows = 4096;  // fewer are not worth a table of their own

/// Calls body(piece, begin, end) for as many pieces of the rows as run side by side. Returns how many there are.
template <class Body>
std::size_t for_each_piece(const RunContext& context, std::size_t rows, const Body& body) {
  const auto width = static_cast<std::size_t>(context.executor().width());
  const std::size_t pieces = std::max<std::size_t>(1, std::min(width, rows / piece_rows));
  context.executor().run(pieces,
                         [&](std::size_t piece) { body(piece, piece * rows / pieces, (piece + 1) * rows / pieces); });
  return pieces;
}

/// Counts by open addressing, at most five eighths full.
class CountTable {
 public:
  CountTable(MemoryMeter* memory) : claim_(memory, smallest * sizeof(NgramCount), "n-gram counts"), cells_(smallest) {}

  /// A row's n-grams; those that it holds more than once count once. The cells are fetched ahead: most are in no cache.
  void add_row(std::span<const std::uint64_t> hashes, std::uint32_t row, std::int64_t units) {
    constexpr std::size_t ahead = 12;
    if (8 * (used_ + hashes.size()) > 5 * cells_.size()) grow(used_ + hashes.size());
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (i + ahead < hashes.size()) __builtin_prefetch(&cells_[hashes[i + ahead] & (cells_.size() - 1)], 1);
      NgramCount& cell = cell_of(hashes[i]);
      if (cell.last == row + 1) continue;
      if (cell.last == 0) {
        cell = {hashes[i], 0, row, 0};
        ++used_;
      }
      cell.rows += units;
      cell.last = row + 1;
    }
  }
  /// Counts of later rows.
  void merge(const CountTable& later) {
    if (8 * (used_ + later.used_) > 5 * cells_.size()) grow(used_ + later.used_);
    for (const NgramCount& other : later.cells_) {
      if (other.last == 0) continue;
      NgramCount& cell = cell_of(other.hash);
      if (cell.last == 0) {
        cell = other;
        ++used_;
      } else {
        cell.rows += other.rows;
        cell.last = other.last;
      }
    }
  }
  std::vector<NgramCount> counts(std::int64_t fewest, std::int64_t most) const {
    std::vector<NgramCount> kept;
    for (const NgramCount& cell : cells_)
      if (cell.last != 0 && cell.rows >= fewest && cell.rows <= most) kept.push_back(cell);
    return kept;
  }

 private:
  static constexpr std::size_t smallest = 1024;

  NgramCount& cell_of(std::uint64_t hash) {
    std::size_t at = hash & (cells_.size() - 1);
    while (cells_[at].last != 0 && cells_[at].hash != hash) at = (at + 1) & (cells_.size() - 1);
    return cells_[at];
  }
  void grow(std::size_t wanted) {
    std::size_t size = cells_.size();
    while (8 * wanted > 5 * size) size *= 2;
    if (!claim_.try_grow((size + cells_.size()) * sizeof(NgramCount)))
      throw Error("memory.limit", "n-gram counts", std::to_string(used_) + " distinct n-grams do not fit",
                  "raise memory_limit, or use shorter n-grams");
    std::vector<NgramCount> old(size);
    old.swap(cells_);
    for (const NgramCount& cell : old)
      if (cell.last != 0) cell_of(cell.hash) = cell;
  }

  MemoryClaim claim_;
  std::vector<NgramCount> cells_;
  std::size_t used_ = 0;
};

}  // namespace

RowUnits::RowUnits(const DatasetView& train) {
  const std::vector<double> counts = row_counts(train);
  total = static_cast<std::int64_t>(train.rows());
  if (counts.empty()) return;
  double sum = 0;
  for (double count : counts) sum += count;
  scale = std::ldexp(1.0, std::min(20, 40 - std::ilogb(sum)));
  total = 0;
  for (double count : counts) {
    units.push_back(std::llrint(count * scale));
    total += units.back();
  }
}

std::vector<NgramCount> count_ngrams(const DatasetView& train, std::size_t column, const NgramRule& rule,
                                     const RowUnits& units, NgramLimits limits, const RunContext& context) {
  const TableView rows = train.features();
  std::vector<std::unique_ptr<CountTable>> tables(static_cast<std::size_t>(context.executor().width()));
  const std::size_t pieces =
      for_each_piece(context, train.rows(), [&](std::size_t piece, std::size_t begin, std::size_t end) {
        tables[piece] = std::make_unique<CountTable>(context.memory);
        std::vector<std::uint64_t> hashes;
        for (std::size_t i = begin; i < end; ++i) {
          if (i % 64 == 0) context.stop.throw_if_requested();
          if (units.of(i) == 0) continue;
          hashes.clear();
          for_each_ngram(rows.text(column, i), rule, [&](std::uint64_t hash) { hashes.push_back(hash); });
          tables[piece]->add_row(hashes, static_cast<std::uint32_t>(i), units.of(i));
        }
      });
  for (std::size_t piece = 1; piece < pieces; ++piece) {
    context.stop.throw_if_requested();
    tables[0]->merge(*tables[piece]);
    tables[piece].reset();
  }
  return tables[0]->counts(limits.fewest, limits.most);
}

namespace {

/// The targets as integers: a class, or outputs of numbers from 0 to 2^20.
class IntegerTargets {
 public:
  explicit IntegerTargets(const DatasetView& train)
      : train_(&train), classes_(is_classification(train.task())), width_(train.target().width()) {
    if (classes_) return;
    for (std::size_t k = 0; k < width_; ++k) {
      double least = 0, greatest = 0;
      for (std::size_t i = 0; i < train.rows(); ++i) {
        least = i == 0 ? train.value(i, k) : std::min(least, train.value(i, k));
        greatest = i == 0 ? train.value(i, k) : std::max(greatest, train.value(i, k));
      }
      least_.push_back(least);
      ranges_.push_back(greatest / 2 - least / 2);
    }
  }
  std::size_t width() const { return width_; }
  /// Calls visit(k, integer) for what is not 0.
  template <class Visit>
  void visit(std::size_t i, const Visit& visit) const {
    if (classes_) return visit(static_cast<std::size_t>(train_->label(i)), std::int64_t{1});
    for (std::size_t k = 0; k < width_; ++k) {
      const double place = ranges_[k] > 0 ? (train_->value(i, k) / 2 - least_[k] / 2) / ranges_[k] : 0;
      visit(k, std::llrint(std::ldexp(place, value_bits)));
    }
  }

 private:
  const DatasetView* train_;
  bool classes_;
  std::size_t width_;
  std::vector<double> least_{}, ranges_{};  ///< halves, so that they are finite
};

}  // namespace

TargetCounts::TargetCounts(const DatasetView& train, std::size_t column, const NgramRule& rule, const RowUnits& units,
                           std::span<const std::uint64_t> hashes, const RunContext& context)
    : classes_(is_classification(train.task())) {
  const IntegerTargets targets(train);
  const std::size_t width = targets.width();
  totals_.assign(width, 0);
  squares_.assign(width, 0.0);
  for (std::size_t i = 0; i < train.rows(); ++i)
    targets.visit(i, [&](std::size_t k, std::int64_t value) { totals_[k] += units.of(i) * value; });
  if (!classes_) {
    std::vector<std::int64_t> squares(width, 0);  // in units of 2^20, so that their sum fits
    for (std::size_t i = 0; i < train.rows(); ++i)
      targets.visit(i, [&](std::size_t k, std::int64_t value) {
        const double distance =
            static_cast<double>(value) - static_cast<double>(totals_[k]) / static_cast<double>(units.total);
        squares[k] += units.of(i) * std::llrint(std::ldexp(distance * distance, -value_bits));
      });
    for (std::size_t k = 0; k < width; ++k) squares_[k] = std::ldexp(static_cast<double>(squares[k]), value_bits);
  }
  const std::size_t size = hashes.size() * width;
  const auto threads = static_cast<std::size_t>(context.executor().width());
  const MemoryClaim claim(context.memory, 8 * size * threads + 20 * hashes.size(), "n-gram counts of the classes");
  const NgramIndex index(hashes);
  const TableView rows = train.features();
  std::vector<std::vector<std::int64_t>> counts(threads);
  const std::size_t pieces =
      for_each_piece(context, train.rows(), [&](std::size_t piece, std::size_t begin, std::size_t end) {
        counts[piece].assign(size, 0);
        std::vector<std::uint32_t> last(hashes.size(), 0);
        for (std::size_t i = begin; i < end; ++i) {
          if (i % 64 == 0) context.stop.throw_if_requested();
          for_each_ngram(rows.text(column, i), rule, [&](std::uint64_t hash) {
            const std::uint32_t place = index.find(hash);
            if (place == NgramIndex::none || last[place] == i + 1) return;
            last[place] = static_cast<std::uint32_t>(i + 1);
            targets.visit(
                i, [&](std::size_t k, std::int64_t value) { counts[piece][place * width + k] += units.of(i) * value; });
          });
        }
      });
  counts_ = std::move(counts[0]);
  for (std::size_t piece = 1; piece < pieces; ++piece)
    for (std::size_t i = 0; i < size; ++i) counts_[i] += counts[piece][i];
}

double TargetCounts::score(std::size_t ngram, std::int64_t rows, std::int64_t all_rows) const {
  const auto held = static_cast<double>(rows), all = static_cast<double>(all_rows);
  double score = 0;
  for (std::size_t k = 0; k < width(); ++k) {
    const double expected = static_cast<double>(totals_[k]) * (held / all);
    const double distance = static_cast<double>(of(ngram, k)) - expected;
    if (classes_ && expected > 0) score += distance * distance / expected;
    const double variation = squares_[k] * held * (1 - held / all);
    if (!classes_ && variation > 0) score += distance * distance / variation;
  }
  return score;
}

}  // namespace automill
