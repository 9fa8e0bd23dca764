#include "text_statistics_fitted.hpp"

#include <automill/preprocess/text_statistics.hpp>

#include "data/characters.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

enum Statistic : std::size_t { length, words, capitals, small, digits, special, statistics };
constexpr std::array<const char*, statistics> statistic_names{"length", "words",  "capitals",
                                                              "small",  "digits", "special"};

}  // namespace

FittedTextStatistics::FittedTextStatistics(const Schema& input, std::vector<std::string> symbols)
    : symbols_(std::move(symbols)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    if (column.kind != ColumnKind::text) return {};
    Part part{.changed = true};
    for (std::size_t k = 0; k < statistics; ++k)
      part.columns.push_back({.name = column.name + "." + statistic_names[k], .integer = k <= words});
    for (char symbol : symbols_[source])
      part.columns.push_back({.name = column.name + ".count(" + symbol + ")", .integer = true});
    return part;
  });
}

class FittedTextStatistics::Reader final : public TextReader {
 public:
  explicit Reader(std::string_view symbols) : symbols_(symbols) {
    place_.fill(-1);
    for (std::size_t k = 0; k < symbols.size(); ++k)
      place_[static_cast<unsigned char>(symbols[k])] = static_cast<int>(statistics + k);
  }
  void read(std::string_view text, double* out) noexcept override {
    const std::size_t width = statistics + symbols_.size();
    std::fill_n(out, width, text.data() == nullptr ? std::numeric_limits<double>::quiet_NaN() : 0.0);
    bool inside = false;
    for (std::size_t at = 0; at < text.size();) {
      const std::uint32_t code = unicode::next_character(text, at);
      const bool space = unicode::is_space(code);
      out[length] += 1;
      out[words] += !space && !inside ? 1 : 0;
      inside = !space;
      if (space) continue;
      if (code < place_.size() && place_[code] >= 0) out[place_[code]] += 1;
      if (!unicode::is_word(code)) out[special] += 1;
      else if (unicode::is_capital(code)) out[capitals] += 1;
      else if (unicode::is_small(code)) out[small] += 1;
      else if (unicode::is_digit(code)) out[digits] += 1;
    }
    if (out[length] > 0)
      for (std::size_t k = capitals; k <= special; ++k) out[k] /= out[length];
  }

 private:
  std::string_view symbols_;
  std::array<int, 128> place_{};
};

std::unique_ptr<Columnwise::TextReader> FittedTextStatistics::text_reader(std::size_t source) const {
  return std::make_unique<Reader>(symbols_[source]);
}

void FittedTextStatistics::save(ArchiveWriter& out) const { out.texts("symbols", symbols_); }

std::string FittedTextStatistics::describe(int indent) const {
  std::size_t made = 0, texts = 0;
  for (std::size_t source = 0; source < symbols_.size(); ++source) {
    texts += changed(source) ? 1 : 0;
    made += changed(source) ? width(source) : 0;
  }
  return std::string(static_cast<std::size_t>(indent), ' ') + "text_statistics: " + std::to_string(texts) +
         " text columns become " + std::to_string(made) + "\n";
}

std::unique_ptr<FittedTransformer> load_text_statistics(const ArchiveReader& in,
                                                        const std::shared_ptr<const Schema>& input, int state_version,
                                                        const Registry&) {
  check_state_version(in, state_version, 1);
  std::vector<std::string> symbols = in.texts("symbols");
  if (symbols.size() != input->size()) in.fail("'symbols' must have one entry a column");
  for (std::size_t c = 0; c < symbols.size(); ++c) {
    if ((*input)[c].kind != ColumnKind::text) {
      if (!symbols[c].empty()) in.fail("'symbols' names some for column '" + (*input)[c].name + "', which is no text");
      continue;
    }
    std::size_t next = 0;  // a part of the known ones, in their order
    for (char symbol : symbols[c]) {
      next = FittedTextStatistics::counted_symbols.find(symbol, next);
      if (next == std::string_view::npos) in.fail("'symbols' has one that is not counted");
      ++next;
    }
    in.charge((statistics + symbols[c].size()) * (bytes_of((*input)[c]) + 16));
  }
  return std::make_unique<FittedTextStatistics>(*input, std::move(symbols));
}

}  // namespace automill
