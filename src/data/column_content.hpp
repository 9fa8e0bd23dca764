#pragma once
// What a column holds, to find columns that say nothing and copies of others.

#include <automill/core/table.hpp>

namespace automill {

struct ColumnContent {
  std::uint64_t hash = 0;  ///< copies share it; of numbers, or of codes
  bool constant = true, all_missing = true;
};

/// Reads columns of equally many rows. O(cells), of sparse columns O(kept cells) but for the first.
class ColumnContents {
 public:
  ColumnContent of(const Column& column);

 private:
  ColumnContent of_sparse(const Column& column);
  std::uint64_t zeros_ = 0;  ///< hash of a column of zeros; 0: not known yet
};

/// Numbers, or codes, of all rows are equal; missing is equal to missing.
bool same_numbers(const Column& a, const Column& b);

}  // namespace automill
