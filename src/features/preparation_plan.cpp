#include "preparation_plan.hpp"

#include <automill/features/generate_features.hpp>
#include <automill/preprocess/preprocess.hpp>

#include "data/column_content.hpp"
#include "data/text_rule.hpp"
#include "preprocess/column_statistics.hpp"
#include "preprocess/columnwise.hpp"

namespace automill {
namespace {

constexpr int large_category = 30;  // categories from which a column also gets its mean targets
constexpr int linear_categories = 400, neural_categories = 50;       // columns of 0 and 1 for one column
constexpr int topic_words = 5000, topics = 32, telling_words = 500;  // of a text column, for trees
constexpr int most_ngrams = 20000;  // words, and characters, of a text column for linear models

/// Of a column of strings that repeat: with fewer rows more of them tell something before they cost much.
int telling_characters(std::size_t rows) {
  return static_cast<int>(std::clamp<std::size_t>(1'000'000 / std::max<std::size_t>(1, rows), 16, 100));
}

/// Strings that repeat: names, titles, answers. What they have in common, and the mean target of each.
void add_string_groups(std::vector<ColumnGroup>& groups, const std::string& number, const ColumnSelection& column,
                       std::size_t rows) {
  groups.emplace_back("statistics" + number, TextStatistics{}, column);
  groups.emplace_back(
      "characters" + number,
      TfIdf{{.word_ngrams = 0, .char_ngrams = 4, .max_features = telling_characters(rows), .selection = "target"}},
      column);
  groups.emplace_back("strings" + number, TransformerPipeline(std::vector<NamedTransformer>{}),
                      column);  // for their mean targets
}

void add_text_groups(std::vector<ColumnGroup>& groups, const std::string& number, const ColumnSelection& column) {
  groups.emplace_back("statistics" + number, TextStatistics{}, column);
  groups.emplace_back(
      "topics" + number,
      TransformerPipeline(TfIdf{{.word_ngrams = 1, .max_features = topic_words}}, TruncatedSvd{{.components = topics}}),
      column);
  groups.emplace_back("words" + number, TfIdf{{.max_features = telling_words, .selection = "target"}}, column);
}

TfIdf ngrams_for_sums() { return TfIdf{{.char_ngrams = 5, .max_features = most_ngrams, .selection = "target"}}; }
OneHot categories_for_sums(bool linear) {
  return OneHot{{.max_categories = linear ? linear_categories : neural_categories}};
}

class Planner {
 public:
  Planner(const DatasetView& train, const TablePreparerParameters& parameters, const RunContext& context)
      : train_(train), schema_(*train.dataset().features.schema()), parameters_(parameters), context_(context) {}

  PreparationPlan run() {
    leave_out_useless();
    list_columns();
    add_dates();
    const bool trees = parameters_.for_family == "trees", linear = parameters_.for_family == "linear";
    if (!linear) add_text_as_numbers();
    if (parameters_.generate && (numbers_ + (linear ? 0 : texts_.size()) > 1 || categories_ > 0))
      add("generate_features", GenerateFeatures{}, "it tells more of the target than the columns that it is made of");
    add_means_of_strings();
    if (!trees) add_numbers_for_sums(linear);
    if (linear && !texts_.empty())
      add("tf_idf", ngrams_for_sums(), "text is read by its words and by runs of characters");
    return std::move(plan_);
  }

 private:
  template <class T>
  void add(const std::string& name, T transformer, std::string reason) {
    plan_.steps.push_back({name, std::make_shared<const T>(std::move(transformer)), std::move(reason)});
  }

  // --- columns that say nothing

  ColumnPtr training_rows(std::size_t column) const {
    return is_whole(train_.features()) ? train_.dataset().features.columns()[column]
                                       : copy_column(train_.features(), column);
  }

  /// Why a column of numbers or codes is of no use; empty where it may be. `seen`: columns by their content.
  std::string useless(std::size_t column, std::unordered_map<std::uint64_t, std::vector<std::size_t>>& seen) {
    const ColumnPtr own = training_rows(column);
    const ColumnContent content = contents_.of(*own);
    if (content.all_missing) return "every value is missing";
    if (content.constant) return "constant";
    for (std::size_t other : seen[content.hash])
      if (same_content(*own, *training_rows(other))) return "duplicates " + schema_[other].name;
    seen[content.hash].push_back(column);
    return "";
  }

  bool blank(std::size_t column) const {
    const TableView rows = train_.features();
    for (std::size_t i = 0; i < rows.rows(); ++i)
      if (!rows.text(column, i).empty()) return false;
    return true;
  }

  void leave_out_useless() {
    if (train_.rows() < 2) return;  // of one row everything is constant
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> seen;
    std::string names;
    for (std::size_t c = 0; c < schema_.size(); ++c) {
      context_.stop.throw_if_requested();
      const bool text = schema_[c].kind == ColumnKind::text;
      const std::string reason = text ? (blank(c) ? "every text is empty" : "") : useless(c, seen);
      if (reason.empty()) continue;
      plan_.dropped[schema_[c].name] = reason;
      names += (names.empty() ? "" : ",") + escaped(schema_[c].name);
    }
    if (!names.empty()) add("drop", DropColumns{{.columns = names}}, "");
  }

  /// A name in a list with commas.
  static std::string escaped(const std::string& name) {
    std::string text;
    for (char c : name) {
      if (c == ',' || c == '\\') text += '\\';
      text += c;
    }
    return text;
  }

  // --- what there is

  void list_columns() {
    for (std::size_t c = 0; c < schema_.size(); ++c) {
      if (plan_.dropped.contains(schema_[c].name)) continue;
      switch (schema_[c].kind) {
        case ColumnKind::text:
          texts_.push_back(schema_[c].name);
          break;
        case ColumnKind::datetime:
          ++dates_;
          break;
        case ColumnKind::category:
          ++categories_;
          large_ = large_ || schema_[c].dictionary->size() >= static_cast<std::size_t>(large_category);
          break;
        default:
          ++numbers_;
      }
    }
  }

  // --- steps

  void add_dates() {
    if (dates_ == 0) return;
    if (dates_ > 1) add("datetime_differences", DatetimeDifferences{}, "days between two datetimes");
    add("datetime_parts", DatetimeParts{{.cycles = parameters_.for_family != "trees", .details = true}},
        "datetimes become calendar parts");
    numbers_ += dates_;
  }

  /// How text is written, what it is about, and the n-grams that tell most of the target; each column by itself, so
  /// that contributions have a column to go to.
  void add_text_as_numbers() {
    if (texts_.empty()) return;
    const std::vector<double> counts = row_counts(train_);
    const double copies =
        counts.empty() ? static_cast<double>(train_.rows()) : std::accumulate(counts.begin(), counts.end(), 0.0);
    std::vector<ColumnGroup> groups;
    for (const std::string& text : texts_) {
      const std::string number = groups.empty() ? "" : "_" + std::to_string(groups.size() / 3 + 1);
      if (strings_repeat(train_.features(), schema_.column(text), counts, context_.stop)) {
        strings_.push_back(text);
        add_string_groups(groups, number, {text}, static_cast<std::size_t>(copies));
      } else {
        add_text_groups(groups, number, {text});
      }
    }
    add("text", ColumnTransformer(std::move(groups)),
        "text is read by how it is written and its topics and most telling words; where strings repeat, by their most "
        "telling characters");
  }

  /// Last, as categories of sums are: what is generated is chosen without values that differ between copies of a row.
  void add_means_of_strings() {
    if (strings_.empty()) return;
    std::vector<ColumnGroup> groups;
    for (const std::string& name : strings_)
      groups.emplace_back("means_" + std::to_string(groups.size() + 1),
                          TransformerPipeline(TextCategory{}, TargetEncoder{}), ColumnSelection{{name}});
    add("target_encoder", ColumnTransformer(std::move(groups), Remainder::passthrough),
        "mean targets of strings that repeat, out of fold for training rows");
  }

  void add_numbers_for_sums(bool linear) {
    add("clean", Clean{}, "infinite values count as missing");
    add("impute", Impute{}, "says where values were missing, which are filled");
    if (linear) add("winsorize", Winsorize{}, "outliers are drawn in");
    if (categories_ > 0) {
      if (large_)
        add("target_encoder", TargetEncoder{{.columns_from = large_category, .keep = true}},
            "mean targets of a column with many categories, out of fold for training rows");
      add("one_hot", categories_for_sums(linear), "a category becomes a column of 0 and 1");
    }
    add("scale", Scaler{{.method = linear ? "standard" : "robust"}}, "numbers are brought to one scale");
  }

  const DatasetView& train_;
  const Schema& schema_;
  const TablePreparerParameters& parameters_;
  const RunContext& context_;
  PreparationPlan plan_;
  ColumnContents contents_;
  std::size_t numbers_ = 0, categories_ = 0, dates_ = 0;
  bool large_ = false;  ///< a column has many categories
  std::vector<std::string> texts_, strings_;
};

}  // namespace

PreparationPlan plan_preparation(const DatasetView& train, const TablePreparerParameters& parameters,
                                 const RunContext& context) {
  return Planner(train, parameters, context).run();
}

TransformerPipeline widest_preparation(const TablePreparerParameters& parameters) {
  std::vector<NamedTransformer> steps;
  const auto add = [&]<class T>(const char* name, T transformer) {
    steps.push_back({name, std::make_shared<const T>(std::move(transformer))});
  };
  const bool trees = parameters.for_family == "trees", linear = parameters.for_family == "linear";
  if (!linear) {
    std::vector<ColumnGroup> groups;
    add_text_groups(groups, "", columns_of(ColumnKind::text));
    add("text", ColumnTransformer(std::move(groups)));
  }
  if (parameters.generate) add("generate_features", GenerateFeatures{});
  if (!trees) add("one_hot", categories_for_sums(linear));
  if (linear) add("tf_idf", ngrams_for_sums());
  return TransformerPipeline(std::move(steps));
}

}  // namespace automill
