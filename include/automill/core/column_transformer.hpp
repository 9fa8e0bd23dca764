#pragma once
// Different transformers for different columns, as one transformer. Output columns stand in the order of the groups,
// then the columns that no group took.
//
//   ColumnTransformer columns({{"numbers", TransformerPipeline(Impute{}, Scaler{}), columns_of(ColumnKind::number)},
//                              {"jobs", OneHot{}, {"job", "city"}}}, Remainder::drop);

#include <automill/core/transformer_pipeline.hpp>
#include <set>

namespace automill {

/// Which columns a group takes: by name, or all of some kinds.
struct ColumnSelection {
  std::vector<std::string> names{};
  std::vector<ColumnKind> kinds{};
  ColumnSelection() = default;
  ColumnSelection(std::initializer_list<std::string> columns) : names(columns) {}

  /// Positions of the columns, each once.
  std::vector<std::uint32_t> resolve(const Schema& schema) const {
    std::vector<std::uint32_t> columns;
    const auto add = [&](std::size_t column) {
      const auto c = static_cast<std::uint32_t>(column);
      if (std::find(columns.begin(), columns.end(), c) == columns.end()) columns.push_back(c);
    };
    for (const auto& name : names) add(schema.column(name));
    if (kinds.empty()) return columns;
    const std::set<std::uint32_t> named(columns.begin(), columns.end());
    for (std::uint32_t c = 0; c < schema.size(); ++c)
      if (std::find(kinds.begin(), kinds.end(), schema[c].kind) != kinds.end() && !named.contains(c))
        columns.push_back(c);
    return columns;
  }
};

template <class... Kinds>
ColumnSelection columns_of(Kinds... kinds) {
  ColumnSelection selection;
  selection.kinds = {kinds...};
  return selection;
}

enum class Remainder { passthrough, drop };

namespace pipeline_detail {

inline Schema select_columns(const Schema& schema, const std::vector<std::uint32_t>& columns) {
  std::vector<ColumnSchema> selected;
  for (std::uint32_t c : columns) selected.push_back(schema[c]);
  return Schema(std::move(selected));
}
inline Table select_columns(const Table& table, const std::vector<std::uint32_t>& columns) {
  std::vector<ColumnPtr> selected;
  for (std::uint32_t c : columns) selected.push_back(table.columns()[c]);
  return Table::with_rows(std::move(selected), table.rows());
}

}  // namespace pipeline_detail

class AUTOMILL_EXPORT FittedColumnTransformer final : public FittedTransformer {
 public:
  static constexpr const char* registered_name = "column_transformer";
  struct Group {
    std::vector<std::uint32_t> columns;
    std::shared_ptr<const FittedTransformer> transformer;  ///< null: the columns pass unchanged
  };
  explicit FittedColumnTransformer(std::vector<Group> groups) : groups_(std::move(groups)) {}
  const std::vector<Group>& groups() const { return groups_; }

  Table transform_aligned(const TableView& rows, const RunContext& context) const override {
    std::vector<ColumnPtr> columns;
    for (const Group& group : groups_) {
      const Table part = pipeline_detail::select_columns(rows.table(), group.columns);
      const Table done = group.transformer != nullptr ? group.transformer->transform_aligned(rows.of(part), context)
                                                      : FittedTransformerPipeline::copy_rows(rows.of(part));
      columns.insert(columns.end(), done.columns().begin(), done.columns().end());
    }
    return renamed(std::move(columns), rows.rows());
  }
  /// Columns under the names of the output schema (a name made by two groups gets a number).
  Table renamed(std::vector<ColumnPtr> columns, std::size_t rows) const {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c]->name() == (*output_schema())[c].name) continue;
      ColumnSchema schema = columns[c]->schema();
      schema.name = (*output_schema())[c].name;
      columns[c] = std::make_shared<const Column>(std::move(schema), columns[c]->chunks());
    }
    return Table::with_rows(std::move(columns), rows);
  }
  std::unique_ptr<RowTransformer> row_transformer() const override;
  std::string type() const override { return registered_name; }
  void save(ArchiveWriter& out) const override {
    out.children("groups", groups_.size(), [&](ArchiveWriter& part, std::size_t i) {
      part.array("columns", groups_[i].columns);
      if (groups_[i].transformer != nullptr)
        part.child("transformer", [&](ArchiveWriter& inner) { save_component(*groups_[i].transformer, inner); });
    });
  }
  static std::unique_ptr<FittedTransformer> load(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                                 int, const Registry& registry) {
    std::vector<Group> groups;
    for (const ArchiveReader& part : in.children("groups")) {
      Group group{.columns = part.array<std::uint32_t>("columns"), .transformer = nullptr};
      for (std::uint32_t c : group.columns) {
        if (c >= input->size()) part.fail("column " + std::to_string(c) + " does not exist");
        part.charge(bytes_of((*input)[c]));
      }
      const std::set<std::uint32_t> distinct(group.columns.begin(), group.columns.end());
      if (distinct.size() != group.columns.size()) part.fail("'columns' has a column twice");
      const auto schema = std::make_shared<const Schema>(pipeline_detail::select_columns(*input, group.columns));
      if (part.contains("transformer"))
        group.transformer = registry.load_transformer(part.child("transformer"), schema);
      groups.push_back(std::move(group));
    }
    return std::make_unique<FittedColumnTransformer>(std::move(groups));
  }
  std::string describe(int indent = 0) const override {
    std::string text;
    for (const Group& group : groups_)
      if (group.transformer != nullptr) text += group.transformer->describe(indent);
    return text;
  }

 protected:
  Schema make_output_schema(const Schema& input) const override {
    std::vector<ColumnSchema> columns;
    std::set<std::string> seen;
    for (const Group& group : groups_) {
      const Schema part = group.transformer != nullptr ? *group.transformer->output_schema()
                                                       : pipeline_detail::select_columns(input, group.columns);
      for (ColumnSchema column : part.columns()) {
        const std::string name = column.name;
        for (int number = 2; !seen.insert(column.name).second; ++number)
          column.name = name + "_" + std::to_string(number);
        columns.push_back(std::move(column));
      }
    }
    return Schema(std::move(columns));
  }

 private:
  std::vector<Group> groups_;
};

namespace pipeline_detail {

class ColumnRowTransformer final : public RowTransformer {
 public:
  explicit ColumnRowTransformer(const FittedColumnTransformer& fitted) {
    std::size_t widest = 0, at = 0;
    for (const auto& group : fitted.groups()) {
      parts_.push_back({&group, group.transformer != nullptr ? group.transformer->row_transformer() : nullptr, at});
      at += group.transformer != nullptr ? group.transformer->output_schema()->size() : group.columns.size();
      widest = std::max(widest, group.columns.size());
    }
    numbers_.resize(widest);
    texts_.resize(widest);
  }
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    for (const Part& part : parts_) {
      const auto& columns = part.group->columns;
      double* in = part.transformer != nullptr ? numbers_.data() : numbers + part.at;
      std::string_view* text_in = part.transformer != nullptr || texts == nullptr ? texts_.data() : texts + part.at;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        in[i] = row.numbers[columns[i]];
        if (row.texts != nullptr) text_in[i] = row.texts[columns[i]];
      }
      if (part.transformer != nullptr)
        part.transformer->transform({in, text_in}, numbers + part.at, texts == nullptr ? nullptr : texts + part.at);
    }
  }

 private:
  struct Part {
    const FittedColumnTransformer::Group* group;
    std::unique_ptr<RowTransformer> transformer;
    std::size_t at;
  };
  std::vector<Part> parts_;
  std::vector<double> numbers_;
  std::vector<std::string_view> texts_;
};

}  // namespace pipeline_detail

inline std::unique_ptr<RowTransformer> FittedColumnTransformer::row_transformer() const {
  return std::make_unique<pipeline_detail::ColumnRowTransformer>(*this);
}

/// A transformer and the columns that it gets. The template constructor copies a transformer given by value.
struct ColumnGroup {
  std::string name;
  std::shared_ptr<const Transformer> transformer;
  ColumnSelection columns;
  ColumnGroup(std::string group_name, std::shared_ptr<const Transformer> shared, ColumnSelection selection)
      : name(std::move(group_name)), transformer(std::move(shared)), columns(std::move(selection)) {}
  template <class T>
  requires std::is_base_of_v<Transformer, T> ColumnGroup(std::string group_name, T value, ColumnSelection selection)
      : ColumnGroup(std::move(group_name), std::make_shared<const T>(std::move(value)), std::move(selection)) {}
};

class AUTOMILL_EXPORT ColumnTransformer final : public Transformer {
 public:
  static constexpr const char* registered_name = "column_transformer";
  explicit ColumnTransformer(std::vector<ColumnGroup> groups, Remainder remainder = Remainder::passthrough)
      : groups_(std::move(groups)), remainder_(remainder) {}

  std::string name() const override { return registered_name; }
  Object parameters() const override {
    Object all;
    for (const auto& group : groups_)
      for (const auto& [key, value] : group.transformer->parameters().entries())
        all.append(group.name + "." + key, value);
    return all;
  }
  std::unique_ptr<Transformer> with_parameters(const Object& values) const override {
    std::vector<NamedTransformer> steps;
    for (const auto& group : groups_) steps.push_back({group.name, group.transformer});
    steps = TransformerPipeline::change_steps(steps, values);
    std::vector<ColumnGroup> groups;
    for (std::size_t i = 0; i < groups_.size(); ++i)
      groups.emplace_back(groups_[i].name, steps[i].transformer, groups_[i].columns);
    return std::make_unique<ColumnTransformer>(std::move(groups), remainder_);
  }
  Value structure() const override {
    Array list;
    for (const auto& group : groups_) {
      Array kinds;
      for (ColumnKind kind : group.columns.kinds) kinds.push_back(column_kind_name(kind));
      list.push_back(Object{{"name", group.name},
                            {"component", group.transformer->structure()},
                            {"columns", Array(group.columns.names.begin(), group.columns.names.end())},
                            {"kinds", kinds}});
    }
    return Object{{"type", registered_name},
                  {"groups", list},
                  {"remainder", remainder_ == Remainder::drop ? "drop" : "passthrough"}};
  }
  Fitted fit_transform(const DatasetView& train, const RunContext& context) const override {
    const std::vector<std::vector<std::uint32_t>> columns = columns_of_groups(*train.dataset().features.schema());
    std::vector<Fitted> parts;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      context.stop.throw_if_requested();
      parts.push_back(groups_[g].transformer->fit_transform(view_of_columns(train, columns[g]), context));
    }
    return joined(train, columns, std::move(parts));
  }
  std::vector<Fitted> fit_transform_folds(const FoldedDataset& folded, const RunContext& context) const override {
    if (!shares_folds()) return Transformer::fit_transform_folds(folded, context);
    const Table& features = folded.dataset()->features;
    const std::vector<std::vector<std::uint32_t>> columns = columns_of_groups(*features.schema());
    std::vector<std::vector<Fitted>> parts(folded.folds());  // [fold][group]
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      context.stop.throw_if_requested();
      const FoldedDataset part = folded.with_columns(pipeline_detail::select_columns(features, columns[g]));
      std::vector<Fitted> fitted = groups_[g].transformer->fit_transform_folds(part, context);
      for (std::size_t fold = 0; fold < fitted.size(); ++fold) parts[fold].push_back(std::move(fitted[fold]));
    }
    std::vector<Fitted> results(folded.folds());
    context.executor().run(folded.folds(), [&](std::size_t fold) {
      results[fold] = joined(folded.train(fold), columns, std::move(parts[fold]));
    });
    return results;
  }
  bool shares_folds() const override {
    return std::any_of(groups_.begin(), groups_.end(),
                       [](const auto& group) { return group.transformer->shares_folds(); });
  }
  DataShape output_shape(const DataShape& input) const override {
    DataShape all = part_of(input, 0);
    bool sparse = input.nonzeros > 0, texts = false, others = false;
    std::size_t named = 0;
    double filled = 0;
    const auto add = [&](const DataShape& more) {
      all.columns += more.columns;
      all.categories = std::min(input.categories, all.categories + more.categories);
      all.texts += more.texts;
      all.text_bytes = std::min(input.text_bytes, all.text_bytes + more.text_bytes);
      sparse = sparse || more.nonzeros > 0;
      filled += more.columns > 0 ? more.filled() : 0;
    };
    for (const auto& group : groups_) {
      named += group.columns.names.size();
      for (const ColumnKind kind : group.columns.kinds) (kind == ColumnKind::text ? texts : others) = true;
      add(group.transformer->output_shape(shape_of(group, input)));
    }
    const std::size_t of_kinds = (texts ? input.texts : 0) + (others ? input.columns - input.texts : 0);
    if (remainder_ == Remainder::passthrough && of_kinds + named < input.columns) {
      DataShape rest = part_of(input, input.columns - of_kinds - named);
      if (texts) rest.texts = rest.text_bytes = 0;
      rest.texts = std::min(rest.texts, rest.columns);
      add(rest);
    }
    all.nonzeros = sparse ? static_cast<std::size_t>(filled) : 0;
    return all;
  }
  CostEstimate cost(const DataShape& input) const override {
    CostEstimate all;
    for (const auto& group : groups_) {
      const CostEstimate one = group.transformer->cost(shape_of(group, input));
      all.operations += one.operations;
      all.bytes += one.bytes;
    }
    all.bytes += 8.0 * static_cast<double>(input.rows) * input.filled();
    return all;
  }
  std::string describe(int indent = 0) const override {
    std::string text = std::string(static_cast<std::size_t>(indent), ' ') +
                       "column_transformer (rest: " + (remainder_ == Remainder::drop ? "dropped" : "passed on") + ")\n";
    for (const auto& group : groups_)
      text += describe_step(group.name + selection_text(group.columns), *group.transformer, indent + 2);
    return text;
  }

 private:
  static std::string selection_text(const ColumnSelection& selection) {
    std::string text;
    for (const auto& name : selection.names) text += (text.empty() ? "" : ", ") + name;
    for (ColumnKind kind : selection.kinds) text += (text.empty() ? "every " : ", every ") + column_kind_name(kind);
    return " [" + text + "]";
  }
  std::vector<std::vector<std::uint32_t>> columns_of_groups(const Schema& schema) const {
    std::vector<std::vector<std::uint32_t>> columns;
    for (const auto& group : groups_) columns.push_back(group.columns.resolve(schema));
    return columns;
  }
  /// The groups' columns side by side, and those that no group took.
  Fitted joined(const DatasetView& train, const std::vector<std::vector<std::uint32_t>>& columns_of,
                std::vector<Fitted> parts) const {
    const auto& schema = train.dataset().features.schema();
    std::vector<bool> taken(schema->size(), false);
    std::vector<FittedColumnTransformer::Group> fitted;
    std::vector<ColumnPtr> columns;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (std::uint32_t c : columns_of[g]) taken[c] = true;
      columns.insert(columns.end(), parts[g].train.columns().begin(), parts[g].train.columns().end());
      fitted.push_back({columns_of[g], std::move(parts[g].transformer)});
    }
    std::vector<std::uint32_t> rest;
    for (std::uint32_t c = 0; c < schema->size(); ++c)
      if (!taken[c]) rest.push_back(c);
    if (remainder_ == Remainder::passthrough && !rest.empty()) {
      for (std::uint32_t c : rest) columns.push_back(copy_column(train.features(), c));
      fitted.push_back({rest, nullptr});
    }
    auto all = std::make_shared<FittedColumnTransformer>(std::move(fitted));
    all->set_input(schema);
    Table table = all->renamed(std::move(columns), train.rows());
    return {std::move(all), std::move(table)};
  }
  /// So many columns of numbers; nothing else is known of them.
  static DataShape part_of(const DataShape& input, std::size_t columns) {
    DataShape part = input;
    part.columns = columns;
    part.nonzeros = std::min(input.nonzeros, columns);
    if (columns == 0) part.categories = part.texts = part.text_bytes = 0;
    return part;
  }
  /// The columns of a group, at most: of kinds it is known which are text, a named one may be text or not.
  static DataShape shape_of(const ColumnGroup& group, const DataShape& input) {
    const auto has = [&](ColumnKind kind) {
      return std::find(group.columns.kinds.begin(), group.columns.kinds.end(), kind) != group.columns.kinds.end();
    };
    const std::size_t kinds = group.columns.kinds.size(), names = group.columns.names.size();
    const bool text = has(ColumnKind::text);
    const std::size_t named_texts = std::min(input.texts, names);
    std::size_t columns = names + named_texts + (text ? input.texts : 0);
    if (kinds > (text ? 1U : 0U)) columns += input.columns - input.texts;
    columns = std::min(columns, input.columns);
    DataShape part = part_of(input, columns);
    part.texts = text ? input.texts : named_texts;
    if (part.texts == 0) part.text_bytes = 0;
    if (kinds > 0 && names == 0 && !has(ColumnKind::category)) part.categories = 0;
    return part;
  }
  /// The same rows and targets with some of the columns; columns are shared, targets copied.
  static DatasetView view_of_columns(const DatasetView& train, const std::vector<std::uint32_t>& columns) {
    Dataset part = train.dataset();
    part.features = pipeline_detail::select_columns(part.features, columns);
    return {make_dataset(std::move(part)), train.row_set()};
  }
  std::vector<ColumnGroup> groups_;
  Remainder remainder_;
};

/// Position of a name in the list of what is allowed; an Error with the nearest one.
inline std::size_t choice_index(const std::string& name, const std::vector<std::string>& choices, const char* place) {
  const auto found = std::find(choices.begin(), choices.end(), name);
  if (found == choices.end())
    throw Error("parameter.unknown_choice", place, "'" + name + "' is not a choice", name_hint(name, choices));
  return static_cast<std::size_t>(found - choices.begin());
}

/// Makes a transformer from what structure() gave.
inline std::shared_ptr<const Transformer> make_transformer(const Value& structure, const Registry& registry) {
  const std::string& type = structure.at("type").text();
  if (type == TransformerPipeline::registered_name) {
    std::vector<NamedTransformer> steps;
    for (const Value& step : structure.at("steps").array())
      steps.push_back({step.at("name").text(), make_transformer(step.at("component"), registry)});
    return std::make_shared<const TransformerPipeline>(std::move(steps));
  }
  if (type == ColumnTransformer::registered_name) {
    std::vector<ColumnGroup> groups;
    for (const Value& group : structure.at("groups").array()) {
      ColumnSelection selection;
      for (const Value& name : group.at("columns").array()) selection.names.push_back(name.text());
      for (const Value& kind : group.at("kinds").array())
        selection.kinds.push_back(static_cast<ColumnKind>(choice_index(kind.text(), column_kind_names(), "kinds")));
      groups.emplace_back(group.at("name").text(), make_transformer(group.at("component"), registry),
                          std::move(selection));
    }
    return std::make_shared<const ColumnTransformer>(
        std::move(groups),
        static_cast<Remainder>(choice_index(structure.at("remainder").text(), {"passthrough", "drop"}, "remainder")));
  }
  return registry.transformer(type).make(structure.at("parameters").object());
}

}  // namespace automill
