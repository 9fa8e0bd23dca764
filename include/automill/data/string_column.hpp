#pragma once
// A column of strings as a category or as text, by one rule for every source (CSV files, Arrow, Python objects).

#include <automill/core/table.hpp>

namespace automill {

/// `infer`: free text (values of several words that mostly do not repeat) is text, other strings are categories.
enum class StringKind { infer, category, text };

/// Chunks of text storage as a column. Categories get sorted names and int32 codes, text keeps the chunks as they are.
/// O(n) hashing.
AUTOMILL_EXPORT ColumnPtr make_string_column(std::string name, std::vector<ColumnChunk> chunks,
                                             StringKind kind = StringKind::infer);

/// Text of one column, value by value: the names of categories, numbers in their shortest form, "true" and "false".
/// Empty views with data() == nullptr are missing. Used where another kind is asked for than the one that was read.
AUTOMILL_EXPORT ColumnPtr to_string_column(const Column& column, StringKind kind);

/// A column of 64-bit integers beyond 2^53, which doubles cannot tell apart, as a category of their exact digits (with
/// `integer` set: the names are whole numbers); any other column as it is. O(n).
AUTOMILL_EXPORT ColumnPtr keep_integers_exact(ColumnPtr column);

}  // namespace automill
