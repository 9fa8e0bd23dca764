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
  /// `counts`: of each row, where not empty; rows that count 0 are as if they were not there. Then of dense columns
  /// alone.
  ColumnContent of(const Column& column, std::span<const double> counts = {});

 private:
  ColumnContent of_sparse(const Column& column);
  std::uint64_t zeros_ = 0;  ///< hash of a column of zeros; 0: not known yet
};

/// Numbers, or codes, are equal in all rows that count; missing is equal to missing.
bool same_numbers(const Column& a, const Column& b, std::span<const double> counts = {});
/// The same, of one kind and with the same categories.
bool same_content(const Column& a, const Column& b, std::span<const double> counts = {});

}  // namespace automill
