#pragma once
// Puts rare categories, and those that training did not see, into one category "(other)". Other columns pass.
//
//   Pipeline{RareCategories{{.min_count = 20}}, TargetEncoder{}, Ridge{}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct RareCategoriesParameters {
  double min_count = 5;
  int max_categories = 1000000;

  static auto declare() {
    return std::tuple{parameter("min_count", &RareCategoriesParameters::min_count,
                                "A category with fewer training rows than this becomes '(other)'.")
                          .range(0, 1e9)
                          .search(1, 100, Scale::log),
                      parameter("max_categories", &RareCategoriesParameters::max_categories,
                                "Most categories of a column that stay: the most frequent ones.")
                          .range(1, 1000000000)};
  }
};

/// Missing stays missing. Categories without training rows are rare, whatever `min_count`. Where a column has a
/// category named "(other)", the rare ones join it. Equal frequencies are ranked by name; weights count as copies.
/// O(rows) a column.
class AUTOMILL_EXPORT RareCategories final : public DeclaredTransformer<RareCategories, RareCategoriesParameters> {
 public:
  static constexpr const char* registered_name = "rare_categories";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "category_map" for Registry::add_transformer_loader: what RareCategories and MergeCategories make.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_category_map(const ArchiveReader& in,
                                                                     const std::shared_ptr<const Schema>& input,
                                                                     int state_version, const Registry& registry);

}  // namespace automill
