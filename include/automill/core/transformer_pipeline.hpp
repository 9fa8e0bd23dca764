#pragma once
// Transformers one after the other, as one transformer. Used inside Pipeline, and by itself for a column group.
//
//   TransformerPipeline numeric(Impute{}, Scaler{});

#include <automill/core/registry.hpp>

namespace automill {

struct NamedTransformer {
  std::string name;
  std::shared_ptr<const Transformer> transformer;
};

/// `wanted`, or `wanted_2`, `wanted_3` ... when it is taken.
template <class Steps>
std::string unique_step_name(const Steps& steps, const std::string& wanted) {
  std::string name = wanted;
  for (int number = 2;; ++number) {
    bool taken = false;
    for (const auto& step : steps) taken = taken || step.name == name;
    if (!taken) return name;
    name = wanted + "_" + std::to_string(number);
  }
}

/// "name: description", the first line of the description behind the name when they differ.
template <class Component>
std::string describe_step(const std::string& name, const Component& component, int indent) {
  const std::string text = component.describe(indent);
  const std::string start(static_cast<std::size_t>(indent), ' ');
  return text.substr(start.size()).starts_with(name) ? text : start + name + ": " + text.substr(start.size());
}

class AUTOMILL_EXPORT FittedTransformerPipeline final : public FittedTransformer {
 public:
  static constexpr const char* registered_name = "transformer_pipeline";
  explicit FittedTransformerPipeline(std::vector<std::shared_ptr<const FittedTransformer>> steps)
      : steps_(std::move(steps)) {}

  Table transform_aligned(const TableView& rows, const RunContext& context) const override {
    if (steps_.empty()) return copy_rows(rows);
    Table table = steps_.front()->transform_aligned(rows, context);
    for (std::size_t i = 1; i < steps_.size(); ++i) table = steps_[i]->transform_aligned(table, context);
    return table;
  }
  std::unique_ptr<RowTransformer> row_transformer() const override;
  std::string type() const override { return registered_name; }
  void save(ArchiveWriter& out) const override {
    out.children("steps", steps_.size(), [&](ArchiveWriter& part, std::size_t i) { save_component(*steps_[i], part); });
  }
  static std::unique_ptr<FittedTransformer> load(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                                 int, const Registry& registry) {
    std::vector<std::shared_ptr<const FittedTransformer>> steps;
    std::shared_ptr<const Schema> schema = input;
    for (const ArchiveReader& part : in.children("steps")) {
      steps.push_back(registry.load_transformer(part, schema));
      schema = steps.back()->output_schema();
    }
    return std::make_unique<FittedTransformerPipeline>(std::move(steps));
  }
  std::string describe(int indent = 0) const override {
    std::string text;
    for (const auto& step : steps_) text += step->describe(indent);
    return text;
  }
  const std::vector<std::shared_ptr<const FittedTransformer>>& steps() const { return steps_; }

  /// The rows of a view as a table of their own; categories and text keep their dictionaries.
  static Table copy_rows(const TableView& rows) {
    std::vector<ColumnPtr> columns;
    for (std::size_t c = 0; c < rows.schema().size(); ++c) columns.push_back(copy_column(rows, c));
    return Table::with_rows(std::move(columns), rows.rows());
  }

 protected:
  Schema make_output_schema(const Schema& input) const override {
    return steps_.empty() ? input : *steps_.back()->output_schema();
  }

 private:
  std::vector<std::shared_ptr<const FittedTransformer>> steps_;
};

namespace pipeline_detail {

class ChainRowTransformer final : public RowTransformer {
 public:
  explicit ChainRowTransformer(const FittedTransformerPipeline& chain) : width_(chain.output_schema()->size()) {
    for (const auto& step : chain.steps()) {
      steps_.push_back(step->row_transformer());
      numbers_.emplace_back(step->output_schema()->size());
      texts_.emplace_back(step->output_schema()->size());
    }
  }
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    RowView at = row;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const bool last = i + 1 == steps_.size();
      double* to = last ? numbers : numbers_[i].data();
      std::string_view* text_to = last ? texts : texts_[i].data();
      steps_[i]->transform(at, to, text_to);
      at = {to, text_to};
    }
    if (steps_.empty()) {
      std::copy(row.numbers, row.numbers + width_, numbers);
      if (row.texts != nullptr) std::copy(row.texts, row.texts + width_, texts);
    }
  }

 private:
  std::size_t width_;
  std::vector<std::unique_ptr<RowTransformer>> steps_;
  std::vector<std::vector<double>> numbers_;
  std::vector<std::vector<std::string_view>> texts_;
};

}  // namespace pipeline_detail

inline std::unique_ptr<RowTransformer> FittedTransformerPipeline::row_transformer() const {
  return std::make_unique<pipeline_detail::ChainRowTransformer>(*this);
}

class AUTOMILL_EXPORT TransformerPipeline final : public Transformer {
 public:
  static constexpr const char* registered_name = "transformer_pipeline";
  explicit TransformerPipeline(std::vector<NamedTransformer> steps) : steps_(std::move(steps)) {}
  template <class... Steps>
  requires(sizeof...(Steps) > 0 && (std::is_base_of_v<Transformer, std::decay_t<Steps>> &&
                                    ...)) explicit TransformerPipeline(Steps&&... steps) {
    (steps_.push_back({unique_step_name(steps_, steps.name()),
                       std::make_shared<const std::decay_t<Steps>>(std::forward<Steps>(steps))}),
     ...);
  }

  std::string name() const override { return registered_name; }
  const std::vector<NamedTransformer>& steps() const { return steps_; }
  Object parameters() const override {
    Object all;
    for (const auto& step : steps_)
      for (const auto& [key, value] : step.transformer->parameters().entries())
        all.append(step.name + "." + key, value);
    return all;
  }
  std::unique_ptr<Transformer> with_parameters(const Object& values) const override {
    return std::make_unique<TransformerPipeline>(change_steps(steps_, values));
  }
  Value structure() const override { return Object{{"type", registered_name}, {"steps", steps_structure(steps_)}}; }
  Fitted fit_transform(const DatasetView& train, const RunContext& context) const override {
    std::optional<Fitted> first;
    if (!steps_.empty()) first = steps_.front().transformer->fit_transform(train, context);
    return fit_others(train, std::move(first), context);
  }
  /// The first step of all folds together; what follows sees other rows in each.
  std::vector<Fitted> fit_transform_folds(const FoldedDataset& folded, const RunContext& context) const override {
    if (!shares_folds()) return Transformer::fit_transform_folds(folded, context);
    std::vector<Fitted> results = steps_.front().transformer->fit_transform_folds(folded, context);
    context.executor().run(folded.folds(), [&](std::size_t fold) {
      results[fold] = fit_others(folded.train(fold), std::move(results[fold]), context);
    });
    return results;
  }
  bool shares_folds() const override { return !steps_.empty() && steps_.front().transformer->shares_folds(); }
  DataShape output_shape(const DataShape& input) const override {
    DataShape shape = input;
    for (const auto& step : steps_) shape = step.transformer->output_shape(shape);
    return shape;
  }
  /// What a step makes exists beside what it is made of.
  CostEstimate cost(const DataShape& input) const override {
    CostEstimate all;
    double before = 0;
    DataShape shape = input;
    for (const auto& step : steps_) {
      const CostEstimate one = step.transformer->cost(shape);
      all.operations += one.operations;
      all.bytes = std::max(all.bytes, before + one.bytes);
      before = one.bytes;
      shape = step.transformer->output_shape(shape);
    }
    return all;
  }
  std::string describe(int indent = 0) const override {
    return std::string(static_cast<std::size_t>(indent), ' ') + "steps\n" + describe_steps(indent + 2);
  }
  std::string describe_steps(int indent) const {
    std::string text;
    for (const auto& step : steps_) text += describe_step(step.name, *step.transformer, indent);
    return text;
  }

  /// Steps with the parameters named "step.parameter" changed; a name that fits no step is an Error with the nearest
  /// one. All faults of all steps come together, each under the name that the caller used.
  static std::vector<NamedTransformer> change_steps(const std::vector<NamedTransformer>& steps, const Object& values) {
    Faults faults;
    auto changed = change_steps(steps, values, {}, faults);
    faults.throw_if_any();
    return changed;
  }
  /// The same, faults added; `others`: further names that are known where these steps are used.
  static std::vector<NamedTransformer> change_steps(const std::vector<NamedTransformer>& steps, const Object& values,
                                                    const std::vector<std::string>& others, Faults& faults) {
    std::vector<NamedTransformer> changed = steps;
    std::vector<std::string> known;
    for (const auto& step : steps) known.push_back(step.name);
    known.insert(known.end(), others.begin(), others.end());
    std::vector<Object> of_step(steps.size());
    for (const auto& [key, value] : values.entries()) {
      bool found = false;
      for (std::size_t i = 0; i < steps.size() && !found; ++i) {
        if (!key.starts_with(steps[i].name + ".")) continue;
        of_step[i].append(key.substr(steps[i].name.size() + 1), value);
        found = true;
      }
      if (!found)
        faults.add("parameter.unknown", key, "there is no such step", name_hint(key.substr(0, key.find('.')), known));
    }
    for (std::size_t i = 0; i < steps.size(); ++i)
      if (auto other = change_step(*steps[i].transformer, steps[i].name, of_step[i], faults))
        changed[i].transformer = std::move(other);
    return changed;
  }
  /// A component with other parameters; null when none are named or when they have faults, which are added under the
  /// name of the step.
  template <class Component>
  static auto change_step(const Component& component, const std::string& step, const Object& values, Faults& faults)
      -> decltype(component.with_parameters(values)) {
    if (values.empty()) return nullptr;
    try {
      return component.with_parameters(values);
    } catch (const Error& error) {
      for (const Fault& fault : error.faults()) {  // a container says "parameter", a component "its_type.parameter"
        std::string key = fault.place;
        if (!values.contains(key)) key = key.substr(key.find('.') + 1);
        faults.add(fault.code, values.contains(key) ? step + "." + key : fault.place, fault.message, fault.hint);
      }
      return nullptr;
    }
  }
  static Array steps_structure(const std::vector<NamedTransformer>& steps) {
    Array list;
    for (const auto& step : steps)
      list.push_back(Object{{"name", step.name}, {"component", step.transformer->structure()}});
    return list;
  }

 private:
  /// All steps but the first, which is there.
  Fitted fit_others(const DatasetView& train, std::optional<Fitted> first, const RunContext& context) const {
    std::vector<std::shared_ptr<const FittedTransformer>> fitted;
    DatasetView view = train;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      context.stop.throw_if_requested();
      Fitted one = i == 0 ? *std::move(first) : steps_[i].transformer->fit_transform(view, context);
      fitted.push_back(std::move(one.transformer));
      view = view.with_features(std::move(one.train));
    }
    auto all = std::make_shared<FittedTransformerPipeline>(std::move(fitted));
    all->set_input(train.dataset().features.schema());
    Table table = steps_.empty() ? FittedTransformerPipeline::copy_rows(train.features()) : view.dataset().features;
    return {std::move(all), std::move(table)};
  }
  std::vector<NamedTransformer> steps_;
};

}  // namespace automill
