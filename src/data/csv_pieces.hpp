#pragma once
// Cuts the rows of a file into pieces that threads parse independently.

#include <automill/core/executor.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

namespace automill {

/// Pieces of about `piece_bytes` that begin and end at row ends, by the parity of quotes before them. Where a file has
/// single quotes inside unquoted fields the guess can be wrong: then the piece before ends inside quotes
/// (FieldIndex::open_quote), and both must be read as one.
std::vector<std::string_view> cut_into_pieces(std::string_view rows, std::size_t piece_bytes, const Executor& executor);

}  // namespace automill
