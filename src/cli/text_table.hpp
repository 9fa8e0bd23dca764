#pragma once
// A table for terminals: columns as wide as their widest cell, two spaces between them.

#include <cstdint>
#include <string>
#include <vector>

namespace automill::cli {

/// `right`: columns of figures, aligned at their right end. All rows have as many cells as `header`.
std::string text_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                       const std::vector<bool>& right);

/// Five significant digits; "-" for NaN.
std::string figure(double value);

/// "1.2 MB"
std::string size_text(std::uint64_t bytes);

}  // namespace automill::cli
