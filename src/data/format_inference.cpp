#include "data/format_inference.hpp"

#include <algorithm>
#include <array>
#include <automill/core/random.hpp>
#include <cmath>
#include <map>

#include "data/boolean_text.hpp"
#include "data/cell_format.hpp"
#include "data/missing_markers.hpp"
#include "data/number_text.hpp"

namespace automill {
namespace {

constexpr double least_read = 0.9;
constexpr std::size_t sample_cells = 200, few_numbers = 20, most_unread_numbers = 3, longest_unit = 16;

/// Cells without those that mean missing, the most frequent first (in an order of their own among equals, as good as
/// random): a look at the first ones rejects most columns.
std::vector<DistinctCell> present_cells(std::span<const DistinctCell> cells) {
  const MissingMarkers markers;
  std::vector<std::pair<std::uint64_t, DistinctCell>> present;
  for (const DistinctCell& cell : cells)
    if (markers.any(without_any_blanks(cell.text)) == MissingMarkers::none)
      present.emplace_back(hash_text(cell.text), cell);
  const auto before = [](const auto& a, const auto& b) {
    return a.second.rows != b.second.rows ? a.second.rows > b.second.rows
           : a.first != b.first           ? a.first < b.first
                                          : a.second.text < b.second.text;
  };
  const auto head = present.begin() + static_cast<std::ptrdiff_t>(std::min(sample_cells, present.size()));
  std::partial_sort(present.begin(), head, present.end(), before);
  std::vector<DistinctCell> ordered;
  for (const auto& [hash, cell] : present) ordered.push_back(cell);
  return ordered;
}

struct Reading {
  std::size_t rows = 0, read = 0, unread_cells = 0;
  double share() const { return rows == 0 ? 0 : static_cast<double>(read) / static_cast<double>(rows); }
};

Reading try_format(const CellFormat& format, std::span<const DistinctCell> cells) {
  Reading reading;
  for (const DistinctCell& cell : cells) {
    const bool fits = format.read(cell.text).has_value();
    reading.rows += cell.rows;
    reading.read += fits ? cell.rows : 0;
    reading.unread_cells += fits ? 0 : 1;
  }
  return reading;
}

// ---- numbers ----

constexpr std::array<std::string_view, 34> currencies{
    "$",   "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xB9", "\xE2\x82\xBD", "\xE2\x82\xA9", "US$", "USD",
    "EUR", "GBP",          "JPY",      "CHF",      "INR",          "CAD",          "AUD",          "CNY", "SEK",
    "NOK", "DKK",          "PLN",      "BRL",      "MXN",          "ZAR",          "Rs",           "Rs.", "A$",
    "C$",  "R$",           "HK$",      "NZ$",      "S$",           "kr",           "CZK"};

/// What stands before the first and behind the last digit, without signs and parentheses.
struct Units {
  std::string_view prefix, suffix;
};
std::optional<Units> units_of(std::string_view text) {
  text = without_any_blanks(text);
  const auto first = std::find_if(text.begin(), text.end(), is_digit);
  if (first == text.end()) return std::nullopt;
  const auto last = std::find_if(text.rbegin(), text.rend(), is_digit);
  Units units{text.substr(0, static_cast<std::size_t>(first - text.begin())),
              text.substr(text.size() - static_cast<std::size_t>(last - text.rbegin()))};
  const auto trim = [](std::string_view part, std::string_view signs) {
    while (true) {
      part = without_any_blanks(part);
      if (!part.empty() && signs.find(part.front()) != std::string_view::npos) part.remove_prefix(1);
      else if (!part.empty() && signs.find(part.back()) != std::string_view::npos) part.remove_suffix(1);
      else if (part.starts_with("\xE2\x88\x92")) part.remove_prefix(3);
      else return part;
    }
  };
  units.prefix = trim(units.prefix, "(-+");
  if (units.prefix == "." || units.prefix == ",") units.prefix = {};
  units.suffix = trim(units.suffix, ")");
  return units;
}

bool is_unit(std::string_view suffix) {
  if (suffix.empty() || suffix.size() > longest_unit || suffix.find('#') != std::string_view::npos) return false;
  return std::any_of(suffix.begin(), suffix.end(), [](char c) {
    return c == '%' || c == '$' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

/// The most frequent of the units, by rows.
std::string_view most_frequent(const std::map<std::string_view, std::size_t>& rows_of) {
  std::string_view best;
  std::size_t most = 0;
  for (const auto& [text, rows] : rows_of)
    if (rows > most) std::tie(best, most) = std::pair(text, rows);
  return best;
}

/// Ways to write separators, the likelier first: the first of those that read the most cells is taken. All take
/// separators of thousands that training may not have had.
constexpr std::array<std::string_view, 6> separators{"#,#.#", "#.#,#", "# #,#", "# #.#", "#'#.#", "#\xE2\x80\x99#.#"};

std::optional<CellFormat> number_format(std::span<const DistinctCell> sample) {
  std::map<std::string_view, std::size_t> prefixes, suffixes;
  for (const DistinctCell& cell : sample) {
    const auto units = units_of(cell.text);
    if (!units) continue;
    if (std::find(currencies.begin(), currencies.end(), units->prefix) != currencies.end())
      prefixes[units->prefix] += cell.rows;
    if (is_unit(units->suffix)) suffixes[units->suffix] += cell.rows;
  }
  std::optional<CellFormat> best;
  std::size_t most = 0;
  for (std::string_view middle : separators) {
    std::string spec(most_frequent(prefixes));
    spec.append(middle).append(suffixes.empty() ? "" : " ").append(most_frequent(suffixes));
    const auto format = CellFormat::from_spec(ColumnKind::number, spec);
    if (!format) continue;
    const std::size_t read = try_format(*format, sample).read;
    if (read > most) std::tie(best, most) = std::pair(format, read);
  }
  return best;
}

/// Codes rather than numbers: "007", whole numbers beyond 2^53.
bool holds_codes(std::span<const DistinctCell> cells) {
  for (const DistinctCell& cell : cells) {
    double value = 0;
    const NumberForm form = parse_number(without_any_blanks(cell.text), false, value);
    if (form == NumberForm::leading_zero || form == NumberForm::beyond_double) return true;
  }
  return false;
}

/// Cells that are read by no number format: a few words ("call us") may stand beside numbers, other numbers ("5 lb"
/// beside "5 kg") may not.
bool few_words_beside(const CellFormat& format, std::span<const DistinctCell> cells) {
  std::size_t words = 0;
  for (const DistinctCell& cell : cells) {
    if (format.read(cell.text)) continue;
    if (std::any_of(cell.text.begin(), cell.text.end(), is_digit) || ++words > most_unread_numbers) return false;
  }
  return true;
}

/// Whether numbers are meant where they could be read: codes, and a few whole numbers as strings, are categories.
bool means_numbers(const CellFormat& format, std::span<const DistinctCell> cells) {
  if (!few_words_beside(format, cells)) return false;
  const bool separated = std::any_of(cells.begin(), cells.end(), [](const DistinctCell& cell) {
    return cell.text.find(',') != std::string_view::npos;
  });
  if (separated || format.spec() != separators[0]) return true;
  if (holds_codes(cells)) return false;
  if (cells.size() > few_numbers) return true;
  return std::any_of(cells.begin(), cells.end(), [&](const DistinctCell& cell) {
    const auto value = format.read(cell.text);
    return value && *value != std::floor(*value);
  });
}

// ---- times ----

constexpr std::array<std::string_view, 27> dates{
    "%Y-%m-%d",     "%Y/%m/%d",      "%Y.%m.%d", "%d.%m.%Y",  "%m/%d/%Y", "%d/%m/%Y",  "%d-%m-%Y",
    "%m-%d-%Y",     "%d.%m.%y",      "%m/%d/%y", "%d/%m/%y",  "%d-%m-%y", "%m-%d-%y",  "%d %b %Y",
    "%d-%b-%Y",     "%d-%b-%y",      "%d %b %y", "%b %d, %Y", "%b %d %Y", "%d %b, %Y", "%a, %d %b %Y",
    "%a %b %d, %Y", "%a, %b %d, %Y", "%b %Y",    "%b-%Y",     "%b-%y",    "%d/%b/%Y"};
constexpr std::array<std::string_view, 8> times{"",          " %H:%M",   " %H:%M:%S",    "T%H:%M:%S",
                                                " %I:%M %p", " %I:%M%p", " %I:%M:%S %p", ", %H:%M"};

/// The same with day and month in each other's place; empty: the month has a name, or the year leads.
std::string swapped_days(std::string spec) {
  const std::size_t day = spec.find("%d"), month = spec.find("%m"), year = std::min(spec.find("%Y"), spec.find("%y"));
  if (month == std::string::npos || day == std::string::npos || year < std::max(day, month)) return {};
  std::swap(spec[day + 1], spec[month + 1]);
  return spec;
}

std::optional<CellFormat> time_format(std::span<const DistinctCell> sample) {
  std::optional<CellFormat> best;
  std::size_t most = 0;
  for (std::string_view date : dates)
    for (std::string_view time : times) {
      const auto format = CellFormat::from_spec(ColumnKind::datetime, std::string(date) + std::string(time));
      const std::size_t read = try_format(*format, sample).read;
      if (read > most) std::tie(best, most) = std::pair(format, read);
    }
  return best;
}

/// Day first or month first: what reads more of all cells.
void settle_days(CellFormat& format, Reading& reading, std::span<const DistinctCell> cells, std::string& ambiguity) {
  const auto other = CellFormat::from_spec(ColumnKind::datetime, swapped_days(format.spec()));
  if (!other) return;
  const Reading swapped = try_format(*other, cells);
  if (swapped.read < reading.read) return;
  if (swapped.read == reading.read) {
    ambiguity = "every cell could also be " + other->spec();
    return;
  }
  format = *other;
  reading = swapped;
}

// ---- the column ----

std::optional<FoundFormat> found(CellFormat format, const std::vector<DistinctCell>& cells, double least_share) {
  Reading reading = try_format(format, cells);
  FoundFormat result{.kind = format.kind(), .integer = format.kind() == ColumnKind::number};
  if (format.kind() == ColumnKind::datetime) settle_days(format, reading, cells, result.ambiguity);
  if (reading.read == 0 || reading.share() < least_share) return std::nullopt;
  result.format = format.spec();
  result.unread = reading.rows - reading.read;
  result.unread_cells = reading.unread_cells;
  std::size_t most = 0;
  for (const DistinctCell& cell : cells) {
    const auto value = format.read(cell.text);
    if (value) {
      result.integer = result.integer && *value == std::floor(*value);
      if (result.example.empty() || (cell.text.size() > result.example.size() && cell.text.size() < 30))
        result.example = cell.text;
    } else if (cell.rows > most || (cell.rows == most && cell.text < result.unread_cell)) {
      most = cell.rows;
      result.unread_cell = cell.text;
    }
  }
  return result;
}

/// The cells in order, the first of them as a sample; empty: no cell has a digit.
struct Candidates {
  std::vector<DistinctCell> cells;
  std::span<const DistinctCell> sample;

  explicit Candidates(std::span<const DistinctCell> all) : cells(present_cells(all)) {
    sample = {cells.data(), std::min(cells.size(), sample_cells)};
    const bool digits = std::any_of(sample.begin(), sample.end(), [](const DistinctCell& cell) {
      return std::any_of(cell.text.begin(), cell.text.end(), is_digit);
    });
    if (!digits) sample = {};
  }
  bool promising(const std::optional<CellFormat>& format) const {
    return format && try_format(*format, sample).share() >= least_read / 2;
  }
};

/// Both spellings of one pair, and nothing else.
std::optional<FoundFormat> infer_boolean(std::span<const DistinctCell> all) {
  if (all.size() > 2 + MissingMarkers::usual.size() + 8) return std::nullopt;
  const std::vector<DistinctCell> cells = present_cells(all);
  if (cells.size() != 2) return std::nullopt;
  for (std::size_t i = 0; i < guessed_pairs; ++i) {
    const BooleanPair& pair = boolean_pairs[i];
    const int first = boolean_value(pair, without_any_blanks(cells[0].text)),
              second = boolean_value(pair, without_any_blanks(cells[1].text));
    if (first < 0 || second < 0 || first == second) continue;
    return FoundFormat{.kind = ColumnKind::boolean,
                       .format = std::string(pair.truth) + "/" + std::string(pair.falsehood),
                       .example = std::string(pair.truth)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<FoundFormat> infer_format(std::span<const DistinctCell> cells) {
  if (auto boolean = infer_boolean(cells)) return boolean;
  return infer_values(cells, least_read);
}

std::optional<FoundFormat> infer_values(std::span<const DistinctCell> cells, double least_share) {
  const Candidates all(cells);
  if (const auto format = number_format(all.sample); all.promising(format)) {
    auto numbers = found(*format, all.cells, least_share);
    if (numbers && means_numbers(*format, all.cells)) return numbers;
  }
  if (const auto format = time_format(all.sample); all.promising(format)) return found(*format, all.cells, least_share);
  return std::nullopt;
}

std::optional<FoundFormat> infer_format(std::span<const DistinctCell> cells, ColumnKind kind) {
  if (kind == ColumnKind::boolean) return infer_boolean(cells);
  const Candidates all(cells);
  const auto format = kind == ColumnKind::number ? number_format(all.sample) : time_format(all.sample);
  return format ? found(*format, all.cells, 1.0) : std::nullopt;
}

std::string nested_cells(std::span<const DistinctCell> cells) {
  std::size_t rows = 0, lists = 0, objects = 0;
  const MissingMarkers markers;
  for (const DistinctCell& cell : cells) {
    const std::string_view text = without_any_blanks(cell.text);
    if (markers.any(text) != MissingMarkers::none) continue;
    const bool pair = text.size() >= 2;
    rows += cell.rows;
    lists += pair && text.front() == '[' && text.back() == ']' ? cell.rows : 0;
    objects += pair && text.front() == '{' && text.back() == '}' ? cell.rows : 0;
  }
  const auto most = [&](std::size_t some) {
    return rows > 0 && static_cast<double>(some) >= least_read * static_cast<double>(rows);
  };
  return most(objects) ? "JSON objects" : most(lists) ? "lists" : "";
}

}  // namespace automill
