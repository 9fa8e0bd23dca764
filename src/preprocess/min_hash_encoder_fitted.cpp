#include "min_hash_encoder_fitted.hpp"

#include <automill/core/archive.hpp>
#include <automill/preprocess/min_hash_encoder.hpp>
#include <unordered_set>

#include "state_check.hpp"

namespace automill {

MinHashes::MinHashes(std::size_t components, std::size_t shortest, std::size_t longest)
    : shortest_(shortest), longest_(longest) {
  for (std::size_t k = 0; k < components; ++k) factors_.push_back(mix64(purpose("min hash") + k) | 1);
}

/// An n-gram's hash is made from that of the next shorter one; those of all n-grams that begin at a place, one after
/// the other, are one pass.
void MinHashes::of(std::string_view text, float* out) const noexcept {
  constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
  constexpr std::size_t chunk = 16;  // components whose least hashes are kept in registers
  const auto begins_character = [&](std::size_t at) {
    return at == 0 || at > text.size() || (static_cast<unsigned char>(text[at - 1]) & 0xC0) != 0x80;
  };
  const std::size_t size = text.size() + 2;  // with a blank at both ends
  const auto byte = [&](std::size_t at) {
    return at == 0 || at + 1 == size ? static_cast<unsigned char>(' ') : static_cast<unsigned char>(text[at - 1]);
  };
  for (std::size_t first = 0; first < factors_.size(); first += chunk) {
    const std::size_t count = std::min(chunk, factors_.size() - first);
    const std::uint64_t* factors = factors_.data() + first;
    std::uint64_t least[chunk];
    std::fill_n(least, chunk, none);
    for (std::size_t begin = 0; begin < size; ++begin) {
      if (!begins_character(begin)) continue;
      std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a, as hash_text
      std::size_t characters = 0;
      for (std::size_t at = begin; at < size && characters < longest_; ++at) {
        hash = (hash ^ byte(at)) * 0x100000001b3ULL;
        if (at + 1 < size && !begins_character(at + 1)) continue;
        if (++characters < shortest_) continue;
        const std::uint64_t gram = mix64(hash);
        for (std::size_t k = 0; k < count; ++k) least[k] = std::min(least[k], gram * factors[k]);
      }
    }
    for (std::size_t k = 0; k < count; ++k)
      out[first + k] = std::max(0x1p-32F, static_cast<float>(static_cast<double>(least[k] >> 32) * 0x1p-32));
  }
}

FittedMinHashEncoder::FittedMinHashEncoder(const Schema& input, State state)
    : state_(std::move(state)), hashes_(state_.components, state_.shortest, state_.longest), categories_(input.size()) {
  for (std::size_t c = 0; c < input.size(); ++c) {
    if (state_.encoded[c] == 0 || input[c].kind != ColumnKind::category) continue;
    const auto& names = input[c].dictionary->names();
    categories_[c].resize(names.size() * state_.components);
    for (std::size_t code = 0; code < names.size(); ++code)
      hashes_.of(names[code], categories_[c].data() + code * state_.components);
  }
}

Schema FittedMinHashEncoder::make_output_schema(const Schema& input) const {
  std::unordered_set<std::string> taken;
  for (std::size_t c = 0; c < input.size(); ++c)
    if (state_.encoded[c] == 0) taken.insert(input[c].name);
  std::vector<ColumnSchema> columns;
  for (std::size_t c = 0; c < input.size(); ++c) {
    if (state_.encoded[c] == 0) {
      columns.push_back(input[c]);
      continue;
    }
    for (std::size_t k = 0; k < state_.components; ++k) {
      const std::string base = input[c].name + "_minhash_" + std::to_string(k);
      ColumnSchema column{.name = base};
      for (int copy = 2; !taken.insert(column.name).second; ++copy) column.name = base + "_" + std::to_string(copy);
      columns.push_back(std::move(column));
    }
  }
  return Schema(std::move(columns));
}

const float* FittedMinHashEncoder::of_category(std::size_t column, double code) const noexcept {
  const std::vector<float>& hashes = categories_[column];
  const std::size_t known = hashes.size() / state_.components;
  if (!(code >= 0 && code < static_cast<double>(known))) return nullptr;
  return hashes.data() + static_cast<std::size_t>(code) * state_.components;
}

void FittedMinHashEncoder::encode_categories(const TableView& rows, std::size_t column,
                                             std::vector<std::vector<double>>& out, const StopToken& stop) const {
  constexpr std::size_t block = 2048;
  std::vector<double> codes(std::min(block, rows.rows()));
  for (std::size_t begin = 0; begin < rows.rows(); begin += block) {
    stop.throw_if_requested();
    const std::size_t count = std::min(block, rows.rows() - begin);
    rows.part(begin, count).numbers(column, codes.data());
    for (std::size_t i = 0; i < count; ++i)
      if (const float* hashes = of_category(column, codes[i]))
        for (std::size_t k = 0; k < out.size(); ++k) out[k][begin + i] = static_cast<double>(hashes[k]);
  }
}

void FittedMinHashEncoder::encode_texts(const TableView& rows, std::size_t column,
                                        std::vector<std::vector<double>>& out, const StopToken& stop) const {
  std::unordered_map<std::string_view, std::size_t> first_row;  // of each distinct string
  std::vector<float> hashes(state_.components);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    if (i % 256 == 0) stop.throw_if_requested();
    const std::string_view text = rows.text(column, i);
    if (rows.table()[column].missing(rows.row(i))) continue;
    const auto [found, is_new] = first_row.emplace(text, i);
    if (is_new) hashes_.of(text, hashes.data());
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k][i] = is_new ? static_cast<double>(hashes[k]) : out[k][found->second];
  }
}

Table FittedMinHashEncoder::transform_aligned(const TableView& rows, const RunContext& context) const {
  const std::size_t n = rows.rows(), sources = state_.encoded.size();
  std::vector<std::vector<ColumnPtr>> parts(sources);
  std::vector<std::size_t> first(sources + 1, 0);
  for (std::size_t c = 0; c < sources; ++c) first[c + 1] = first[c] + (state_.encoded[c] != 0 ? state_.components : 1);
  context.executor().run(sources, [&](std::size_t c) {
    context.stop.throw_if_requested();
    if (state_.encoded[c] == 0) {
      parts[c].push_back(copy_column(rows, c));
      return;
    }
    const MemoryClaim claim(context.memory, n * state_.components * 8, "min-hash columns");
    std::vector<std::vector<double>> out(state_.components, std::vector<double>(n, 0.0));
    if (rows.schema()[c].kind == ColumnKind::text) encode_texts(rows, c, out, context.stop);
    else encode_categories(rows, c, out, context.stop);
    for (std::size_t k = 0; k < out.size(); ++k)
      parts[c].push_back(make_number_column((*output_schema())[first[c] + k], std::move(out[k])));
  });
  std::vector<ColumnPtr> columns;
  for (const auto& part : parts) columns.insert(columns.end(), part.begin(), part.end());
  return Table::with_rows(std::move(columns), n);
}

class FittedMinHashEncoder::Rows final : public RowTransformer {
 public:
  explicit Rows(const FittedMinHashEncoder& fitted) : fitted_(&fitted), hashes_(fitted.state_.components) {
    for (const ColumnSchema& column : fitted.input_schema()->columns())
      text_.push_back(column.kind == ColumnKind::text ? 1 : 0);
  }
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    const std::size_t components = hashes_.size();
    for (std::size_t c = 0; c < text_.size(); ++c) {
      if (fitted_->state_.encoded[c] == 0) {
        if (text_[c] != 0 && row.texts != nullptr) *texts = row.texts[c];
        *numbers++ = row.numbers[c];
        if (texts != nullptr) ++texts;
        continue;
      }
      const float* hashes = text_[c] != 0 ? of_text(row, c) : fitted_->of_category(c, row.numbers[c]);
      for (std::size_t k = 0; k < components; ++k)
        *numbers++ = hashes == nullptr ? 0.0 : static_cast<double>(hashes[k]);
      if (texts != nullptr) texts += components;
    }
  }

 private:
  const float* of_text(const RowView& row, std::size_t column) noexcept {
    if (std::isnan(row.numbers[column]) || row.texts == nullptr) return nullptr;
    fitted_->hashes_.of(row.texts[column], hashes_.data());
    return hashes_.data();
  }

  const FittedMinHashEncoder* fitted_;
  std::vector<float> hashes_;
  std::vector<std::uint8_t> text_;  ///< one a column: whether it is text
};

std::unique_ptr<RowTransformer> FittedMinHashEncoder::row_transformer() const { return std::make_unique<Rows>(*this); }

void FittedMinHashEncoder::save(ArchiveWriter& out) const {
  out.set("components", static_cast<std::int64_t>(state_.components));
  out.set("ngram_min", static_cast<std::int64_t>(state_.shortest));
  out.set("ngram_max", static_cast<std::int64_t>(state_.longest));
  out.array("encoded", state_.encoded);
}

std::string FittedMinHashEncoder::describe(int indent) const {
  const auto columns = std::count(state_.encoded.begin(), state_.encoded.end(), 1);
  return std::string(static_cast<std::size_t>(indent), ' ') + "min_hash_encoder: " + std::to_string(columns) +
         " columns of strings become " + std::to_string(state_.components) + " numbers each\n";
}

std::unique_ptr<FittedTransformer> load_min_hash_encoder(const ArchiveReader& in,
                                                         const std::shared_ptr<const Schema>& input, int state_version,
                                                         const Registry&) {
  check_state_version(in, state_version, 1);
  FittedMinHashEncoder::State state{.components = static_cast<std::size_t>(in.integer("components", 1, 1000)),
                                    .shortest = static_cast<std::size_t>(in.integer("ngram_min", 1, 16)),
                                    .longest = static_cast<std::size_t>(in.integer("ngram_max", 1, 16)),
                                    .encoded = in.array<std::uint8_t>("encoded", input->size())};
  if (state.longest < state.shortest) in.fail("'ngram_max' is less than 'ngram_min'");
  for (std::size_t c = 0; c < input->size(); ++c) {
    const ColumnSchema& column = (*input)[c];
    const bool strings = column.kind == ColumnKind::category || column.kind == ColumnKind::text;
    if (state.encoded[c] > (strings ? 1 : 0)) in.fail("'encoded' does not fit column '" + column.name + "'");
    if (state.encoded[c] == 0) continue;
    const std::size_t categories = column.kind == ColumnKind::category ? column.dictionary->size() : 0;
    in.charge(state.components * (4 * categories + bytes_of(ColumnSchema{.name = column.name + "_minhash_000"})));
  }
  return std::make_unique<FittedMinHashEncoder>(*input, std::move(state));
}

}  // namespace automill
