// libFuzzer target of the CSV reader: whatever the bytes, it gives a table or an Error - the same one for every chunk
// size and number of threads - and a table that was read is read again with its own schema, also after writing it.
//
//   clang++ -std=c++20 -O1 -g -fsanitize=fuzzer,address,undefined -Iinclude -Isrc tests/fuzz/fuzz_csv.cpp
//       src/data/platform.cpp src/data/inflate.cpp src/data/csv_*.cpp -lz -o fuzz_csv
//   ./fuzz_csv -max_len=4096 corpus

#include <automill/data/csv.hpp>
#include <automill/data/csv_writer.hpp>
#include <cstdlib>

#include "data/csv_index.hpp"

namespace {

using namespace automill;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::optional<Table> table{};
  std::string error{};
};

template <class Read>
Outcome outcome_of(const Read& read) {
  try {
    return {read(), ""};
  } catch (const Error& error) {
    return {std::nullopt, error.what()};
  }
}

bool strings(const Column& column) {
  return column.kind() == ColumnKind::category || column.kind() == ColumnKind::text;
}

void require_same_cells(const Table& a, const Table& b) {
  require(a.rows() == b.rows() && a.size() == b.size());
  for (std::size_t c = 0; c < a.size(); ++c) {
    require(a[c].kind() == b[c].kind() && a[c].name() == b[c].name());
    for (std::size_t r = 0; r < a.rows(); ++r) {
      const double x = a[c].number(r), y = b[c].number(r);
      require(std::isnan(x) == std::isnan(y));
      require(strings(a[c]) ? a[c].text(r) == b[c].text(r) : std::isnan(x) || x == y);
    }
  }
}

/// Batches of a few rows, each from where the last one ended, hold the same fields as all rows at once.
void require_cut_rows_agree(std::string_view text, const CsvDialect& dialect, std::size_t most) {
  FieldIndex whole, part;
  whole.build(text, dialect, TextEnd::complete);
  if (whole.faults().count > 0 || whole.open_quote()) return;
  std::size_t row = 0;
  for (TextEnd end = TextEnd::cut; row < whole.rows();) {
    part.build(text, dialect, end, most);
    require(part.faults().count == 0 && part.rows() <= most);
    for (std::size_t r = 0; r < part.rows(); ++r, ++row)
      for (std::size_t c = 0; c < dialect.columns; ++c) require(part.field(r, c) == whole.field(row, c));
    text.remove_prefix(part.consumed());
    require(part.rows() > 0 || end == TextEnd::cut);
    if (part.rows() == 0) end = TextEnd::complete;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  constexpr char delimiters[] = {',', ';', '\t', '|', 'a'};
  const std::string text(reinterpret_cast<const char*>(data) + 3, size - 3);  // of its own: overruns are seen
  CsvOptions whole{.threads = 1, .inflate_limit = std::uint64_t{1} << 20};
  if (data[0] % 6 < 5) whole.delimiter = delimiters[data[0] % 6];
  if (data[0] >= 128) whole.missing = {"x", "-1", "missing"};
  CsvOptions cut = whole;
  cut.chunk_bytes = 1 + data[1] % 100;
  cut.threads = data[1] >= 250 ? 2 : 1;

  const Outcome one = outcome_of([&] { return read_csv_text(text, whole); });
  const Outcome other = outcome_of([&] { return read_csv_text(text, cut); });
  require(one.error == other.error && one.table.has_value() == other.table.has_value());
  require_cut_rows_agree(text, {.delimiter = ',', .columns = 1 + data[2] % 4u}, 1 + data[2] / 64u);
  if (!one.table) return 0;
  require_same_cells(*one.table, *other.table);

  const Schema& schema = *one.table->schema();
  require_same_cells(*one.table, read_csv_text(text, schema, cut));
  std::string written;
  append_csv_header(written, schema);
  append_csv_rows(written, *one.table, 0, one.table->rows());
  const Outcome again = outcome_of([&] { return read_csv_text(written, schema, {.delimiter = ',', .threads = 1}); });
  if (again.error.ends_with("[data.not_csv]")) return 0;  // a column whose name is the signature of another format
  require_same_cells(*one.table, again.table.value());
  return 0;
}
