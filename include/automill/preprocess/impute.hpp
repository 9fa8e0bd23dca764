#pragma once
// Fills missing values.
//
//   Pipeline{Impute{}, Ridge{}}                                   // medians, and a column that says what was missing
//   Impute{{.numeric = "constant", .fill_value = -1}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct ImputeParameters {
  std::string numeric = "median";
  double fill_value = 0;
  std::string categorical = "own_category";
  std::string indicators = "auto";

  static auto declare() {
    return std::tuple{
        parameter("numeric", &ImputeParameters::numeric, "What stands in for a missing number or datetime.")
            .choices({"median", "mean", "most_frequent", "constant"})
            .search(0, 1),
        parameter("fill_value", &ImputeParameters::fill_value, "The number that stands in for missing numbers.")
            .range(-1e300, 1e300)
            .only_if("numeric", "constant"),
        parameter("categorical", &ImputeParameters::categorical,
                  "What stands in for a missing category: a category '(missing)' of its own where training rows miss "
                  "some, or the most frequent one.")
            .choices({"own_category", "most_frequent"}),
        parameter("indicators", &ImputeParameters::indicators,
                  "Whether a column '<name>_missing' says where a number, datetime or boolean was missing: where "
                  "training rows miss some, or never.")
            .choices({"auto", "never"})};
  }
};

/// Booleans get their most frequent value, datetimes the median with "constant"; a column that is missing in every
/// training row gets 0 (fill_value with "constant"). Text passes. Statistics are over finite values, ties go to the
/// smallest, weights count as copies. A category that training did not see stays unseen.
class AUTOMILL_EXPORT Impute final : public DeclaredTransformer<Impute, ImputeParameters> {
 public:
  static constexpr const char* registered_name = "impute";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "impute" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_impute(const ArchiveReader& in,
                                                               const std::shared_ptr<const Schema>& input,
                                                               int state_version, const Registry& registry);

}  // namespace automill
