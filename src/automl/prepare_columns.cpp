#include "automl/prepare_columns.hpp"

#include "automl/prepare_types.hpp"
#include "data/column_content.hpp"
#include "data/convert_column.hpp"
#include "data/text_rule.hpp"

namespace automill {
namespace {

constexpr std::size_t shortest_text = 48;  // mean bytes: fewer in one or two words are names or numbers of something
constexpr std::size_t most_category_bytes = std::size_t{8} << 20;  // the names are part of the model

class ColumnChoice {
 public:
  ColumnChoice(const Table& data, const TrainOptions& options, Prepared& result)
      : data_(data), options_(options), result_(result) {}

  std::vector<ColumnPtr> run() {
    std::unordered_map<std::uint64_t, std::vector<ColumnPtr>> by_content;
    for (std::size_t c = 0; c < data_.size(); ++c) {
      const Column& column = data_[c];
      if (column.name() == options_.target) continue;
      ++result_.input_columns;
      if (std::find(options_.ignore.begin(), options_.ignore.end(), column.name()) != options_.ignore.end())
        drop(column, "ignored as asked");
      else if (column.name() == options_.sample_weight) drop(column, "holds the weights");
      else if (column.name() == options_.groups) drop(column, "holds the groups");
      else if (column.name() == options_.fold_column) drop(column, "holds the folds");
      else settle(used_rows(c), by_content);
    }
    if (columns_.empty())
      result_.notes.push_back("no usable column is left: the model predicts the same for every row");
    return std::move(columns_);
  }

 private:
  void drop(const Column& column, std::string reason) {
    result_.dropped_columns.emplace_back(column.name(), std::move(reason));
  }

  bool all_rows_used() const { return result_.input_row.size() == data_.rows(); }
  ColumnPtr used_rows(std::size_t c) const {
    if (all_rows_used()) return data_.columns()[c];
    return copy_column(TableView(data_, result_.input_row), c);
  }

  bool asked_for(const Column& column) const { return options_.types.contains(column.name()); }

  bool speaks(const Column& categories) const {
    std::size_t words = 0;
    for (const std::string& name : categories.schema().dictionary->names()) words += words_in(name);
    return !asked_for(categories) && strings_speak(categories.schema().dictionary->size(), words);
  }

  void settle(const ColumnPtr& column, std::unordered_map<std::uint64_t, std::vector<ColumnPtr>>& by_content) {
    SettledColumn settled = settle_type(column, options_);
    const std::string keep = "; types={'" + column->name() + "': '" + column_kind_name(column->kind()) + "'} keeps it";
    if (settled.identifier) result_.identifiers.push_back(settled.column);
    if (!settled.dropped.empty()) return drop(*column, settled.dropped + keep);
    if (!settled.note.empty()) result_.notes.push_back(settled.note);
    consider(settled.column, by_content);
  }

  void consider(const ColumnPtr& column, std::unordered_map<std::uint64_t, std::vector<ColumnPtr>>& by_content) {
    if (column->kind() == ColumnKind::category && speaks(*column))
      return consider_text(convert_column(column, ColumnKind::text), by_content);
    if (column->kind() == ColumnKind::text) return consider_text(column, by_content);
    const ColumnContent content = contents_.of(*column);
    if (content.all_missing) return drop(*column, "every value is missing");
    if (content.constant) return drop(*column, "constant");
    if (column->kind() == ColumnKind::category && column->size() > 100 && !asked_for(*column) &&
        static_cast<double>(column->schema().dictionary->size()) > 0.95 * static_cast<double>(column->size()))
      return drop(*column, "an identifier: almost every row has a value of its own");
    for (const ColumnPtr& other : by_content[content.hash])
      if (other->kind() == column->kind() && same_numbers(*other, *column))
        return drop(*column, "duplicates " + other->name());
    by_content[content.hash].push_back(column);
    columns_.push_back(column);
  }

  /// Text half of whose values are repetitions serves as a category, unless there are many and they speak: of some
  /// words each. Other text is used by what its words are.
  void consider_text(const ColumnPtr& column, std::unordered_map<std::uint64_t, std::vector<ColumnPtr>>& by_content) {
    std::vector<std::string_view> texts(column->size());
    std::unordered_map<std::string_view, std::size_t> rows_of;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (column->missing(i)) continue;
      texts[i] = column->text(i);
      ++rows_of[texts[i]];
    }
    if (rows_of.empty()) return drop(*column, "every value is missing");
    if (texts.size() == 1) return drop(*column, "constant");
    std::size_t bytes = 0, words = 0;
    for (const auto& one : rows_of) {
      bytes += one.first.size();
      words += words_in(one.first);
    }
    const bool own_values = rows_of.size() > 100 && 20 * rows_of.size() > 19 * texts.size();
    if (!asked_for(*column) && own_values && words < 3 * rows_of.size() && bytes < shortest_text * rows_of.size())
      return drop(*column, "an identifier: almost every row has a short text of its own");
    const bool repeats = 2 * rows_of.size() <= texts.size();
    if (asked_for(*column) || !repeats || bytes > most_category_bytes || strings_speak(rows_of.size(), words))
      return take_text(column, texts, by_content, repeats);
    result_.notes.push_back("column " + column->name() + ": text whose values repeat is used as a category");
    consider(make_category_column(column->name(), texts), by_content);
  }

  void take_text(const ColumnPtr& column, const std::vector<std::string_view>& texts,
                 std::unordered_map<std::uint64_t, std::vector<ColumnPtr>>& by_content, bool repeats) {
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < texts.size(); ++i)
      hash += combine_hashes(mix64(i), texts[i].data() == nullptr ? 0 : hash_text(texts[i]));
    for (const ColumnPtr& other : by_content[hash])
      if (other->kind() == ColumnKind::text && same_texts(*other, texts))
        return drop(*column, "duplicates " + other->name());
    by_content[hash].push_back(column);
    columns_.push_back(column);
    result_.notes.push_back("column " + column->name() + ": " +
                            (repeats ? "strings that repeat are used by their characters and mean targets"
                                     : "free text is used by its n-grams"));
  }
  static bool same_texts(const Column& column, const std::vector<std::string_view>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i)
      if (column.text(i) != texts[i] || column.missing(i) != (texts[i].data() == nullptr)) return false;
    return true;
  }

  const Table& data_;
  const TrainOptions& options_;
  Prepared& result_;
  std::vector<ColumnPtr> columns_;
  ColumnContents contents_;
};

}  // namespace

std::vector<ColumnPtr> choose_columns(const Table& data, const TrainOptions& options, Prepared& result) {
  return ColumnChoice(data, options, result).run();
}

}  // namespace automill
