#pragma once
// Adds columns that tell of a whole row: how many of its cells are missing, how many numbers are zero, and their mean,
// smallest, largest and standard deviation. All columns pass.
//
//   Pipeline{RowStatistics{}, Impute{}, Ridge{}}
//
//   'row_missing' 'row_zeros' 'row_mean' 'row_min' 'row_max' 'row_std'

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct RowStatisticsParameters {
  std::string statistics = "all";

  static auto declare() {
    return std::tuple{parameter("statistics", &RowStatisticsParameters::statistics,
                                "Which columns are added: all, or the counts of missing cells and of zeros alone.")
                          .choices({"all", "counts"})};
  }
};

/// Missing cells of all kinds of columns count; the rest is over finite values of number columns, and missing where a
/// row has none. Numbers should have a common scale. The standard deviation divides by the number of values.
class AUTOMILL_EXPORT RowStatistics final : public DeclaredTransformer<RowStatistics, RowStatisticsParameters> {
 public:
  static constexpr const char* registered_name = "row_statistics";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "row_statistics" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_row_statistics(const ArchiveReader& in,
                                                                       const std::shared_ptr<const Schema>& input,
                                                                       int state_version, const Registry& registry);

}  // namespace automill
