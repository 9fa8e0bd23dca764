#pragma once
// The fitted half of DatetimeDifferences, type "datetime_differences".

#include <automill/core/transformer.hpp>

namespace automill {

/// Days from one point in time to another (microseconds); missing where one is missing or a million years away.
inline double days_between(double first, double second) noexcept {
  const bool known = std::abs(first) < 3.2e19 && std::abs(second) < 3.2e19;
  return known ? (second - first) / 86400e6 : std::numeric_limits<double>::quiet_NaN();
}

class AUTOMILL_EXPORT FittedDatetimeDifferences final : public FittedTransformer {
 public:
  struct Pair {
    std::uint32_t first = 0, second = 0;  ///< datetime columns of the input
  };
  explicit FittedDatetimeDifferences(std::vector<Pair> pairs) : pairs_(std::move(pairs)) {}

  Table transform_aligned(const TableView& rows, const RunContext& context) const override;
  std::unique_ptr<RowTransformer> row_transformer() const override;
  std::string type() const override { return "datetime_differences"; }
  void save(ArchiveWriter& out) const override;
  const std::vector<Pair>& pairs() const { return pairs_; }

 protected:
  Schema make_output_schema(const Schema& input) const override;

 private:
  class Rows;
  std::vector<Pair> pairs_;
};

}  // namespace automill
