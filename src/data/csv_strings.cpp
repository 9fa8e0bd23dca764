#include "data/csv_strings.hpp"

#include <algorithm>
#include <numeric>

#include "data/number_text.hpp"
#include "data/text_rule.hpp"

namespace automill {

StringsOfColumn::StringsOfColumn(const ColumnPlan& plan, ColumnParts column) : plan_(plan), column_(std::move(column)) {
  StringTable table;
  for (ColumnPart* part : column_.parts) {
    auto& numbers = numbers_of_.emplace_back();
    numbers.reserve(part->strings.size());
    for (const StringTable::Entry& entry : part->strings)
      numbers.push_back(static_cast<std::int32_t>(table.code(entry)));
    part->strings = {};
  }
  strings_ = table.take_entries();
  code_of_.resize(strings_.size());
  std::iota(code_of_.begin(), code_of_.end(), 0);
  if (plan_.markers.has_own()) drop_markers(false);
}

/// Marks the strings that mean missing: the user's, or in columns of booleans any.
void StringsOfColumn::drop_markers(bool any_marker) {
  marker_of_.resize(strings_.size());
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    const std::string_view text = strings_[i].text();
    marker_of_[i] = any_marker ? plan_.markers.any(text) : plan_.markers.of_user(text);
    if (marker_of_[i] != MissingMarkers::none) code_of_[i] = missing;
  }
}

/// Calls body(row, code) for the rows of a part; -1 for the empty field.
template <class Body>
void StringsOfColumn::for_each_local_code(std::size_t part, const Body& body) const {
  const ColumnPart& from = *column_.parts[part];
  const auto go = [&](const auto* codes) {
    for (std::size_t i = 0; i < from.rows; ++i) body(i, codes[i]);
  };
  const std::byte* data = from.data.get();
  if (from.storage == Storage::int8) go(reinterpret_cast<const std::int8_t*>(data));
  else if (from.storage == Storage::int16) go(reinterpret_cast<const std::int16_t*>(data));
  else go(reinterpret_cast<const std::int32_t*>(data));
}

/// Calls body(row, number) for the rows of a part; `missing` for the empty field.
template <class Body>
void StringsOfColumn::for_each_number(std::size_t part, const Body& body) const {
  const std::int32_t* const numbers = numbers_of_[part].data();
  for_each_local_code(part, [&](std::size_t row, auto code) {
    body(row, code < 0 ? static_cast<std::int32_t>(missing) : numbers[code]);
  });
}

std::vector<std::uint64_t> StringsOfColumn::settle_kind(ColumnSchema& schema, FinishedColumn& result) {
  if (plan_.forced) schema.kind = *plan_.forced;
  else if (guess_boolean(schema)) schema.kind = ColumnKind::boolean;
  else schema.kind = looks_like_text() ? ColumnKind::text : ColumnKind::category;
  if (schema.kind == ColumnKind::boolean) settle_boolean(schema, result);
  if (schema.kind == ColumnKind::category) settle_category(schema);
  return count_missing();
}

std::vector<std::uint64_t> StringsOfColumn::count_missing() const {
  std::vector<std::uint64_t> counts(plan_.markers.size(), 0);
  for (const ColumnPart* part : column_.parts) counts[MissingMarkers::empty] += part->missing[MissingMarkers::empty];
  if (marker_of_.empty()) return counts;
  for (std::size_t p = 0; p < column_.parts.size(); ++p)
    for_each_number(p, [&](std::size_t, std::int32_t number) {
      if (number < 0) return;
      const int marker = marker_of_[static_cast<std::size_t>(number)];
      if (marker != MissingMarkers::none) ++counts[static_cast<std::size_t>(marker)];
    });
  return counts;
}

/// Exactly both spellings of one pair, beside markers.
bool StringsOfColumn::guess_boolean(ColumnSchema& schema) {
  if (strings_.size() < 2 || strings_.size() > 2 + plan_.markers.size() + 8) return false;
  std::vector<std::string_view> values;
  for (const StringTable::Entry& entry : strings_)
    if (plan_.markers.any(entry.text()) == MissingMarkers::none) values.push_back(entry.text());
  if (values.size() != 2) return false;
  for (std::size_t i = 0; i < guessed_pairs; ++i) {
    const BooleanPair& pair = boolean_pairs[i];
    if (boolean_value(pair, values[0]) + boolean_value(pair, values[1]) != 1 ||
        boolean_value(pair, values[0]) * boolean_value(pair, values[1]) != 0)
      continue;
    schema.format = std::string(pair.truth) + "/" + std::string(pair.falsehood);
    return true;
  }
  return false;
}

/// Codes 1 and 0; texts that are neither become faults.
void StringsOfColumn::settle_boolean(ColumnSchema& schema, FinishedColumn& result) {
  drop_markers(true);
  const auto fitting = [&](const BooleanPair& pair) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < strings_.size(); ++i)
      count += code_of_[i] != missing && boolean_value(pair, strings_[i].text()) >= 0 ? 1u : 0u;
    return count;
  };
  const std::size_t slash = schema.format.find('/');
  pair_ = boolean_pairs[0];
  if (slash != std::string::npos) {
    pair_ = {std::string_view(schema.format).substr(0, slash), std::string_view(schema.format).substr(slash + 1)};
  } else {
    for (const BooleanPair& pair : boolean_pairs)
      if (fitting(pair) > fitting(pair_)) pair_ = pair;
    if (plan_.schema == nullptr) schema.format = std::string(pair_.truth) + "/" + std::string(pair_.falsehood);
  }
  std::vector<char> misfit(strings_.size(), 0);
  bool any = false;
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    if (code_of_[i] == missing) continue;
    code_of_[i] = boolean_value(pair_, strings_[i].text());
    any |= misfit[i] = code_of_[i] < 0;
  }
  const std::string wanted = std::string(pair_.truth) + " or " + std::string(pair_.falsehood);
  if (any) add_misfits(misfit, wanted.c_str(), result);
}

void StringsOfColumn::add_misfits(const std::vector<char>& misfit, const char* wanted, FinishedColumn& result) const {
  for (std::size_t p = 0; p < column_.parts.size(); ++p)
    for_each_number(p, [&](std::size_t row, std::int32_t number) {
      if (number < 0 || misfit[static_cast<std::size_t>(number)] == 0) return;
      result.faults.add(misfit_fault(plan_, column_.starts[p] + row, string(number), wanted));
    });
}

/// Numbers of the strings that are values, in the order of the strings' bytes. The first eight bytes are compared as
/// one integer.
std::vector<std::uint32_t> StringsOfColumn::sorted_numbers() const {
  struct Key {
    std::uint64_t start;
    std::uint32_t number;
  };
  std::vector<Key> keys;
  keys.reserve(strings_.size());
  for (std::uint32_t i = 0; i < strings_.size(); ++i) {
    if (code_of_[i] == missing) continue;
    std::uint64_t start = 0;
    std::memcpy(&start, strings_[i].data, std::min<std::size_t>(8, strings_[i].length));
    keys.push_back({__builtin_bswap64(start), i});
  }
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    return a.start != b.start ? a.start < b.start : strings_[a.number].text() < strings_[b.number].text();
  });
  std::vector<std::uint32_t> numbers;
  numbers.reserve(keys.size());
  for (const Key& key : keys) numbers.push_back(key.number);
  return numbers;
}

/// The dictionary of training, or a new one, sorted by bytes.
void StringsOfColumn::settle_category(ColumnSchema& schema) {
  if (plan_.schema != nullptr && schema.dictionary != nullptr) {
    for (std::size_t i = 0; i < strings_.size(); ++i)
      if (code_of_[i] != missing) code_of_[i] = schema.dictionary->code(strings_[i].text());
    return;
  }
  const std::vector<std::uint32_t> numbers = sorted_numbers();
  std::vector<std::string> names;
  names.reserve(numbers.size());
  for (const std::uint32_t number : numbers) {
    code_of_[number] = static_cast<std::int32_t>(names.size());
    names.emplace_back(strings_[number].text());
  }
  schema.dictionary = std::make_shared<const Dictionary>(std::move(names));
}

StringsOfColumn::Vocabulary StringsOfColumn::vocabulary() const {
  constexpr std::size_t enough = 4096;
  Vocabulary found;
  for (const std::int32_t code : code_of_) found.distinct += code != missing ? 1u : 0u;
  std::uint64_t share = 1;
  while (found.distinct / share > enough) share *= 2;
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    const std::uint64_t mixed = (strings_[i].word * 0x9E3779B97F4A7C15ULL) >> 32;
    if (code_of_[i] == missing || (mixed & (share - 1)) != 0) continue;
    ++found.sampled;
    found.words += words_in(strings_[i].text());
  }
  return found;
}

bool StringsOfColumn::looks_like_text() const {
  const Vocabulary found = vocabulary();
  if (found.words_of_distinct() < 3 * found.distinct) return false;
  std::size_t present = column_.rows;
  for (const std::uint64_t count : count_missing()) present -= count;
  return is_free_text(found.distinct, present, found.words_of_distinct());
}

namespace {

constexpr std::size_t codes_of_int8 = 127, codes_of_int16 = 32767;  // the code after the last one means unseen

}  // namespace

/// Codes, or 1 and 0 of booleans, as T.
template <class T>
ColumnChunk StringsOfColumn::make_codes(Storage storage) {
  ColumnStorage result(storage, column_.rows);
  result.allocate();
  T* const out = reinterpret_cast<T*>(result.data());
  std::size_t missing_rows = 0;
  std::vector<T> code_of_local;  // [0]: the empty field
  for (std::size_t p = 0; p < column_.parts.size(); ++p) {
    code_of_local.assign(1, static_cast<T>(missing));
    for (const std::int32_t number : numbers_of_[p])
      code_of_local.push_back(static_cast<T>(code_of_[static_cast<std::size_t>(number)]));
    T* const to = out + column_.starts[p];
    for_each_local_code(p, [&, codes = code_of_local.data()](std::size_t row, auto code) {
      to[row] = codes[code + 1];
      missing_rows += to[row] == static_cast<T>(missing) ? 1u : 0u;
    });
    column_.parts[p]->data.reset();
  }
  if (missing_rows > 0) result.mark_missing([&](std::size_t row) { return out[row] == static_cast<T>(missing); });
  return result.chunk();
}

std::size_t StringsOfColumn::text_bytes() const {
  std::size_t bytes = 0;
  for (std::size_t p = 0; p < column_.parts.size(); ++p)
    for_each_number(p, [&](std::size_t, std::int32_t number) {
      if (number >= 0 && code_of_[static_cast<std::size_t>(number)] != missing)
        bytes += strings_[static_cast<std::size_t>(number)].length;
    });
  return bytes;
}

/// Bytes one behind the other, offsets of type Offset.
template <class Offset>
ColumnChunk StringsOfColumn::make_text(Storage storage, std::size_t bytes, const ReleaseText& release) {
  ColumnStorage result(storage, column_.rows);
  result.adopt_text(std::unique_ptr<std::byte[]>(new std::byte[bytes + 1]),
                    std::unique_ptr<std::byte[]>(new std::byte[(column_.rows + 1) * sizeof(Offset)]));
  auto* offsets = const_cast<Offset*>(static_cast<const Offset*>(result.chunk().offsets));
  auto* out = reinterpret_cast<char*>(result.data());
  std::vector<bool> is_missing(column_.rows);
  std::size_t row = 0, at = 0, missing_rows = 0;
  for (std::size_t p = 0; p < column_.parts.size(); ++p) {
    for_each_number(p, [&](std::size_t, std::int32_t number) {
      offsets[row] = static_cast<Offset>(at);
      if (number < 0 || code_of_[static_cast<std::size_t>(number)] == missing) {
        is_missing[row] = true;
        ++missing_rows;
      } else {
        const std::string_view text = string(number);
        std::memcpy(out + at, text.data(), text.size());
        at += text.size();
      }
      ++row;
    });
    column_.parts[p]->data.reset();
    release(column_.texts[p]);
  }
  offsets[row] = static_cast<Offset>(at);
  if (missing_rows > 0) result.mark_missing([&](std::size_t r) { return is_missing[r]; });
  return result.chunk();
}

ColumnPtr StringsOfColumn::make_column(ColumnSchema schema, const ReleaseText& release) {
  ColumnChunk chunk;
  if (schema.kind == ColumnKind::boolean) {
    chunk = make_codes<std::uint8_t>(Storage::uint8);
  } else if (schema.kind == ColumnKind::category) {
    const std::size_t codes = schema.dictionary->size();
    chunk = codes <= codes_of_int8    ? make_codes<std::int8_t>(Storage::int8)
            : codes <= codes_of_int16 ? make_codes<std::int16_t>(Storage::int16)
                                      : make_codes<std::int32_t>(Storage::int32);
  } else {
    const std::size_t bytes = text_bytes();
    const bool small = bytes <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
    chunk = small ? make_text<std::int32_t>(Storage::text32, bytes, release)
                  : make_text<std::int64_t>(Storage::text64, bytes, release);
  }
  return std::make_shared<const Column>(std::move(schema), std::vector<ColumnChunk>{std::move(chunk)});
}

// ---- words ----

/// The first row, and its text, whose text is wanted(text).
template <class Wanted>
std::optional<StringsOfColumn::Place> StringsOfColumn::first_place(const Wanted& wanted) const {
  for (std::size_t p = 0; p < column_.parts.size(); ++p) {
    // strings of a part stand in order of their first row
    for (const std::int32_t first : numbers_of_[p]) {
      const std::string_view text = string(first);
      if (is_marker(static_cast<std::size_t>(first)) || !wanted(text)) continue;
      std::size_t row = 0;
      bool found = false;
      for_each_number(p, [&](std::size_t at, std::int32_t number) {
        if (!found && number == first) row = at;
        found |= number == first;
      });
      return Place{column_.starts[p] + row, text};
    }
  }
  return std::nullopt;
}

std::string StringsOfColumn::why_not_numbers() const {
  NumberForm form{};
  double value = 0;
  const auto place = first_place([&](std::string_view text) {
    form = parse_number(without_blanks(text), false, value);
    return form != NumberForm::number && form != NumberForm::whole_number &&
           plan_.markers.any(text) == MissingMarkers::none;
  });
  if (!place) return "it holds only " + std::string(strings_.empty() ? "missing values" : "markers of missing values");
  const std::string where = shown(place->text) + " in row " + std::to_string(place->row + 1);
  if (form == NumberForm::leading_zero) return where + " has a leading zero";
  if (form == NumberForm::beyond_double) return where + " is a whole number beyond 2^53";
  return where + " is not a number";
}

std::string StringsOfColumn::reason(const ColumnSchema& schema) const {
  if (schema.kind == ColumnKind::boolean)
    return "it holds " + std::string(pair_.truth) + " and " + std::string(pair_.falsehood) + " only";
  const Vocabulary found = vocabulary();
  std::string text = why_not_numbers() + "; " + std::to_string(found.distinct) + " different values";
  if (schema.kind == ColumnKind::text && found.sampled > 0)
    text += " of " + std::to_string((found.words + found.sampled / 2) / found.sampled) + " words on average";
  return text;
}

}  // namespace automill
