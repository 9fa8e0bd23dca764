#pragma once
// A column of strings: which kind it is (boolean, category or text), and the column made of its parts.

#include "data/boolean_text.hpp"
#include "data/column_storage.hpp"
#include "data/csv_column.hpp"

namespace automill {

class StringsOfColumn {
 public:
  /// Gives the distinct strings of all parts one number each.
  StringsOfColumn(const ColumnPlan& plan, ColumnParts column);

  /// Decides kind, format and dictionary of `schema`, where they are not forced; adds cells that do not fit to
  /// `result.faults`. Gives the missing values by number of the marker.
  std::vector<std::uint64_t> settle_kind(ColumnSchema& schema, FinishedColumn& result);
  /// Why this kind, in words.
  std::string reason(const ColumnSchema& schema) const;
  /// The parts are freed one by one. Call it once, after settle_kind.
  ColumnPtr make_column(ColumnSchema schema, const ReleaseText& release);

 private:
  static constexpr std::int32_t missing = -1;
  struct Place {
    std::size_t row;
    std::string_view text;
  };

  std::string_view string(std::int32_t number) const { return strings_[static_cast<std::size_t>(number)].text(); }
  bool is_marker(std::size_t number) const { return !marker_of_.empty() && marker_of_[number] != MissingMarkers::none; }
  /// What decides between categories and free text. The words are counted in a sample (by content, so that it does not
  /// depend on the order of rows).
  struct Vocabulary {
    std::size_t distinct = 0, sampled = 0, words = 0;
    std::size_t words_of_distinct() const { return sampled == 0 ? 0 : words * distinct / sampled; }
  };
  Vocabulary vocabulary() const;
  bool guess_boolean(ColumnSchema& schema);
  void settle_boolean(ColumnSchema& schema, FinishedColumn& result);
  void settle_category(ColumnSchema& schema);
  std::vector<std::uint32_t> sorted_numbers() const;
  bool looks_like_text() const;
  void drop_markers(bool any_marker);
  std::vector<std::uint64_t> count_missing() const;
  void add_misfits(const std::vector<char>& misfit, const char* wanted, FinishedColumn& result) const;
  template <class Wanted>
  std::optional<Place> first_place(const Wanted& wanted) const;
  std::string why_not_numbers() const;

  template <class Body>
  void for_each_local_code(std::size_t part, const Body& body) const;
  template <class Body>
  void for_each_number(std::size_t part, const Body& body) const;
  template <class T>
  ColumnChunk make_codes(Storage storage);
  template <class Offset>
  ColumnChunk make_text(Storage storage, std::size_t bytes, const ReleaseText& release);
  std::size_t text_bytes() const;

  const ColumnPlan& plan_;
  ColumnParts column_;
  std::vector<std::vector<std::int32_t>> numbers_of_;  // part, local code: number of the string
  std::vector<StringTable::Entry> strings_;            // by number
  std::vector<std::int32_t> code_of_;                  // by number: code in the column, or `missing`
  std::vector<int> marker_of_;                         // by number: the marker that it is, or none; empty: no markers
  BooleanPair pair_{};
};

}  // namespace automill
