#pragma once
// Leaves out columns that tell nothing of the target, with the reason for each.
//
//   Pipeline{SelectFeatures{{.max_features = 50}}, Ridge{}}
//   std::cout << fitted.transformer->describe();      // "noise: tells no more than shuffled columns" ...
//
// Constant columns and copies of others go first, and of numbers in nearly the same order all but the first by name.
// Then, by "shadows", a boosting model is fitted several times beside a shuffled copy of every column: a column stays
// whose mean gain exceeds that of every copy in any fit (after Boruta, Kursa & Rudnicki 2010). By "mutual_information"
// a column stays that tells more of the target than each of 19 shuffles of itself, one column at a time: cheaper, and
// blind for what columns tell together.
//
// The same rows in any order, or repeated instead of weighted, give the same columns. Text and sparse columns pass.
// O(rows x columns) a round of boosting, and O(columns^2) for correlations.

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct SelectFeaturesParameters {
  std::string method = "shadows";
  std::optional<std::int64_t> max_features{};
  double max_correlation = 0.99;
  std::int64_t fits = 5;
  std::int64_t max_rows = 20000;

  static auto declare() {
    using P = SelectFeaturesParameters;
    return std::tuple{
        parameter("method", &P::method,
                  "What columns are compared by with shuffled ones: their gain in a boosting model, or their mutual "
                  "information with the target.")
            .choices({"shadows", "mutual_information"}),
        parameter("max_features", &P::max_features,
                  "Most columns of numbers, categories and datetimes that stay, the most important ones; null: any.")
            .range(0, 1e6),
        parameter("max_correlation", &P::max_correlation,
                  "Rank correlation of numbers above which the second by name goes; 1: all stay.")
            .range(0.5, 1),
        parameter("fits", &P::fits, "Boosting models beside shuffled columns.")
            .range(1, 100)
            .only_if("method", "shadows"),
        parameter("max_rows", &P::max_rows, "Training rows that columns are judged by.").range(100, 1e7)};
  }
};

/// One row says nothing of a column: all stay. Fewer than 40 different rows are too few to judge by: then only constant
/// columns and copies go. Errors: those of gradient boosting for a target that it cannot learn, and Stopped.
class AUTOMILL_EXPORT SelectFeatures final : public DeclaredTransformer<SelectFeatures, SelectFeaturesParameters> {
 public:
  static constexpr const char* registered_name = "select_features";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "select_features" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_select_features(const ArchiveReader& in,
                                                                        const std::shared_ptr<const Schema>& input,
                                                                        int state_version, const Registry& registry);

}  // namespace automill
