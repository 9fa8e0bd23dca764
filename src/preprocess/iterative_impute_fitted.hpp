#pragma once
// The fitted half of IterativeImpute, type "iterative_impute".

#include <automill/core/transformer.hpp>

namespace automill {

/// A number column that others speak of.
struct ImputedColumn {
  std::uint32_t source = 0;
  double mean = 0, deviation = 1;  ///< of the values of training
  double least = 0, largest = 0;   ///< of what is filled in
};

/// Cells of a row as standardised numbers, NaN where missing, become complete: each missing one the mean given all
/// others, precision K: x_j = -sum_k K_jk x_k / K_jj, in sweeps (Gauss & Seidel) until nothing moves.
class AUTOMILL_EXPORT NormalCompletion {
 public:
  /// `precision`: columns x columns, symmetric, positive on the diagonal.
  NormalCompletion(std::size_t columns, std::vector<double> precision)
      : columns_(columns), precision_(std::move(precision)) {}
  std::size_t columns() const { return columns_; }
  const std::vector<double>& precision() const { return precision_; }
  /// `missing` has room for `columns` positions.
  void complete(double* cells, std::uint32_t* missing) const noexcept;

 private:
  std::size_t columns_;
  std::vector<double> precision_;
};

/// (value - mean) / deviation within 10 deviations; NaN where missing.
inline double standard_score(const ImputedColumn& column, double value) noexcept {
  return std::isnan(value) ? value : std::clamp((value - column.mean) / column.deviation, -10.0, 10.0);
}

class AUTOMILL_EXPORT FittedIterativeImpute final : public FittedTransformer {
 public:
  /// `fills`: one a column of the input, for number columns that are none of `columns`. `flagged`: input columns with
  /// an indicator, ascending.
  FittedIterativeImpute(std::vector<ImputedColumn> columns, NormalCompletion completion, std::vector<double> fills,
                        std::vector<std::uint32_t> flagged)
      : columns_(std::move(columns)),
        completion_(std::move(completion)),
        fills_(std::move(fills)),
        flagged_(std::move(flagged)) {}

  Table transform_aligned(const TableView& rows, const RunContext& context) const override;
  std::unique_ptr<RowTransformer> row_transformer() const override;
  std::string type() const override { return "iterative_impute"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;
  const std::vector<std::uint32_t>& flagged() const { return flagged_; }  ///< an indicator each, after the columns

 protected:
  Schema make_output_schema(const Schema& input) const override;

 private:
  class Rows;
  std::vector<ImputedColumn> columns_;
  NormalCompletion completion_;
  std::vector<double> fills_;
  std::vector<std::uint32_t> flagged_;
};

}  // namespace automill
