#pragma once
// Transformers, then an estimator, as one estimator. Whatever learns, learns inside `fit`: cross-validating a pipeline
// is leak-free. Parameters of steps are named `step.parameter`; a step without a name of its own is called by its type.
//
//   Pipeline pipeline(Impute{}, OneHot{}, Scaler{}, Ridge{{.alpha = 1.0}});
//   auto fitted = pipeline.fit(dataset).model;
//   std::cout << pipeline.describe();                                      // a tree
//   pipeline.with_parameters({{"ridge.alpha", 0.1}, {"impute.numeric", "mean"}});

#include <automill/core/column_transformer.hpp>

namespace automill {

/// A fitted pipeline: transformers in order, then a model of their output.
class AUTOMILL_EXPORT PipelineModel final : public Model {
 public:
  static constexpr const char* registered_name = "pipeline";
  PipelineModel(std::shared_ptr<const FittedTransformer> transformer, std::unique_ptr<Model> model)
      : transformer_(std::move(transformer)), model_(std::move(model)) {}

  const FittedTransformer& transformer() const { return *transformer_; }
  const Model& model() const { return *model_; }
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return registered_name; }
  void save(ArchiveWriter& out) const override {
    out.child("transformer", [&](ArchiveWriter& part) { save_component(*transformer_, part); });
    out.child("model", [&](ArchiveWriter& part) { save_component(*model_, part); });
  }
  static std::unique_ptr<Model> load(const ArchiveReader& in, const ModelContext& context, int,
                                     const Registry& registry) {
    auto transformer = registry.load_transformer(in.child("transformer"), context.input);
    auto model = registry.load_model(in.child("model"), {transformer->output_schema(), context.output});
    return std::make_unique<PipelineModel>(std::move(transformer), std::move(model));
  }
  std::string describe(int indent = 0) const override {
    return std::string(static_cast<std::size_t>(indent), ' ') + "pipeline\n" + transformer_->describe(indent + 2) +
           model_->describe(indent + 2);
  }

 private:
  std::shared_ptr<const FittedTransformer> transformer_;
  std::unique_ptr<Model> model_;
};

namespace pipeline_detail {

class PipelineRowPredictor final : public RowPredictor {
 public:
  explicit PipelineRowPredictor(const PipelineModel& pipeline)
      : transformer_(pipeline.transformer().row_transformer()),
        model_(pipeline.model().row_predictor()),
        numbers_(pipeline.transformer().output_schema()->size()),
        texts_(numbers_.size()) {}
  void predict(const RowView& row, std::span<double> out) noexcept override {
    transformer_->transform(row, numbers_.data(), texts_.data());
    model_->predict({numbers_.data(), texts_.data()}, out);
  }

 private:
  std::unique_ptr<RowTransformer> transformer_;
  std::unique_ptr<RowPredictor> model_;
  std::vector<double> numbers_;
  std::vector<std::string_view> texts_;
};

}  // namespace pipeline_detail

/// In blocks, so that the transformed columns of a large batch never exist at once.
inline void PipelineModel::predict_aligned(const TableView& rows, PredictionsView out,
                                           const RunContext& context) const {
  constexpr std::size_t block = 4096;
  for_each_block(context.executor(), rows.rows(), block, [&](std::size_t begin, std::size_t end) {
    RunContext inner = context;
    inner.run_with = nullptr;
    const Table transformed = transformer_->transform_aligned(rows.part(begin, end - begin), inner);
    model_->predict_aligned(transformed, out.part(begin, end - begin), inner);
  });
}
inline std::unique_ptr<RowPredictor> PipelineModel::row_predictor() const {
  return std::make_unique<pipeline_detail::PipelineRowPredictor>(*this);
}

class AUTOMILL_EXPORT Pipeline final : public Estimator {
 public:
  static constexpr const char* registered_name = "pipeline";

  /// Transformers and then one estimator, given by value; each is copied into the pipeline.
  template <class First, class... Rest>
  requires(sizeof...(Rest) > 0 &&
           std::is_base_of_v<Transformer, std::decay_t<First>>) explicit Pipeline(First&& first, Rest&&... rest) {
    std::vector<NamedTransformer> steps;
    add(steps, std::forward<First>(first), std::forward<Rest>(rest)...);
    transformers_ = std::make_shared<const TransformerPipeline>(std::move(steps));
  }
  Pipeline(std::shared_ptr<const TransformerPipeline> transformers, std::string estimator_name,
           std::shared_ptr<const Estimator> estimator)
      : transformers_(std::move(transformers)),
        estimator_name_(std::move(estimator_name)),
        estimator_(std::move(estimator)) {}

  std::string name() const override { return registered_name; }
  const Estimator& estimator() const { return *estimator_; }
  const TransformerPipeline& transformers() const { return *transformers_; }

  /// What the steps change (missing values, categories, text) is up to them; the rest is the estimator's.
  EstimatorTraits traits() const override {
    EstimatorTraits all = estimator_->traits();
    all.missing = all.categories = all.text = true;
    return all;
  }
  OutputSpec output_spec(const Target& target) const override { return estimator_->output_spec(target); }
  /// Of its steps, and of the estimator on what they make.
  CostEstimate cost(const DataShape& shape) const override {
    const CostEstimate steps = transformers_->cost(shape), last = estimator_->cost(transformers_->output_shape(shape));
    return {steps.operations + last.operations, steps.bytes + last.bytes};
  }
  /// Where the steps share work between folds, they are fitted for all folds together, in memory for the training
  /// columns of all of them. The models are those of a loop: the same bits where what the steps add up is exact (counts
  /// of classes), else but for rounding.
  std::vector<FitResult> fit_folds(const FoldedDataset& folded, const RunContext& context) const override {
    if (!transformers_->shares_folds()) return Estimator::fit_folds(folded, context);
    std::vector<FitInput> inputs;
    for (std::size_t fold = 0; fold < folded.folds(); ++fold) {
      inputs.push_back({.train = folded.train(fold), .validation = &folded.held_out(fold)});
      check_input(inputs.back());
    }
    std::vector<Transformer::Fitted> prepared;
    try {
      prepared = transformers_->fit_transform_folds(folded, context);
    } catch (const Stopped&) {  // a fold without its columns is one that was stopped
    }
    std::vector<FitResult> results(folded.folds());
    context.executor().run(folded.folds(), [&](std::size_t fold) {
      results[fold] = fit_by(inputs[fold], context, [&] {
        if (prepared.empty()) throw Stopped();
        return fit_last(inputs[fold], std::move(prepared[fold]), context);
      });
    });
    return results;
  }
  Object parameters() const override {
    Object all = transformers_->parameters();
    for (const auto& [key, value] : estimator_->parameters().entries()) all.append(estimator_name_ + "." + key, value);
    return all;
  }
  std::unique_ptr<Estimator> with_parameters(const Object& values) const override {
    Object own, others;
    for (const auto& [key, value] : values.entries()) {
      if (key.starts_with(estimator_name_ + ".")) own.append(key.substr(estimator_name_.size() + 1), value);
      else others.append(key, value);
    }
    Faults faults;
    auto steps = TransformerPipeline::change_steps(transformers_->steps(), others, {estimator_name_}, faults);
    std::shared_ptr<const Estimator> estimator =
        TransformerPipeline::change_step(*estimator_, estimator_name_, own, faults);
    faults.throw_if_any();
    return std::make_unique<Pipeline>(std::make_shared<const TransformerPipeline>(std::move(steps)), estimator_name_,
                                      estimator != nullptr ? std::move(estimator) : estimator_);
  }
  Value structure() const override {
    return Object{{"type", registered_name},
                  {"transformers", transformers_->structure()},
                  {"estimator", Object{{"name", estimator_name_}, {"component", estimator_->structure()}}}};
  }
  std::string describe(int indent = 0) const override {
    return std::string(static_cast<std::size_t>(indent), ' ') + "pipeline\n" +
           transformers_->describe_steps(indent + 2) + describe_step(estimator_name_, *estimator_, indent + 2);
  }

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override {
    return fit_last(input, transformers_->fit_transform(input.train, context), context);
  }

 private:
  /// The estimator behind fitted steps.
  FitResult fit_last(const FitInput& input, Transformer::Fitted fitted, const RunContext& context) const {
    FitInput inner{.train = input.train.with_features(std::move(fitted.train)),
                   .resume = input.resume,
                   .stop_at_round = input.stop_at_round,
                   .cut_at_round = input.cut_at_round,
                   .keep_state = input.keep_state};
    std::optional<DatasetView> validation;
    if (input.validation != nullptr) {
      validation =
          input.validation->with_features(fitted.transformer->transform_aligned(input.validation->features(), context));
      inner.validation = &*validation;
    }
    FitResult result = estimator_->fit(inner, context);
    if (result.model != nullptr)
      result.model = std::make_unique<PipelineModel>(std::move(fitted.transformer), std::move(result.model));
    return result;
  }
  template <class Step, class... Rest>
  void add(std::vector<NamedTransformer>& steps, Step&& step, Rest&&... rest) {
    using Type = std::decay_t<Step>;
    if constexpr (sizeof...(Rest) == 0) {
      static_assert(std::is_base_of_v<Estimator, Type>, "the last step of a pipeline is an estimator");
      estimator_name_ = unique_step_name(steps, step.name());
      estimator_ = std::make_shared<const Type>(std::forward<Step>(step));
    } else {
      static_assert(std::is_base_of_v<Transformer, Type>, "steps before the last are transformers");
      steps.push_back({unique_step_name(steps, step.name()), std::make_shared<const Type>(std::forward<Step>(step))});
      add(steps, std::forward<Rest>(rest)...);
    }
  }
  std::shared_ptr<const TransformerPipeline> transformers_;
  std::string estimator_name_;
  std::shared_ptr<const Estimator> estimator_;
};

/// Makes an estimator from what structure() gave.
inline std::shared_ptr<const Estimator> make_estimator(const Value& structure, const Registry& registry) {
  const std::string& type = structure.at("type").text();
  if (type != Pipeline::registered_name) return registry.estimator(type).make(structure.at("parameters").object());
  const Value& last = structure.at("estimator");
  auto transformers =
      std::dynamic_pointer_cast<const TransformerPipeline>(make_transformer(structure.at("transformers"), registry));
  if (transformers == nullptr)
    throw Error("value.wrong_type", "transformers",
                std::string("a ") + TransformerPipeline::registered_name + " is needed here");
  return std::make_shared<const Pipeline>(std::move(transformers), last.at("name").text(),
                                          make_estimator(last.at("component"), registry));
}

/// The components that the core itself provides.
inline void register_core_models(Registry& registry) {
  registry.add_transformer_loader(FittedTransformerPipeline::registered_name, &FittedTransformerPipeline::load);
  registry.add_transformer_loader(FittedColumnTransformer::registered_name, &FittedColumnTransformer::load);
  registry.add_model_loader(PipelineModel::registered_name, &PipelineModel::load);
}

}  // namespace automill
