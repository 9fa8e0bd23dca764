#pragma once
// A served decision tree as text and as data, in the words of its table.
//
//   const TreeRules tree = automill::rules(served);
//   std::cout << tree.text;
//   //  if age <= 27.5 or missing:
//   //      probability of '>50K' 0.03 (3210 rows)
//   //  else:
//   //      if job in Clerk, Cook: ...

#include <automill/predict/served_model.hpp>

namespace automill {

/// A leaf, and all that holds for its rows.
struct TreeRule {
  std::vector<std::string> conditions{};  ///< from the root down: "age <= 27.5 or missing", "job in Clerk, Cook"
  std::vector<double> prediction{};       ///< the value; the probability of the positive class; or one a class
  std::size_t rows = 0;                   ///< of training
};

struct TreeRules {
  std::vector<std::string> outputs{};  ///< the target; the positive class; or all classes
  std::vector<TreeRule> rules{};       ///< from left to right; exactly one holds for a row
  std::string text{};
};

/// Columns are those that the tree sees, behind the transformers in front of it. Errors: explain.rules (no single tree,
/// or a mean of several models), and those of predict_contributions. O(nodes categories).
AUTOMILL_EXPORT TreeRules rules(const ServedModel& model);

}  // namespace automill
