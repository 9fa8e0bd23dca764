#include <automill/preprocess/tf_idf.hpp>
#include <cmath>

#include "column_statistics.hpp"
#include "ngram_counts.hpp"
#include "tf_idf_fitted.hpp"

namespace automill {
namespace {

/// So many of the most frequent are looked at where the target selects.
std::size_t ranked_by_target(std::size_t most) { return std::max<std::size_t>(8 * most, 20000); }

/// A fit of the n-grams of one kind of one column.
class VocabularyFit {
 public:
  VocabularyFit(const DatasetView& train, const TfIdfParameters& parameters, const RowUnits& units,
                const RunContext& context)
      : train_(train), parameters_(parameters), units_(units), context_(context) {}

  FittedTfIdf::Vocabulary fit(std::size_t column, const NgramRule& rule) const {
    std::vector<NgramCount> kept = count_ngrams(train_, column, rule, units_, limits(), context_);
    const auto most = static_cast<std::size_t>(parameters_.max_features);
    const bool by_target = parameters_.selection == "target";
    keep_most_frequent(kept, by_target ? ranked_by_target(most) : most);
    if (by_target && kept.size() > most) keep_telling(kept, column, rule);
    FittedTfIdf::Vocabulary vocabulary{.rule = rule};
    vocabulary.terms = terms_of(kept, column, rule);
    sort_by_term(kept, vocabulary.terms);
    for (const NgramCount& one : kept) {
      vocabulary.hashes.push_back(one.hash);
      vocabulary.weights.push_back(weight(one.rows));
    }
    if (parameters_.naive_bayes) vocabulary.factors = count_ratios(vocabulary.hashes, column, rule);
    return vocabulary;
  }

 private:
  NgramLimits limits() const {
    const auto at_most = [](double value) { return static_cast<std::int64_t>(std::min(value, 9e18)); };
    return {at_most(std::ceil(parameters_.min_df * units_.scale)),
            at_most(std::floor(parameters_.max_df * static_cast<double>(units_.total) * (1 + 1e-12)))};
  }

  static void keep_most_frequent(std::vector<NgramCount>& counts, std::size_t most) {
    keep_first(counts, most, [](const NgramCount& a, const NgramCount& b) {
      return a.rows != b.rows ? a.rows > b.rows : a.hash < b.hash;
    });
  }
  template <class Before>
  static void keep_first(std::vector<NgramCount>& counts, std::size_t most, const Before& before) {
    if (counts.size() <= most) return;
    std::nth_element(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(most), counts.end(), before);
    counts.resize(most);
  }

  TargetCounts target_counts(std::span<const std::uint64_t> hashes, std::size_t column, const NgramRule& rule) const {
    return {train_, column, rule, units_, hashes, context_};
  }
  void keep_telling(std::vector<NgramCount>& counts, std::size_t column, const NgramRule& rule) const {
    std::vector<std::uint64_t> hashes;
    for (const NgramCount& one : counts) hashes.push_back(one.hash);
    const TargetCounts of_target = target_counts(hashes, column, rule);
    std::unordered_map<std::uint64_t, double> scores;
    for (std::size_t i = 0; i < counts.size(); ++i)
      scores[counts[i].hash] = of_target.score(i, counts[i].rows, units_.total);
    keep_first(counts, static_cast<std::size_t>(parameters_.max_features),
               [&](const NgramCount& a, const NgramCount& b) {
                 const double first = scores[a.hash], second = scores[b.hash];
                 return first != second ? first > second : a.rows != b.rows ? a.rows > b.rows : a.hash < b.hash;
               });
  }

  /// Read again where they first occur.
  std::vector<std::string> terms_of(const std::vector<NgramCount>& counts, std::size_t column,
                                    const NgramRule& rule) const {
    std::vector<std::uint64_t> hashes;
    std::vector<std::uint32_t> rows;
    for (const NgramCount& one : counts) {
      hashes.push_back(one.hash);
      rows.push_back(one.first);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    const NgramIndex index(hashes);
    const TableView texts = train_.features();
    std::vector<std::string> terms(counts.size());
    std::vector<std::size_t> places;
    std::vector<std::uint32_t> found;
    std::vector<std::uint64_t> of_row;
    for (std::uint32_t row : rows) {
      if (row % 64 == 0) context_.stop.throw_if_requested();
      places.clear();
      found.clear();
      of_row.clear();
      for_each_ngram(texts.text(column, row), rule, [&](std::uint64_t hash) {
        index.prefetch(hash);
        of_row.push_back(hash);
      });
      for (std::size_t place = 0; place < of_row.size(); ++place) {
        const std::uint32_t one = index.find(of_row[place]);
        if (one == NgramIndex::none || counts[one].first != row) continue;
        places.push_back(place);
        found.push_back(one);
      }
      const std::vector<std::string> made = ngram_texts(texts.text(column, row), rule, places);
      for (std::size_t i = 0; i < made.size(); ++i) terms[found[i]] = made[i];
    }
    return terms;
  }

  /// The first eight bytes as a number: it is in the order of the strings but where they are equal.
  static std::uint64_t leading_bytes(const std::string& term) {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < 8; ++i)
      bytes = bytes << 8 | (i < term.size() ? static_cast<unsigned char>(term[i]) : 0U);
    return bytes;
  }
  static void sort_by_term(std::vector<NgramCount>& counts, std::vector<std::string>& terms) {
    struct Place {
      std::uint64_t leading;
      std::uint32_t at;
    };
    std::vector<Place> order(counts.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = {leading_bytes(terms[i]), i};
    std::sort(order.begin(), order.end(), [&](const Place& a, const Place& b) {
      return a.leading != b.leading ? a.leading < b.leading : terms[a.at] < terms[b.at];
    });
    std::vector<NgramCount> sorted_counts;
    std::vector<std::string> sorted_terms;
    sorted_counts.reserve(order.size());
    sorted_terms.reserve(order.size());
    for (const Place& place : order) {
      sorted_counts.push_back(counts[place.at]);
      sorted_terms.push_back(std::move(terms[place.at]));
    }
    counts = std::move(sorted_counts);
    terms = std::move(sorted_terms);
  }

  double weight(std::int64_t rows) const {
    if (!parameters_.use_idf) return 1;
    const double extra = parameters_.smooth_idf ? units_.scale : 0;
    return 1 + math::log((static_cast<double>(units_.total) + extra) / (static_cast<double>(rows) + extra));
  }

  /// Root mean square over the classes of log((p / |p|) / (q / |q|)): p counts the rows of the class that hold an
  /// n-gram, q the other rows, both with one more row; |p|, |q| their sums.
  std::vector<double> count_ratios(std::span<const std::uint64_t> hashes, std::size_t column,
                                   const NgramRule& rule) const {
    const TargetCounts counts = target_counts(hashes, column, rule);
    const std::size_t classes = counts.width(), compared = classes == 2 ? 1 : classes;
    std::vector<std::int64_t> all(hashes.size(), 0);
    for (std::size_t i = 0; i < hashes.size(); ++i)
      for (std::size_t k = 0; k < classes; ++k) all[i] += counts.of(i, k);
    std::vector<double> squares(hashes.size(), 0.0);
    for (std::size_t k = 0; k < compared; ++k) {
      std::int64_t own = 0, other = 0;
      for (std::size_t i = 0; i < hashes.size(); ++i) {
        own += counts.of(i, k);
        other += all[i] - counts.of(i, k);
      }
      const double more = units_.scale, terms = static_cast<double>(hashes.size());
      const double share = (static_cast<double>(other) + terms * more) / (static_cast<double>(own) + terms * more);
      for (std::size_t i = 0; i < hashes.size(); ++i) {
        const auto here = static_cast<double>(counts.of(i, k)), there = static_cast<double>(all[i] - counts.of(i, k));
        const double ratio = math::log((here + more) / (there + more) * share);
        squares[i] += ratio * ratio / static_cast<double>(compared);
      }
    }
    for (double& square : squares) square = std::sqrt(square);
    return squares;
  }

  const DatasetView& train_;
  const TfIdfParameters& parameters_;
  const RowUnits& units_;
  const RunContext& context_;
};

void check(const TfIdfParameters& parameters, const DatasetView& train) {
  Faults faults;
  if (parameters.word_ngrams == 0 && parameters.char_ngrams == 0)
    faults.add("option.contradiction", "tf_idf", "word_ngrams and char_ngrams are both 0", "raise one of them");
  if (parameters.char_ngrams > 0 && parameters.min_char_ngrams > parameters.char_ngrams)
    faults.add(
        "option.contradiction", "tf_idf.min_char_ngrams",
        std::to_string(parameters.min_char_ngrams) + " is above char_ngrams, " + std::to_string(parameters.char_ngrams),
        "lower it");
  if (parameters.naive_bayes && !is_classification(train.task()))
    faults.add("option.contradiction", "tf_idf.naive_bayes", "a regression target has no classes", "leave it off");
  faults.throw_if_any();
}

constexpr double bytes_of_word = 6, kept_share = 0.6;  // with the space behind it; of n-grams, those in the vocabulary

struct NgramEstimate {
  double ngrams = 0, distinct = 0;  ///< of a row, and of all rows
};

/// N-grams of so many bytes of text a row. Distinct ones grow with a power of all of them (Heaps' law).
NgramEstimate estimate_ngrams(const TfIdfParameters& parameters, const DataShape& input) {
  const auto bytes = static_cast<double>(input.text_bytes);
  const double lengths = std::max(0, parameters.char_ngrams - parameters.min_char_ngrams + 1);
  NgramEstimate all;
  all.ngrams = bytes / bytes_of_word * parameters.word_ngrams + bytes * (parameters.char_ngrams > 0 ? lengths : 0);
  const double total = all.ngrams * static_cast<double>(input.rows);
  all.distinct = std::min(total, 4 * math::exp(0.78 * math::log(std::max(1.0, total))));
  return all;
}

}  // namespace

DataShape TfIdf::output_shape(const DataShape& input) const {
  DataShape made = input;
  if (input.texts == 0) return made;
  const std::size_t kinds = (parameters_.word_ngrams > 0 ? 1U : 0U) + (parameters_.char_ngrams > 0 ? 1U : 0U);
  const std::size_t most = input.texts * kinds * static_cast<std::size_t>(parameters_.max_features);
  const NgramEstimate estimate = estimate_ngrams(parameters_, input);
  const std::size_t columns = std::min(most, static_cast<std::size_t>(estimate.distinct));
  made.columns += columns - std::min(columns, input.texts);
  made.nonzeros = (input.nonzeros > 0 ? input.nonzeros : input.columns - input.texts) +
                  std::min(columns, static_cast<std::size_t>(kept_share * estimate.ngrams));
  made.texts = made.text_bytes = 0;
  return made;
}

/// Two or three passes over the n-grams, 48 bytes for each distinct one, 12 for a cell that is kept.
CostEstimate TfIdf::cost(const DataShape& input) const {
  const NgramEstimate estimate = estimate_ngrams(parameters_, input);
  const auto rows = static_cast<double>(input.rows);
  return {rows * (20 * input.filled() + 60 * estimate.ngrams),
          rows * 12 * output_shape(input).filled() + 96 * estimate.distinct};
}

std::unique_ptr<FittedTransformer> TfIdf::fit(const DatasetView& train, const RunContext& context) const {
  check(parameters_, train);
  const Schema& schema = *train.dataset().features.schema();
  const RowUnits units(train);
  const VocabularyFit one(train, parameters_, units, context);
  std::vector<std::vector<FittedTfIdf::Vocabulary>> columns(schema.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (schema[c].kind != ColumnKind::text) return;
    if (parameters_.word_ngrams > 0)
      columns[c].push_back(one.fit(c, {.longest = parameters_.word_ngrams,
                                       .min_word_length = parameters_.min_word_length,
                                       .lowercase = parameters_.lowercase}));
    if (parameters_.char_ngrams > 0)
      columns[c].push_back(one.fit(c, {.characters = true,
                                       .shortest = parameters_.min_char_ngrams,
                                       .longest = parameters_.char_ngrams,
                                       .lowercase = parameters_.lowercase}));
  });
  return std::make_unique<FittedTfIdf>(schema, std::move(columns),
                                       FittedTfIdf::Options{parameters_.sublinear_tf, parameters_.l2_norm});
}

}  // namespace automill
