#pragma once
// Training rows as linear learners see them: distinct rows with their weights, columns brought to one scale, in tiles
// of 256 rows. Columns that are mostly 0 are kept as their nonzeros.
//
// A row in design coordinates is x_j = (value_j - center_j) / scale_j for each column that is not constant. Dense
// columns come first and are stored like that; sparse columns are stored as value_j / scale_j, and their center_j /
// scale_j (`shifts`) is taken off in the arithmetic.
//
// Columns that the table itself keeps as sparse belong together (n-grams, dummies): standardised, they share one scale,
// half the root mean square of their cells, so that rare ones are not blown up and weights between them (tf-idf) stay.
// For cells of 0 and 1 that is half of their distance, as for any column of two values.

#include <automill/core/dataset.hpp>
#include <automill/core/run_context.hpp>
#include <automill/learners/linear_model.hpp>

#include "linear_kernels.hpp"

namespace automill {
struct RowCells;
}

namespace automill::linear {

/// Up to 256 rows. Rows beyond `rows` are 0 in `dense`.
struct Tile {
  std::size_t rows = 0;
  std::vector<double> dense{};           ///< tile_rows x dense columns, column by column
  std::vector<std::uint32_t> starts{};   ///< first nonzero of each row, and the end; sparse columns, ascending in a row
  std::vector<std::uint32_t> columns{};  ///< of each nonzero: position among all design columns
  std::vector<double> values{};
};

/// Distinct rows of the training view that have a weight: row numbers of the dataset, ascending, and summed weights.
struct TrainingRows {
  std::vector<std::uint32_t> rows{};
  std::vector<double> weights{};
  std::vector<std::uint32_t> keys_from{};   ///< view position of the first copy: where its key and target are
  std::vector<std::int32_t> of_view_row{};  ///< for each row of the view its distinct row; -1 without weight
  double total_weight = 0;

  std::size_t size() const { return rows.size(); }
};

enum class Layout { sparse_where_possible, dense };

class Design {
 public:
  /// Reads all rows: O(rows columns). Faults: missing values, weights that are negative or not finite. Stopped leaves
  /// it when the context asks for a stop.
  Design(const DatasetView& train, bool standardize, const RunContext& context);

  const TrainingRows& rows() const { return rows_; }
  /// Chooses which columns are dense. Called before the rest; again, it starts anew.
  void lay_out(Layout layout);
  std::size_t columns() const { return order_.size(); }
  std::size_t dense_columns() const { return dense_; }
  /// center / scale of the sparse columns; 0 for dense ones.
  const std::vector<double>& shifts() const { return shifts_; }

  /// Weighted mean of each design column, before it was centred, in units of its scale.
  std::vector<double> means() const;
  /// Weighted variance of each design column (1 unless it has two values, or is not standardised).
  std::vector<double> variances() const;

  /// Reads the rows, ascending (of the training table, or another table with its schema). Values are clipped as the
  /// model clips.
  void read(const Table& features, std::span<const std::uint32_t> rows, Tile& tile) const;
  /// Rows of the training table by their positions among `rows()`, ascending: number `tile` of the tiles that a list of
  /// them makes.
  void read_positions(const Table& features, std::span<const std::uint32_t> positions, std::size_t tile,
                      Tile& out) const;
  /// All tiles of a list of rows. Nothing when stopped.
  std::optional<std::vector<Tile>> read_tiles(const Table& features, std::span<const std::uint32_t> rows,
                                              const RunContext& context) const;
  /// Bytes that the tiles of so many rows take, about.
  std::uint64_t tile_bytes(std::size_t rows) const;

  /// The model of weights (columns x scores, row-major) and intercepts in design coordinates.
  LinearState make_state(Link link, std::span<const double> weights, std::span<const double> intercepts) const;

 private:
  struct Scaling {
    double smallest = 0, largest = 0;  ///< of the finite values
    double center = 0;                 ///< weighted mean
    double scale = 0;                  ///< 0: constant
    double deviation = 0;              ///< weighted standard deviation
    double nonzero = 0;                ///< share of rows
    double filled = 0;                 ///< the same by weight
    double lower() const;              ///< smallest value that is used as it is: one range below the smallest
    double upper() const;
    double unit() const;  ///< largest magnitude
  };
  struct Scan;
  struct Moments;
  using Places = std::optional<std::vector<std::uint32_t>>;  ///< of the table's rows in the view
  void scan_kept(const Table& features, const std::vector<std::uint32_t>& places, std::size_t rows,
                 std::vector<std::uint64_t>& hashes, Scan& found, const RunContext& context) const;
  void merge_copies(const DatasetView& train, std::vector<std::uint64_t> hashes);
  void measure(const DatasetView& train, bool standardize, const RunContext& context);
  void measure_kept(const Table& features, std::vector<Moments>& moments, const RunContext& context) const;
  void share_scale(const Table& features);
  double sparse_value(std::size_t design_column, double value) const;
  void read_columns(const Table& features, std::span<const std::uint32_t> rows, std::size_t end, const RowCells& kept,
                    std::size_t first, Tile& tile) const;
  bool kept_only(std::size_t column) const { return !kept_.empty() && kept_[column] != 0; }

  TrainingRows rows_{};
  std::vector<Scaling> scalings_{};     ///< one a column of the table
  std::vector<std::uint32_t> order_{};  ///< table column of each design column
  std::size_t dense_ = 0;
  std::size_t first_kept_ = 0;        ///< of the sparse columns the first that the table keeps as sparse
  std::vector<std::uint8_t> kept_{};  ///< columns that are read by their kept cells; empty: none
  std::vector<double> shifts_{};
};

}  // namespace automill::linear
