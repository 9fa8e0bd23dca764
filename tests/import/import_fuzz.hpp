#pragma once
// Any bytes as a model to import: an Error with a code of import.*, or a model that predicts, saves and loads. Shared
// by the fuzz target and the tests.

#include <automill/import/import_model.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>
#include <cstdio>
#include <cstdlib>

namespace import_fuzz {

using namespace automill;

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// One row as in a batch, for rows of small numbers, codes and holes; the saved bytes load and verify.
inline void use(const ServedModel& model) {
  const std::size_t rows = 20, columns = model.schema().size();
  if (columns > 1000) return;
  std::vector<ColumnPtr> made;
  for (std::size_t c = 0; c < columns; ++c) {
    const ColumnSchema& column = model.schema()[c];
    std::vector<double> values(rows);
    for (std::size_t i = 0; i < rows; ++i)
      values[i] =
          (i + c) % 5 == 4 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>((i * 7 + c) % 11) - 2;
    std::vector<std::int32_t> codes(rows);
    for (std::size_t i = 0; i < rows && column.kind == ColumnKind::category; ++i)
      codes[i] = static_cast<std::int32_t>((i + c) % (column.dictionary->size() + 2)) - 1;
    made.push_back(column.kind == ColumnKind::category ? make_category_column(column, codes)
                                                       : make_number_column(column, values));
  }
  const Table table = Table::with_rows(made, rows);
  const auto batch = model.predict(table).raw();
  const auto one = model.parts().model->row_predictor();
  std::vector<double> cells(columns), out(batch.width);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t c = 0; c < columns; ++c) cells[c] = table[c].number(i);
    one->predict({cells.data(), nullptr}, out);
    for (std::size_t k = 0; k < out.size(); ++k)
      require(out[k] == batch.row(i)[k] || (std::isnan(out[k]) && std::isnan(batch.row(i)[k])),
              "a row differs from the batch");
  }
  const auto bytes = model.bytes();
  const ServedModel loaded = load(std::span<const std::byte>(bytes));
  require(loaded.bytes() == bytes, "a loaded model has other bytes");
  require(loaded.verify().ok, "the self-test differs");
}

/// Whether the bytes are a model.
inline bool try_bytes(std::string_view text) {
  try {
    use(import_model(std::as_bytes(std::span<const char>(text.data(), text.size()))));
    return true;
  } catch (const Error& error) {
    require(error.code().starts_with("import.") || error.code() == "option.contradiction", error.what());
    return false;
  }
}

/// A few changes: digits, bytes, pieces left out, put elsewhere or doubled.
inline std::string changed(std::string text, std::uint64_t seed) {
  RandomStream random(seed, purpose("import fuzz"));
  for (std::uint64_t n = 1 + random.below(3); n > 0 && !text.empty(); --n) {
    const std::size_t at = random.below(text.size()),
                      size = std::min<std::size_t>(1 + random.below(12), text.size() - at);
    const std::string piece = text.substr(at, size);
    switch (random.below(6)) {
      case 0:
      case 1:  // a digit becomes another
        for (std::size_t i = at; i < text.size(); ++i)
          if (text[i] >= '0' && text[i] <= '9') {
            text[i] = static_cast<char>('0' + random.below(10));
            break;
          }
        break;
      case 2:
        text[at] = static_cast<char>(random.below(256));
        break;
      case 3:
        text.erase(at, size);
        break;
      case 4:
        text.insert(random.below(text.size()), piece);
        break;
      default:
        text.insert(at, random.below(2) == 0 ? "-" : "9");
    }
  }
  return text;
}

}  // namespace import_fuzz
