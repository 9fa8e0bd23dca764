#pragma once
// Turns each category column into 0/1 columns (of kind boolean) '<name>=<category>'; other columns pass.
//
//   Pipeline{Impute{}, OneHot{{.max_categories = 50}}, Logistic{}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct OneHotParameters {
  int max_categories = 100;
  double min_count = 2;
  bool binary_as_one = true;
  std::string missing = "column";
  std::string unseen = "zeros";

  static auto declare() {
    return std::tuple{
        parameter("max_categories", &OneHotParameters::max_categories,
                  "Most categories of a column that get a column of their own: the most frequent ones.")
            .range(1, 100000)
            .search(10, 1000, Scale::log),
        parameter("min_count", &OneHotParameters::min_count,
                  "A category with fewer training rows than this gets no column of its own.")
            .range(0, 1e9),
        parameter("binary_as_one", &OneHotParameters::binary_as_one,
                  "Whether a column that has two categories and nothing else becomes one column instead of two."),
        parameter("missing", &OneHotParameters::missing,
                  "What a missing value becomes: a 1 in a column '<name>=(missing)', which is made where training rows "
                  "miss some, or zeros.")
            .choices({"column", "zeros"}),
        parameter("unseen", &OneHotParameters::unseen,
                  "What a category that training did not see becomes: zeros, or what rare categories become.")
            .choices({"zeros", "other"})};
  }
};

/// Categories without a column of their own share '<name>=(other)'. Columns stand in the order of the categories'
/// names, then other, then missing. Equal frequencies are ranked by name; weights count as copies.
class AUTOMILL_EXPORT OneHot final : public DeclaredTransformer<OneHot, OneHotParameters> {
 public:
  static constexpr const char* registered_name = "one_hot";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;
  CostEstimate cost(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "one_hot" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_one_hot(const ArchiveReader& in,
                                                                const std::shared_ptr<const Schema>& input,
                                                                int state_version, const Registry& registry);

}  // namespace automill
