#pragma once
// Fills missing numbers by what the other numbers of the row say: the mean of a normal distribution, given the cells
// that are there. Other columns pass.
//
//   Pipeline{IterativeImpute{}, Impute{}, Ridge{}}         // Impute then fills categories and booleans

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct IterativeImputeParameters {
  int rounds = 8;
  double ridge = 0.001;
  int max_columns = 200;
  std::string indicators = "auto";

  static auto declare() {
    return std::tuple{
        parameter("rounds", &IterativeImputeParameters::rounds,
                  "How often training fills its rows and learns the correlations of the filled ones.")
            .range(1, 100),
        parameter("ridge", &IterativeImputeParameters::ridge,
                  "What is added to the variance of each standardised column: an L2 penalty on what others say of it.")
            .range(1e-6, 1e3)
            .search(1e-4, 1, Scale::log),
        parameter("max_columns", &IterativeImputeParameters::max_columns,
                  "Most columns that are filled so, those that miss the fewest cells; others get their mean.")
            .range(1, 2000),
        parameter("indicators", &IterativeImputeParameters::indicators,
                  "Whether a column '<name>_missing' says where a number was missing: where training rows miss some, "
                  "or never.")
            .choices({"auto", "never"})};
  }
};

/// Each missing number becomes its ridge regression on all others, of which missing ones are regressions themselves,
/// until they agree (expectation maximisation of a multivariate normal distribution, Dempster, Laird & Rubin 1977, with
/// the variance of missing cells on the diagonal alone). What is filled in stays within the values of training.
/// Infinite values are left as they are and count as 10 deviations. A column without a value in training gets 0.
/// Weights count as copies. Training takes O(rounds rows columns^2), a row O(columns) for each missing cell and sweep.
class AUTOMILL_EXPORT IterativeImpute final : public DeclaredTransformer<IterativeImpute, IterativeImputeParameters> {
 public:
  static constexpr const char* registered_name = "iterative_impute";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "iterative_impute" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_iterative_impute(const ArchiveReader& in,
                                                                         const std::shared_ptr<const Schema>& input,
                                                                         int state_version, const Registry& registry);

}  // namespace automill
