#pragma once
// Adds columns that are made of others, where they tell more of the target than their parts do.
//
//   Pipeline{GenerateFeatures{}, GradientBoosting{}}
//   std::cout << fitted.transformer->describe();      // "height / width: ratio of height to width" ...
//
// Candidates are sums, differences, products and ratios of up to three numbers, pairs and triples of categories, and of
// numbers in groups of a category (or of a number with few values): mean, standard deviation, rank, difference and
// ratio to the mean; and the size of a group. Each is ranked by what it tells of residuals: one histogram of them and
// of shuffled ones, a tree of three levels that is grown on either half of the rows and judged on the other (after
// OpenFE, Zhang et al., ICML 2023, which fits a boosting model to every candidate). What a candidate tells more than
// its parts must exceed what any candidate tells of the shuffled residuals. The best is chosen, what it explains is
// taken off the residuals, and so on. That is done twice: with what boosted stumps leave, out of fold over folds of the
// training rows, which finds what columns tell only together; and with the target less its mean, which finds what one
// column tells better than several do. The two choices, and both together, are compared by how well gradient boosting
// predicts the training rows with them, out of fold; where that is not better than without by a standard error,
// nothing is added.
//
// Only training rows take part, whatever is outside the view. The same rows in any order, with any number of threads,
// or repeated instead of weighted, give the same columns bit for bit; columns that are constant or copies of others
// change nothing. Text, datetimes and sparse columns pass. O(rows x columns) for the model and O(sampled rows x
// candidates) for the ranking.

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct GenerateFeaturesParameters {
  std::optional<std::int64_t> max_features{};
  std::int64_t max_candidates = 10000;
  std::int64_t max_rows = 20000;
  std::int64_t order = 3;
  bool arithmetic = true;
  bool groups = true;
  bool crosses = true;
  double chance = 0.01;
  std::int64_t folds = 3;
  bool validate = true;

  static auto declare() {
    using P = GenerateFeaturesParameters;
    return std::tuple{
        parameter("max_features", &P::max_features,
                  "Most columns that are added; null: 10 and half the number of columns, at most 30.")
            .range(0, 1000),
        parameter("max_candidates", &P::max_candidates, "About how many columns are tried.").range(0, 1e7),
        parameter("max_rows", &P::max_rows, "Training rows that candidates are tried on.").range(100, 1e7),
        parameter("order", &P::order, "Most columns that one is made of by arithmetic or as a cross.").range(2, 3),
        parameter("arithmetic", &P::arithmetic, "Whether sums, differences, products and ratios of numbers are tried."),
        parameter("groups", &P::groups, "Whether statistics of numbers in groups of categories are tried."),
        parameter("crosses", &P::crosses, "Whether category columns are tried together, as one category."),
        parameter("chance", &P::chance,
                  "Probability of adding any column where nothing is to be found, by the shuffled residuals.")
            .range(1e-6, 0.5),
        parameter("folds", &P::folds, "Folds of the training rows for the residuals, and for the comparison.")
            .range(2, 20),
        parameter(
            "validate", &P::validate,
            "Whether the columns are added only where a boosting model predicts better with them, over folds of the "
            "training rows and by a standard error.")};
  }
};

/// Fewer than 40 different rows, or a target of one value, add nothing. Errors: those of gradient boosting for a target
/// that it cannot learn, and Stopped.
class AUTOMILL_EXPORT GenerateFeatures final
    : public DeclaredTransformer<GenerateFeatures, GenerateFeaturesParameters> {
 public:
  static constexpr const char* registered_name = "generate_features";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;
  CostEstimate cost(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "generate_features" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_generate_features(const ArchiveReader& in,
                                                                          const std::shared_ptr<const Schema>& input,
                                                                          int state_version, const Registry& registry);

}  // namespace automill
