#pragma once
// Turns each text column into a category column of its whole strings; other columns pass.
//
//   TransformerPipeline(TextCategory{}, TargetEncoder{})        // mean targets of strings that repeat
//   TextCategory{{.min_count = 10}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct TextCategoryParameters {
  double min_count = 1;

  static auto declare() {
    return std::tuple{
        parameter("min_count", &TextCategoryParameters::min_count,
                  "Strings that fewer training rows hold count as unseen; a weight counts as copies of its "
                  "row.")
            .range(0, 1e9)
            .search(1, 20, Scale::log)};
  }
};

/// Strings that no training row holds are unseen categories, missing text stays missing. O(characters).
class AUTOMILL_EXPORT TextCategory final : public DeclaredTransformer<TextCategory, TextCategoryParameters> {
 public:
  static constexpr const char* registered_name = "text_category";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "text_category" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_text_category(const ArchiveReader& in,
                                                                      const std::shared_ptr<const Schema>& input,
                                                                      int state_version, const Registry& registry);

}  // namespace automill
