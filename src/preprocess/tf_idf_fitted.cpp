#include "tf_idf_fitted.hpp"

#include <automill/preprocess/tf_idf.hpp>

#include "sparse_columns.hpp"
#include "state_check.hpp"

namespace automill {

NgramIndex::NgramIndex(std::span<const std::uint64_t> hashes) {
  std::size_t size = 1;
  while (size < 2 * hashes.size() + 1) size *= 2;
  cells_.assign(size, Cell{});
  mask_ = size - 1;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    std::size_t at = hashes[i] & mask_;
    while (cells_[at].place != none && cells_[at].hash != hashes[i]) at = (at + 1) & mask_;
    if (cells_[at].place == none) cells_[at] = {hashes[i], static_cast<std::uint32_t>(i)};
  }
}

FittedTfIdf::FittedTfIdf(const Schema& input, std::vector<std::vector<Vocabulary>> columns, Options options)
    : columns_(std::move(columns)), options_(options) {
  for (auto& vocabularies : columns_)
    for (Vocabulary& vocabulary : vocabularies) vocabulary.index = NgramIndex(vocabulary.hashes);
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    Part part{.changed = column.kind == ColumnKind::text};
    std::size_t terms = 0;
    for (const Vocabulary& vocabulary : columns_[source]) terms += vocabulary.terms.size();
    part.columns.reserve(terms);
    for (const Vocabulary& vocabulary : columns_[source])
      for (const std::string& term : vocabulary.terms)
        part.columns.push_back({.name = column.name + (vocabulary.rule.characters ? '~' : ':') + term});
    return part;
  });
}

/// The cells of a text that are not 0, in the order in which their n-grams first occur.
class FittedTfIdf::CellReader {
 public:
  CellReader(const std::vector<Vocabulary>& vocabularies, Options options)
      : vocabularies_(&vocabularies), options_(options) {
    std::size_t most = 0;
    for (const Vocabulary& vocabulary : vocabularies) most = std::max(most, vocabulary.hashes.size());
    counts_.assign(most, 0);
    found_.resize(most);
    for (std::size_t n = 0; n < logarithms_.size(); ++n)
      logarithms_[n] = 1 + math::log(static_cast<double>(std::max<std::size_t>(1, n)));
  }

  /// Calls emit(output column, value).
  template <class Emit>
  void read(std::string_view text, const Emit& emit) {
    std::size_t first = 0;
    for (const Vocabulary& vocabulary : *vocabularies_) {
      read_one(text, vocabulary, [&](std::size_t place, double value) { emit(first + place, value); });
      first += vocabulary.hashes.size();
    }
  }

 private:
  double frequency(std::uint32_t count) const {
    if (!options_.sublinear_tf) return count;
    return count < logarithms_.size() ? logarithms_[count] : 1 + math::log(static_cast<double>(count));
  }
  template <class Emit>
  void read_one(std::string_view text, const Vocabulary& vocabulary, const Emit& emit) {
    std::size_t distinct = 0, waiting = 0;
    std::array<std::uint64_t, 32> hashes;  // that are on their way from memory
    const auto count = [&] {
      for (std::size_t i = 0; i < waiting; ++i) {
        const std::uint32_t place = vocabulary.index.find(hashes[i]);
        if (place != NgramIndex::none && counts_[place]++ == 0) found_[distinct++] = place;
      }
      waiting = 0;
    };
    for_each_ngram(text, vocabulary.rule, [&](std::uint64_t hash) {
      vocabulary.index.prefetch(hash);
      hashes[waiting++] = hash;
      if (waiting == hashes.size()) count();
    });
    count();
    double squares = 0;
    if (options_.l2_norm)
      for (std::size_t i = 0; i < distinct; ++i) {
        const double value = frequency(counts_[found_[i]]) * vocabulary.weights[found_[i]];
        squares += value * value;
      }
    const double norm = squares > 0 ? std::sqrt(squares) : 1;
    for (std::size_t i = 0; i < distinct; ++i) {
      const std::uint32_t place = found_[i];
      double value = frequency(counts_[place]) * vocabulary.weights[place] / norm;
      if (!vocabulary.factors.empty()) value *= vocabulary.factors[place];
      counts_[place] = 0;
      if (value != 0) emit(place, value);
    }
  }

  const std::vector<Vocabulary>* vocabularies_;
  Options options_;
  std::array<double, 64> logarithms_{};
  std::vector<std::uint32_t> counts_{}, found_{};
};

class FittedTfIdf::Reader final : public TextReader {
 public:
  Reader(const std::vector<Vocabulary>& vocabularies, Options options, std::size_t width)
      : cells_(vocabularies, options), width_(width) {}
  void read(std::string_view text, double* out) noexcept override {
    std::fill_n(out, width_, 0.0);
    cells_.read(text, [&](std::size_t column, double value) { out[column] = value; });
  }

 private:
  CellReader cells_;
  std::size_t width_;
};

std::unique_ptr<Columnwise::TextReader> FittedTfIdf::text_reader(std::size_t source) const {
  if (columns_[source].empty()) return nullptr;
  return std::make_unique<Reader>(columns_[source], options_, width(source));
}

std::vector<ColumnPtr> FittedTfIdf::text_columns(std::size_t source, const TableView& rows,
                                                 const RunContext& context) const {
  SparseRows cells(rows.rows(), context);
  cells.fill([&] {
    return [reader = CellReader(columns_[source], options_), &rows, source](std::size_t row, auto& out) mutable {
      reader.read(rows.text(source, row), [&](std::size_t column, double value) { out.add(column, value); });
    };
  });
  return cells.columns(outputs_of(source));
}

void FittedTfIdf::save(ArchiveWriter& out) const {
  out.set("sublinear_tf", options_.sublinear_tf);
  out.set("l2_norm", options_.l2_norm);
  out.children("columns", columns_.size(), [&](ArchiveWriter& column, std::size_t c) {
    column.children("vocabularies", columns_[c].size(), [&](ArchiveWriter& one, std::size_t v) {
      const Vocabulary& vocabulary = columns_[c][v];
      one.set("characters", vocabulary.rule.characters);
      one.set("shortest", vocabulary.rule.shortest);
      one.set("longest", vocabulary.rule.longest);
      one.set("min_word_length", vocabulary.rule.min_word_length);
      one.set("lowercase", vocabulary.rule.lowercase);
      std::vector<std::uint8_t> bytes;
      std::vector<std::uint32_t> ends;
      for (const std::string& term : vocabulary.terms) {
        bytes.insert(bytes.end(), term.begin(), term.end());
        ends.push_back(static_cast<std::uint32_t>(bytes.size()));
      }
      one.array("terms", bytes);
      one.array("term_ends", ends);
      one.array("hashes", vocabulary.hashes);
      one.array("weights", vocabulary.weights);
      one.array("factors", vocabulary.factors);
    });
  });
}

std::string FittedTfIdf::describe(int indent) const {
  std::size_t texts = 0, terms = 0;
  for (const auto& vocabularies : columns_) {
    texts += vocabularies.empty() ? 0 : 1;
    for (const Vocabulary& vocabulary : vocabularies) terms += vocabulary.hashes.size();
  }
  return std::string(static_cast<std::size_t>(indent), ' ') + "tf_idf: " + std::to_string(texts) +
         " text columns become " + std::to_string(terms) + "\n";
}

namespace {

FittedTfIdf::Vocabulary load_vocabulary(const ArchiveReader& in, const std::string& column) {
  FittedTfIdf::Vocabulary vocabulary;
  vocabulary.rule.characters = in.boolean("characters");
  const int most = vocabulary.rule.characters ? most_ngram_characters : most_ngram_words;
  vocabulary.rule.longest = static_cast<int>(in.integer("longest", 1, most));
  vocabulary.rule.shortest = static_cast<int>(in.integer("shortest", 1, vocabulary.rule.longest));
  vocabulary.rule.min_word_length = static_cast<int>(in.integer("min_word_length", 1, 100));
  vocabulary.rule.lowercase = in.boolean("lowercase");
  vocabulary.hashes = in.array<std::uint64_t>("hashes");
  const std::size_t size = vocabulary.hashes.size();
  vocabulary.weights = in.array<double>("weights", size);
  vocabulary.factors = in.array<double>("factors");
  if (!vocabulary.factors.empty() && vocabulary.factors.size() != size)
    in.fail("'factors' must be empty or have one entry a term");
  check_finite(in, "weights", vocabulary.weights);
  check_finite(in, "factors", vocabulary.factors);
  const auto bytes = in.array<std::uint8_t>("terms");
  const auto ends = in.array<std::uint32_t>("term_ends", size);
  std::size_t begin = 0;
  for (std::uint32_t end : ends) {
    if (end < begin || end > bytes.size()) in.fail("'term_ends' must ascend within 'terms'");
    vocabulary.terms.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                                  bytes.begin() + static_cast<std::ptrdiff_t>(end));
    in.charge(bytes_of({.name = column + ":" + vocabulary.terms.back()}) + 64);
    begin = end;
  }
  return vocabulary;
}

}  // namespace

std::unique_ptr<FittedTransformer> load_tf_idf(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                               int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  const auto stored = in.children("columns");
  if (stored.size() != input->size()) in.fail("'columns' must have one entry a column");
  std::vector<std::vector<FittedTfIdf::Vocabulary>> columns(stored.size());
  for (std::size_t c = 0; c < stored.size(); ++c) {
    for (const ArchiveReader& one : stored[c].children("vocabularies")) {
      if ((*input)[c].kind != ColumnKind::text) in.fail("column '" + (*input)[c].name + "' is no text");
      columns[c].push_back(load_vocabulary(one, (*input)[c].name));
    }
    if (columns[c].size() > 2) in.fail("a column has at most two vocabularies");
  }
  return std::make_unique<FittedTfIdf>(*input, std::move(columns),
                                       FittedTfIdf::Options{in.boolean("sublinear_tf"), in.boolean("l2_norm")});
}

}  // namespace automill
