#include <automill/automl/train.hpp>

#include "automl/cost_matrix.hpp"
#include "automl/held_out.hpp"
#include "automl/monotone.hpp"
#include "automl/option_check.hpp"
#include "automl/own_learners.hpp"
#include "automl/readable_choice.hpp"
#include "automl/serving_limits.hpp"
#include "data/platform.hpp"

namespace automill {
namespace {

/// Fits one recorded member on every fold of the new data, each to the recorded number of rounds.
Candidate refit_member(const Value& member, std::shared_ptr<const Estimator> estimator, const FoldedDataset& folded,
                       const Scorer& scorer, const RunContext& context) {
  Candidate candidate;
  candidate.name = member.at("name").text();
  candidate.family = member.at("family").text();
  if (const Value* complexity = member.object().find("complexity"))
    candidate.complexity = static_cast<int>(complexity->integer());
  candidate.estimator = std::move(estimator);
  candidate.folds.resize(folded.folds());
  candidate.out_of_fold = Predictions(folded.dataset()->rows(), folded.dataset()->target.width());
  const Array& rounds = member.at("rounds").array();
  context.executor().run(folded.folds(), [&](std::size_t fold) {
    RunContext inner = context;
    inner.run_with = nullptr;
    inner.seed = seed_of_candidate(context.seed, candidate.name);
    const DatasetView& held_out = folded.held_out(fold);
    FitInput input{.train = folded.train(fold), .validation = &held_out};
    if (!rounds.empty() && rounds[fold % rounds.size()].integer() > 0)
      input.stop_at_round = rounds[fold % rounds.size()].integer();
    FitResult result = candidate.estimator->fit(input, inner);
    Predictions predictions(held_out.rows(), candidate.out_of_fold.width);
    result.require_model(candidate.name).predict_aligned(held_out.features(), predictions.view(), inner);
    candidate.out_of_fold.put(held_out.row_numbers(), predictions);
    candidate.folds[fold] = FoldOutcome{.model = std::move(result.model),
                                        .report = std::move(result.report),
                                        .seconds = result.report.seconds,
                                        .predict_us_per_row = 0,
                                        .done = true};
  });
  candidate.folds_started = candidate.folds_done = folded.folds();
  candidate.state = CandidateState::complete;
  candidate.score = scorer.score(scorer.gather(candidate.out_of_fold).values, folded.plan().protocol, context.seed);
  return candidate;
}

}  // namespace

AutoMLModel refit(const ServedModel& model, const Table& data, const TrainOptions& how) {
  Phases phases;
  phases.begin(Clock::now());
  const Value& recipe = AutoMLModel(model).recipe();
  TrainOptions options = how;
  options.target = recipe.at("target").text();
  options.task = recipe.at("task").text();
  options.seed = static_cast<std::uint64_t>(recipe.at("seed").integer());
  if (const Value* quantiles = recipe.object().find("quantiles"))
    for (const Value& level : quantiles->array()) options.quantiles.push_back(level.number());
  if (const Value* costs = recipe.object().find("cost_matrix")) {
    for (const Value& row : costs->array()) {
      options.cost_matrix.emplace_back();
      for (const Value& cost : row.array()) options.cost_matrix.back().push_back(cost.number());
    }
    for (const Value& name : recipe.at("cost_classes").array()) options.cost_classes.push_back(name.text());
  }
  if (const Value* signs = recipe.object().find("monotone"))  // the members keep it already
    for (const auto& [name, sign] : signs->object().entries())
      if (data.contains(name)) options.monotone[name] = static_cast<int>(sign.integer());
  if (const Value* preset = recipe.object().find("preset")) options.preset = preset->text();
  if (const Value* seconds = recipe.object().find("max_predict_time"))
    options.max_predict_time = Seconds(seconds->number());
  if (const Value* bytes = recipe.object().find("max_model_size"))
    options.max_model_size = static_cast<std::uint64_t>(bytes->integer());
  if (const Value* positive = recipe.object().find("positive_class")) options.positive_class = positive->text();
  Faults faults;
  for (const Value& name : recipe.at("columns").array())
    if (!data.contains(name.text()))
      faults.add("data.column_missing", name.text(), "the column is not in the input",
                 name_hint(name.text(), data.schema()->names()));
  faults.throw_if_any();
  for (const auto& name : data.schema()->names()) {
    const auto& columns = recipe.at("columns").array();
    if (name != options.target && std::find(columns.begin(), columns.end(), Value(name)) == columns.end())
      options.ignore.push_back(name);
  }
  check_options(options);
  const auto executor = make_executor(options.threads.value_or(available_cores()));
  SharedCache cache(available_memory() / 2);
  const RunContext context{
      .run_with = executor.get(), .stop = StopToken(options.stop), .seed = options.seed, .cache = &cache};
  Prepared prepared = prepare(data, options);
  if (std::string note = monotone_note(prepared.monotone, {}); !note.empty()) prepared.notes.push_back(std::move(note));
  const auto folds = static_cast<std::size_t>(recipe.at("folds").integer());
  const Dataset& dataset = *prepared.dataset;
  const FoldedDataset folded(prepared.dataset,
                             folds < 2 ? make_holdout(dataset, 0.2, options.seed)
                                       : make_folds(dataset, std::min(folds, dataset.rows()), options.seed));
  const Scorer scorer(dataset.target, prepared.metric_weights, held_out_rows(folded.plan()),
                      metric_of(prepared.target, recipe.at("metric").text()));
  phases.end("preparing");
  std::vector<Candidate> candidates;
  for (const Value& recorded : recipe.at("members").array()) {
    Object member = recorded.object();
    member["structure"] = without_lost_constraints(recorded.at("structure"), dataset.features);
    candidates.push_back(refit_member(member, estimator_of_recipe(member, options.learners), folded, scorer, context));
    candidates.back().weight = recorded.at("weight").number();
  }
  phases.end("fitting");
  AssembleInput input{
      .prepared = &prepared,
      .options = &options,
      .folded = &folded,
      .scorer = &scorer,
      .candidates = &candidates,
      .run_report = Object{{"threads", executor->width()}, {"seed", static_cast<std::int64_t>(options.seed)}}};
  input.keep_weights = true;
  if (wants_readable_model(options)) input.refit_with = &context;  // one model, as it was
  input.spread = context;
  if (const Value* temperature = recipe.object().find("temperature")) input.keep_temperature = temperature->number();
  AutoMLModel refitted = assemble_within_limits(std::move(input), context);
  phases.end("ensembling");
  if (recipe.object().contains("distilled")) {
    refitted = distill(refitted, context);
    phases.end("distilling");
  }
  return with_run_figures(refitted, phases, {});
}

}  // namespace automill
