#pragma once
// The fitted half of RareCategories and MergeCategories, type "category_map": categories become other ones.

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedCategoryMap final : public Columnwise {
 public:
  /// Of one column: the categories that there are afterwards, in ascending byte order, and the new code of each old
  /// one, then of unseen ones (names.size(): still unseen). Columns without codes pass.
  struct Map {
    std::vector<std::string> names{};
    std::vector<std::int32_t> codes{};
  };
  /// `made_by`: registered name of the transformer.
  FittedCategoryMap(const Schema& input, std::string made_by, std::vector<Map> maps);

  std::string type() const override { return "category_map"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;

 private:
  std::string made_by_;
  std::vector<Map> maps_;
};

}  // namespace automill
