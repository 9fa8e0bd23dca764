#pragma once
// Columns as small integers. One binned copy serves every fold, configuration and tree learner: it is made of all rows
// of a table (no target is used) and shared through RunContext::cache.
//
//   auto bins = shared_bins(dataset, 255, context);
//   bins->mappings()[3].bin(17.5);               // bin of a value
//
// Numbers: bin 0 is missing, bin 1 + i holds the values up to edge i (and above edge i - 1). Categories: bin 0 is
// "other" - rare categories and those that training did not see -, the rest is in the order of frequency, a missing
// value counting as a category. Trees keep edges, so raw and binned predictions agree bit for bit.

#include <automill/core/dataset.hpp>
#include <automill/core/run_context.hpp>
#include <automill/learners/tree/sparse_columns.hpp>

namespace automill::tree {

/// Two category columns as one: bin i + 1 is the pair of bins keys[i], bin 0 any other pair.
struct CrossedBins {
  std::uint32_t first = 0, second = 0;  ///< their mappings, both before its own
  std::vector<std::uint32_t> keys{};    ///< ascending: bin of the first * bins of the second + bin of the second
};

/// How values of one column become bins.
struct BinMapping {
  bool categorical = false;
  std::vector<double> edges{};               ///< numbers: ascending upper bounds; the last bin has none
  std::vector<std::uint16_t> bin_of_code{};  ///< categories: by dictionary code
  std::uint16_t missing_bin = 0;             ///< categories
  std::size_t bins = 1;                      ///< with bin 0

  bool has_missing = false;  ///< numbers: some value is missing
  /// Numbers that are kept as SparseColumns: the bin of most cells.
  std::optional<std::uint16_t> usual_bin{};

  std::optional<CrossedBins> cross{};  ///< its codes are not kept: columns are derived from it

  /// A column derived from a category column or a cross, whose codes 1, 2 ... are ordered as a number's: that column,
  /// and the code of each of its bins.
  std::optional<std::uint32_t> source{};
  std::vector<std::uint16_t> code_of_bin{};

  /// Nothing to split on.
  bool constant() const {
    if (source) return bins <= 2;
    return categorical ? bins <= 2 : edges.empty() && !has_missing;
  }

  /// Bin of a cell (a category's code for categories). O(log edges).
  AUTOMILL_EXPORT std::size_t bin(double value) const;
};

struct BinningOptions {
  std::size_t max_bin = 255;          ///< bins of a number beside the missing bin
  std::size_t min_rows_in_bin = 3;    ///< numbers: fewer sampled rows are put together with neighbours
  std::size_t sample = 100'000;       ///< rows from which edges are found: those with the smallest keys
  std::size_t max_categories = 4096;  ///< categories of a column that get a bin of their own
  double sparse_share = 0.9;          ///< numbers with so many cells in one bin are kept as SparseColumns
  std::size_t min_sparse = 32;        ///< where there are so many of them; fewer gain nothing
};

/// Distinct values, ascending, and how often each is there.
struct ValueCounts {
  std::vector<double> values{};
  std::vector<std::size_t> counts{};
  AUTOMILL_EXPORT static ValueCounts of(std::span<const double> sorted);
};

/// Edges of sampled values without missing ones (LightGBM's greedy rule: few distinct values are exact, values that
/// would fill a bin get one alone).
AUTOMILL_EXPORT std::vector<double> find_edges(const ValueCounts& sample, const BinningOptions& options);

/// The binned copy of a table: eight columns side by side in blocks of 64-bit words, wide columns (more than 256 bins)
/// apart, and columns with few cells outside one bin as SparseColumns. Columns with one bin are left out.
class BinnedTable {
 public:
  static constexpr std::size_t narrow_bins = 256;
  static constexpr std::uint32_t sparse_group = ~std::uint32_t{0};  ///< where a group is named: the sparse columns
  /// Columns whose codes lie together. lanes() columns; `bins` is the largest of them.
  struct Group {
    std::vector<std::uint32_t> columns{};
    bool categorical = false, wide = false;
    std::size_t bins = 0;
    std::size_t offset = 0;                 ///< of its histogram
    std::size_t data = 0;                   ///< of its codes, in words of narrow or wide codes
    bool shared = false;                    ///< its codes are those of the table that this one extends
    std::array<std::uint32_t, 8> starts{};  ///< where each lane's sums begin, from the offset on, where lanes are apart
    std::size_t entries = 0;                ///< of its histogram
    /// Of the sum of a bin: numbers have eight lanes side by side, as their kernels read them; categories lie lane by
    /// lane, since their numbers of bins differ.
    std::size_t entry(std::size_t bin, std::size_t lane) const {
      if (wide) return offset + bin;
      return categorical ? offset + starts[lane] + bin : offset + bin * 8 + lane;
    }
  };

  /// Bins for all rows. `keys`: one a row, which choose the sample. Throws StoppedWhileBinning when the context stops.
  AUTOMILL_EXPORT static std::shared_ptr<const BinnedTable> make(const Table& table,
                                                                 std::span<const std::uint64_t> keys,
                                                                 const BinningOptions& options,
                                                                 const RunContext& context);
  /// Other rows with the same mappings; `rows` has the schema of the table that the mappings came from.
  AUTOMILL_EXPORT std::shared_ptr<const BinnedTable> like(const TableView& rows, const RunContext& context) const;

  /// A table with further narrow columns behind those of `table`, whose codes both share, and behind their crosses.
  /// `codes`: [derived][row].
  AUTOMILL_EXPORT static std::shared_ptr<const BinnedTable> extend(std::shared_ptr<const BinnedTable> table,
                                                                   const std::vector<BinMapping>& crosses,
                                                                   const std::vector<BinMapping>& derived,
                                                                   std::span<const std::uint8_t> codes);

  std::size_t rows() const { return rows_; }
  const std::vector<BinMapping>& mappings() const { return *mappings_; }
  const std::vector<Group>& groups() const { return groups_; }
  std::size_t histogram_size() const { return histogram_size_; }
  const std::uint64_t* words(const Group& group) const {
    return (group.shared ? extended_->words_ : words_).get() + group.data;
  }
  const std::uint16_t* wide_codes(const Group& group) const {
    return (group.shared ? extended_->wide_ : wide_).get() + group.data;
  }
  const SparseColumns& sparse() const { return *sparse_; }
  /// Of the sparse columns' entries in a histogram; they come last among a table's own columns.
  std::size_t sparse_offset() const { return sparse_offset_; }
  std::size_t code(const Group& group, std::size_t lane, std::size_t row) const {
    return group.wide ? wide_codes(group)[row] : (words(group)[row] >> (8 * lane)) & 255;
  }
  /// Bytes that a copy takes while it is made.
  static std::uint64_t estimate_bytes(const Table& table);

 private:
  void lay_out();
  void fill(const TableView& rows, const RunContext& context);
  void fill_group(const Group& group, const TableView& rows, std::size_t begin, std::size_t end);
  void fill_sparse(SparseColumns& sparse, const TableView& rows, const RunContext& context) const;

  std::size_t rows_ = 0, histogram_size_ = 0, sparse_offset_ = 0;
  std::shared_ptr<const std::vector<BinMapping>> mappings_;
  std::vector<Group> groups_;
  std::shared_ptr<const SparseColumns> sparse_ = std::make_shared<const SparseColumns>();
  std::shared_ptr<const BinnedTable> extended_;  ///< null: all codes are its own
  std::unique_ptr<std::uint64_t[]> words_;
  std::unique_ptr<std::uint16_t[]> wide_;
};

/// The run was stopped before the bins were ready.
struct StoppedWhileBinning {};
inline void check_stop(const RunContext& context) {
  if (context.stop.stop_requested()) throw StoppedWhileBinning{};
}

/// Binned columns of a dataset, shared through the context's cache where there is one.
AUTOMILL_EXPORT std::shared_ptr<const BinnedTable> shared_bins(const Dataset& dataset, std::size_t max_bin,
                                                               const RunContext& context);

}  // namespace automill::tree
