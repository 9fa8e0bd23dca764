#pragma once
// Turns text and category columns whose cells spell numbers, points in time or booleans into columns of these. Other
// columns pass. `train` decides the same by itself; this is for pipelines.
//
//   Pipeline{ParseText{}, DatetimeParts{}, Impute{}, Ridge{}}     // "1,234 USD", "12.5 %", "24.12.2023", "yes"
//
// Numbers may have separators of thousands, one currency or unit a column, % and parentheses for negatives; they are
// taken as written ("12 %" is 12). Dates are ISO 8601 or of one local spelling ("24.12.2023 18:30", "12/24/23 6:30 PM",
// "24 Dec 2023"); whether the day or the month comes first is what fits more rows; where both fit all, the month before
// a slash and the day before a point or a dash.

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct ParseTextParameters {
  double least_share = 0.9;
  bool booleans = true;

  static auto declare() {
    return std::tuple{
        parameter("least_share", &ParseTextParameters::least_share,
                  "Share of the rows with a value that must spell a number or a date; the others become missing.")
            .range(0.5, 1.0),
        parameter("booleans", &ParseTextParameters::booleans,
                  "Whether columns of two opposite words, such as yes and no, become booleans.")};
  }
};

/// The spelling is found over all training rows (their order does not matter, weights count as copies) and kept: a cell
/// means the same afterwards, and one that spells nothing is missing. Whole numbers of at most 20 different values and
/// codes with leading zeros stay as they are. A category that training did not see is missing: give such columns as
/// text. O(distinct cells) beside one pass over the rows; one row takes no allocation.
class AUTOMILL_EXPORT ParseText final : public DeclaredTransformer<ParseText, ParseTextParameters> {
 public:
  static constexpr const char* registered_name = "parse_text";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "parse_text" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_parse_text(const ArchiveReader& in,
                                                                   const std::shared_ptr<const Schema>& input,
                                                                   int state_version, const Registry& registry);

}  // namespace automill
