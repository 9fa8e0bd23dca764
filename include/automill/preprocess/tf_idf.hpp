#pragma once
// Turns each text column into sparse columns of weighted word n-grams '<name>:<words>' and, where asked for, character
// n-grams '<name>~<characters>'; other columns pass.
//
//   Pipeline{TfIdf{}, Logistic{}}
//   TfIdf{{.word_ngrams = 1, .char_ngrams = 5, .max_features = 50000}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct TfIdfParameters {
  int word_ngrams = 2;
  int char_ngrams = 0;
  int min_char_ngrams = 3;
  int min_word_length = 2;
  bool lowercase = true;
  double min_df = 2;
  double max_df = 1;
  int max_features = 30000;
  std::string selection = "document_frequency";
  bool sublinear_tf = true;
  bool use_idf = true;
  bool smooth_idf = true;
  bool l2_norm = true;
  bool naive_bayes = false;

  static auto declare() {
    return std::tuple{
        parameter("word_ngrams", &TfIdfParameters::word_ngrams,
                  "Most neighbouring words that make one feature; 0: no words.")
            .range(0, 5)
            .search(1, 3),
        parameter("char_ngrams", &TfIdfParameters::char_ngrams,
                  "Most neighbouring characters of a word (with a space before and behind it) that make one feature; "
                  "0: no characters.")
            .range(0, 16)
            .search(0, 6),
        parameter("min_char_ngrams", &TfIdfParameters::min_char_ngrams,
                  "Fewest characters of a character feature; at most char_ngrams.")
            .range(1, 16),
        parameter("min_word_length", &TfIdfParameters::min_word_length, "Words with fewer characters are passed over.")
            .range(1, 100),
        parameter("lowercase", &TfIdfParameters::lowercase, "Whether capitals count as small letters."),
        parameter("min_df", &TfIdfParameters::min_df,
                  "A feature that fewer training rows hold is left out; a weight counts as copies of its row.")
            .range(0, 1e9)
            .search(1, 10, Scale::log),
        parameter("max_df", &TfIdfParameters::max_df,
                  "A feature that more than this share of the training rows hold is left out.")
            .range(0, 1),
        parameter("max_features", &TfIdfParameters::max_features,
                  "Most features of the words, and of the characters, of one column.")
            .range(1, 10000000)
            .search(1000, 100000, Scale::log),
        parameter("selection", &TfIdfParameters::selection,
                  "Which features stay where there are more: those that most rows hold, or those that tell most of the "
                  "target by themselves (chi-square for classes, correlation for numbers).")
            .choices({"document_frequency", "target"}),
        parameter("sublinear_tf", &TfIdfParameters::sublinear_tf,
                  "Whether an n-gram that occurs n times in a text counts 1 + log(n) instead of n.")
            .search(0, 1),
        parameter("use_idf", &TfIdfParameters::use_idf,
                  "Whether rare features weigh more: by the logarithm of rows over rows that hold them, plus 1."),
        parameter("smooth_idf", &TfIdfParameters::smooth_idf,
                  "Whether one more row that holds every feature is counted for these weights."),
        parameter("l2_norm", &TfIdfParameters::l2_norm,
                  "Whether the features of a text are divided by their root sum of squares, words and characters by "
                  "themselves."),
        parameter("naive_bayes", &TfIdfParameters::naive_bayes,
                  "Whether features are multiplied by the root mean square over the classes of their log-count ratios "
                  "(NB-SVM); classes only.")};
  }
};

/// Words are runs of letters, digits and underscores in any script; lower case is Unicode's simple one. Missing text
/// holds nothing. With equal parameters the values are those of scikit-learn's TfidfVectorizer (analyzers word and
/// char_wb); which features stay among equally frequent ones beyond max_features is up to a hash of them. Target-based
/// selection looks at the most frequent features, 20,000 or 8 max_features; its chi-square is that of features counted
/// as 0 or 1. Signs of log-count ratios make no difference to a linear model, so one column a feature serves all
/// classes (S. Wang & C. Manning, ACL 2012, with add-one smoothing). Fitting reads the texts two or three times;
/// distinct n-grams take 48 bytes each meanwhile.
class AUTOMILL_EXPORT TfIdf final : public DeclaredTransformer<TfIdf, TfIdfParameters> {
 public:
  static constexpr const char* registered_name = "tf_idf";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;
  CostEstimate cost(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "tf_idf" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_tf_idf(const ArchiveReader& in,
                                                               const std::shared_ptr<const Schema>& input,
                                                               int state_version, const Registry& registry);

}  // namespace automill
