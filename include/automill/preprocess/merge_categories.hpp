#pragma once
// Merges categories that differ in capitals or blanks alone ("Clerk", "clerk", " clerk  "): they become the variant
// that most training rows have. Other columns pass.
//
//   for (const CategoryVariants& each : find_category_variants(data))             // a report, nothing is changed
//     std::cout << each.column << ": " << each.name << " is also written " << each.others[0] << "\n";
//   Pipeline{MergeCategories{}, OneHot{}, Logistic{}}                            // merged

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct MergeCategoriesParameters {
  bool ignore_case = true;
  bool ignore_blanks = true;

  static auto declare() {
    return std::tuple{
        parameter("ignore_case", &MergeCategoriesParameters::ignore_case,
                  "Whether categories that differ in capital and small letters alone are one."),
        parameter("ignore_blanks", &MergeCategoriesParameters::ignore_blanks,
                  "Whether categories that differ alone in blanks before, behind, or in a row between words are one.")};
  }
};

/// Variants of one category of a column.
struct CategoryVariants {
  std::string column{};
  std::string name{};                 ///< the variant of most rows; of equally many the first by name
  std::vector<std::string> others{};  ///< the other variants with training rows, in the order of names
  double rows = 0;                    ///< of the others together
};
/// Categories of which the rows have more than one variant, in the order of columns and names.
AUTOMILL_EXPORT std::vector<CategoryVariants> find_category_variants(const DatasetView& rows,
                                                                     const MergeCategoriesParameters& parameters = {});

/// Lower case is Unicode's simple one: no letter becomes two.
/// Blanks are spaces, tabulators, line ends and the no-break space. A category that training did not see stays unseen.
class AUTOMILL_EXPORT MergeCategories final : public DeclaredTransformer<MergeCategories, MergeCategoriesParameters> {
 public:
  static constexpr const char* registered_name = "merge_categories";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

}  // namespace automill
