// Pipelines and column groups: values by hand, nesting, step.parameter, printed trees, saved and loaded, made from
// data.

#include <gtest/gtest.h>

#include "core/small_components.hpp"

namespace automill {
namespace {

using small::Mean;
using small::Shift;
using small::SumColumns;

std::shared_ptr<const Dataset> numbers_dataset() {
  Dataset data;
  data.features = Table({make_number_column({.name = "a"}, {1, 2, 3}), make_number_column({.name = "b"}, {10, 20, 30}),
                         make_number_column({.name = "flag", .kind = ColumnKind::boolean}, {0, 1, 1})});
  data.target.values = {1, 2, 6};
  return make_dataset(std::move(data));
}

std::vector<std::string> names_of(const Schema& schema) { return schema.names(); }

std::string fault_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// Predictions of the model, of its loaded copy, and row by row, which must all be equal.
std::vector<double> checked_predictions(const Model& model, const Table& rows) {
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(model, writer);
  const Registry registry = small::registry();
  const auto loaded = registry.load_model(ArchiveReader(archive), model.context());
  const std::vector<double> values = model.predict(rows).values;
  EXPECT_EQ(loaded->predict(rows).values, values);
  Archive again;
  ArchiveWriter second(again);
  save_component(*loaded, second);
  EXPECT_TRUE(again.root == archive.root);
  const auto one = loaded->row_predictor();
  const Table aligned = align(rows, model.input_schema());
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    std::vector<double> cells(aligned.size()), out(model.output_spec().width);
    for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = aligned[c].number(i);
    one->predict({cells.data(), nullptr}, out);
    for (std::size_t k = 0; k < out.size(); ++k) EXPECT_EQ(out[k], values[i * out.size() + k]);
  }
  return values;
}

TEST(Pipeline, steps_run_in_order) {
  const auto dataset = numbers_dataset();
  // a + 1 - 4, b + 1 - 4, flag: then 1 x a + 2 x b + 3 x flag
  const Pipeline pipeline{Shift{{.by = 1}}, Shift{{.by = -4}}, SumColumns{}};
  const auto model = pipeline.fit(dataset).model;
  EXPECT_EQ(checked_predictions(*model, dataset->features), (std::vector<double>{-2 + 14, -1 + 34 + 3, 0 + 54 + 3}));
}

TEST(Pipeline, what_learns_learns_from_training_rows_only) {
  const auto dataset = numbers_dataset();
  const DatasetView two(
      dataset, RowSet{std::make_shared<const std::vector<std::uint32_t>>(std::vector<std::uint32_t>{0, 1}), 1});
  const auto model = Pipeline{Shift{{.by = 0, .learn = true}}, SumColumns{}}.fit(two).model;
  // means of the two rows: 1.5 and 15
  EXPECT_EQ(checked_predictions(*model, dataset->features)[2], 1.5 + 2 * 15 + 3);
}

/// A learner that looks at what a pipeline hands to it.
struct Checks final : Learner<Checks, NoParameters> {
  static constexpr const char* registered_name = "checks";
  using Learner::Learner;
  EstimatorTraits traits() const override { return {}; }
  FitResult fit_checked(const FitInput& input, const RunContext&) const override {
    EXPECT_NE(input.validation, nullptr);
    EXPECT_EQ(input.validation->rows(), 1U);
    EXPECT_EQ(input.validation->value(0), 6);
    EXPECT_EQ(input.validation->features().table()[0].number(0), 3 + 7);
    EXPECT_EQ(input.stop_at_round, 9);
    EXPECT_TRUE(input.keep_state);
    return {.model = std::make_unique<small::ColumnSum>()};
  }
};

TEST(Pipeline, validation_rows_are_transformed_too) {
  const auto dataset = numbers_dataset();
  const auto rows = [&](std::vector<std::uint32_t> numbers) {
    return DatasetView(dataset, RowSet{std::make_shared<const std::vector<std::uint32_t>>(std::move(numbers)), 1});
  };
  const DatasetView validation = rows({2});
  const Pipeline pipeline{Shift{{.by = 7}}, Checks{}};
  pipeline.fit(FitInput{.train = rows({0, 1}), .validation = &validation, .stop_at_round = 9, .keep_state = true});
}

TEST(Pipeline, stopped_while_preparing_has_no_model) {
  const auto dataset = numbers_dataset();
  std::stop_source source;
  source.request_stop();
  const RunContext stopped{.stop = StopToken(source.get_token())};
  const Pipeline pipeline{Shift{{.by = 1}}, SumColumns{}};
  const FitResult result = pipeline.fit(dataset, stopped);
  EXPECT_EQ(result.model, nullptr);
  EXPECT_EQ(result.report.stopped, "user");
  EXPECT_NE(fault_of([&] { result.require_model("sums"); }).find("sums: it was stopped"), std::string::npos);
  const RunContext late{.stop = StopToken({}, Clock::now())};
  EXPECT_EQ(pipeline.fit(dataset, late).report.stopped, "deadline");
  const auto fitted = Shift{{.by = 1}}.fit_transform(DatasetView(dataset), {}).transformer;
  EXPECT_THROW(fitted->transform(dataset->features, stopped), Stopped);
}

TEST(Predictions, put_places_rows) {
  Predictions all(4, 2), part(2, 2);
  part.values = {1, 2, 3, 4};
  const std::vector<std::uint32_t> rows{3, 1};
  all.put(rows, part);
  EXPECT_EQ(all.values, (std::vector<double>{0, 0, 3, 4, 0, 0, 1, 2}));
}

TEST(Pipeline, equal_steps_get_numbers) {
  const Pipeline pipeline{Shift{}, Shift{}, Shift{}, Mean{}};
  EXPECT_EQ(pipeline.parameters(), (Object{{"shift.by", 1.0},
                                           {"shift.learn", false},
                                           {"shift_2.by", 1.0},
                                           {"shift_2.learn", false},
                                           {"shift_3.by", 1.0},
                                           {"shift_3.learn", false},
                                           {"mean.shift", 0.0}}));
}

TEST(Pipeline, parameters_of_steps_change_copies) {
  const Pipeline pipeline{Shift{}, Mean{}};
  const auto changed = pipeline.with_parameters({{"shift.by", 5}, {"mean.shift", 2}});
  EXPECT_EQ(changed->parameters(), (Object{{"shift.by", 5.0}, {"shift.learn", false}, {"mean.shift", 2.0}}));
  EXPECT_EQ(pipeline.parameters().find("shift.by")->number(), 1.0);
  EXPECT_EQ(changed->with_parameters(pipeline.parameters())->parameters(), pipeline.parameters());
}

TEST(Pipeline, wrong_parameters_name_step_and_nearest_name) {
  const Pipeline pipeline{Shift{}, Mean{}};
  EXPECT_EQ(fault_of([&] {
              pipeline.with_parameters({{"shfit.by", 5}});
            }),
            "shfit.by: there is no such step (did you mean 'shift'?) [parameter.unknown]");
  EXPECT_EQ(fault_of([&] {
              pipeline.with_parameters({{"maen.shift", 5}});
            }),
            "maen.shift: there is no such step (did you mean 'mean'?) [parameter.unknown]");
  EXPECT_EQ(fault_of([&] {
              pipeline.with_parameters({{"shift.bye", 5}});
            }),
            "shift.bye: there is no such parameter (did you mean 'by'?) [parameter.unknown]");
  EXPECT_EQ(fault_of([&] {
              pipeline.with_parameters({{"by", 5}});
            }),
            "by: there is no such step (known names: shift, mean) [parameter.unknown]");
  EXPECT_EQ(fault_of([&] {
              pipeline.with_parameters({{"mean.shift", 11}});
            }),
            "mean.shift: 11 is not allowed: it must be of type number in [-10, 10] [parameter.out_of_range]");
}

TEST(Pipeline, all_faults_of_all_steps_come_at_once_under_the_names_of_the_steps) {
  const Pipeline pipeline{Shift{}, Shift{}, Mean{}};
  try {
    pipeline.with_parameters({{"shift.by", 1000}, {"shift_2.by", 2000}, {"mean.shift", 11}, {"none.x", 1}});
    FAIL() << "no Error";
  } catch (const Error& error) {
    std::vector<std::string> places;
    for (const Fault& fault : error.faults()) places.push_back(fault.place);
    std::sort(places.begin(), places.end());
    EXPECT_EQ(places, (std::vector<std::string>{"mean.shift", "none.x", "shift.by", "shift_2.by"}));
  }
}

ColumnTransformer two_groups(Remainder rest = Remainder::passthrough) {
  return ColumnTransformer(
      {{"ten", Shift{{.by = 10}}, {"b"}}, {"kinds", Shift{{.by = 5}}, columns_of(ColumnKind::boolean)}}, rest);
}

TEST(ColumnTransformer, groups_then_the_rest) {
  const auto dataset = numbers_dataset();
  const auto fitted = two_groups().fit_transform(dataset, {});
  EXPECT_EQ(names_of(*fitted.transformer->output_schema()), (std::vector<std::string>{"b", "flag", "a"}));
  EXPECT_EQ(fitted.train.column("b").number(1), 30);
  EXPECT_EQ(fitted.train.column("a").number(1), 2);
  const Table again = fitted.transformer->transform(dataset->features);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(again[c].number(i), fitted.train[c].number(i));
}

TEST(ColumnTransformer, drops_the_rest_when_told_so) {
  const auto fitted = two_groups(Remainder::drop).fit_transform(numbers_dataset(), {});
  EXPECT_EQ(names_of(fitted.train.schema() ? *fitted.train.schema() : Schema{}),
            (std::vector<std::string>{"b", "flag"}));
}

TEST(ColumnTransformer, a_name_made_twice_gets_a_number) {
  const ColumnTransformer columns({{"x", Shift{{.by = 1}}, {"a"}}, {"y", Shift{{.by = 2}}, {"a", "b"}}},
                                  Remainder::drop);
  const auto fitted = columns.fit_transform(numbers_dataset(), {});
  EXPECT_EQ(names_of(*fitted.train.schema()), (std::vector<std::string>{"a", "a_2", "b"}));
  EXPECT_EQ(fitted.train.column("a").number(0), 2);
  EXPECT_EQ(fitted.train.column("a_2").number(0), 3);
  EXPECT_EQ(names_of(*fitted.transformer->transform(numbers_dataset()->features).schema()),
            (std::vector<std::string>{"a", "a_2", "b"}));
}

TEST(ColumnTransformer, a_column_named_and_of_a_kind_is_taken_once) {
  ColumnSelection both{"a"};
  both.kinds = {ColumnKind::number};
  EXPECT_EQ(both.resolve(*numbers_dataset()->features.schema()), (std::vector<std::uint32_t>{0, 1}));
}

TEST(ColumnTransformer, an_unknown_column_is_an_error) {
  const ColumnTransformer columns({{"x", Shift{}, {"flga"}}});
  EXPECT_EQ(fault_of([&] { columns.fit_transform(numbers_dataset(), {}); }),
            "flga: there is no such column (did you mean 'flag'?) [data.column_unknown]");
}

TEST(ColumnTransformer, a_file_that_names_a_column_twice_is_refused) {
  const auto dataset = numbers_dataset();
  const ColumnTransformer columns({{"both", Shift{{.by = 1}}, {"a", "b"}}});
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(*columns.fit_transform(DatasetView(dataset), {}).transformer, writer);
  const Registry registry = small::registry();
  const auto load = [&] { registry.load_transformer(ArchiveReader(archive), dataset->features.schema()); };
  EXPECT_NO_THROW(load());
  auto& bytes = archive.arrays.front().bytes;  // columns 0 and 1 of the group
  std::copy_n(bytes.begin(), 4, bytes.begin() + 4);
  EXPECT_NE(fault_of(load).find("twice"), std::string::npos);
}

TEST(ColumnTransformer, a_group_without_columns_and_no_groups_at_all) {
  const ColumnTransformer none({{"text", Shift{}, columns_of(ColumnKind::text)}});
  EXPECT_EQ(none.fit_transform(numbers_dataset(), {}).train.size(), 3U);
  const auto dropped = ColumnTransformer({}, Remainder::drop).fit_transform(numbers_dataset(), {});
  EXPECT_EQ(dropped.train.size(), 0U);
  EXPECT_EQ(dropped.train.rows(), 3U);
}

Pipeline nested_pipeline() {
  const ColumnTransformer inner({{"numbers", TransformerPipeline(Shift{{.by = 1}}, Shift{{.by = 2, .learn = true}}),
                                  columns_of(ColumnKind::number)},
                                 {"flags", Shift{}, {"flag"}}},
                                Remainder::drop);
  return Pipeline{inner, Shift{{.by = -1}}, SumColumns{}};
}

TEST(Nested, values_by_hand) {
  const auto dataset = numbers_dataset();
  const auto model = nested_pipeline().fit(dataset).model;
  // a: 1..3, +1, then centred to 0 and +2 (the mean of a + 1 is taken off): a - 2 + 2 = a; then -1; b - 20 + 2 - 1
  EXPECT_EQ(checked_predictions(*model, dataset->features),
            (std::vector<double>{0 + 2 * (10 - 19.0) + 0, 1 + 2 * (20 - 19.0) + 3, 2 + 2 * (30 - 19.0) + 3}));
}

TEST(Nested, parameters_have_the_path_as_name) {
  const Pipeline pipeline = nested_pipeline();
  EXPECT_EQ(pipeline.parameters(), (Object{{"column_transformer.numbers.shift.by", 1.0},
                                           {"column_transformer.numbers.shift.learn", false},
                                           {"column_transformer.numbers.shift_2.by", 2.0},
                                           {"column_transformer.numbers.shift_2.learn", true},
                                           {"column_transformer.flags.by", 1.0},
                                           {"column_transformer.flags.learn", false},
                                           {"shift.by", -1.0},
                                           {"shift.learn", false}}));
  const auto changed = pipeline.with_parameters({{"column_transformer.numbers.shift_2.by", 9}});
  EXPECT_EQ(changed->parameters().find("column_transformer.numbers.shift_2.by")->number(), 9);
  EXPECT_EQ(changed->parameters().find("column_transformer.numbers.shift.by")->number(), 1);
  EXPECT_EQ(fault_of([&] {
              pipeline.with_parameters({{"column_transformer.nmbers.shift.by", 9}});
            }),
            "column_transformer.nmbers.shift.by: there is no such step (did you mean 'numbers'?) [parameter.unknown]");
}

TEST(Nested, prints_as_a_tree) {
  EXPECT_EQ(nested_pipeline().describe(),
            "pipeline\n"
            "  column_transformer (rest: dropped)\n"
            "    numbers [every number]: steps\n"
            "      shift\n"
            "      shift_2: shift\n"
            "    flags [flag]: shift\n"
            "  shift\n"
            "  sum_columns\n");
  EXPECT_EQ(nested_pipeline().fit(numbers_dataset()).model->describe(),
            "pipeline\n"
            "  shift\n"
            "  shift\n"
            "  shift\n"
            "  shift\n"
            "  column_sum\n");
}

TEST(Nested, structure_makes_it_again) {
  const Pipeline pipeline = nested_pipeline();
  const Registry registry = small::registry();
  const auto again = make_estimator(pipeline.structure(), registry);
  EXPECT_TRUE(again->structure() == pipeline.structure());
  EXPECT_EQ(again->describe(), pipeline.describe());
  const auto dataset = numbers_dataset();
  EXPECT_EQ(again->fit(dataset).model->predict(dataset->features).values,
            pipeline.fit(dataset).model->predict(dataset->features).values);
}

TEST(Structure, of_a_plain_learner_and_of_what_is_unknown) {
  const Registry registry = small::registry();
  const auto mean = make_estimator(Mean{{.shift = 3}}.structure(), registry);
  EXPECT_EQ(mean->parameters().find("shift")->number(), 3);
  EXPECT_THROW(make_estimator(Object{{"type", "nothing"}, {"parameters", Object{}}}, registry), Error);
  EXPECT_THROW(make_estimator(Object{{"parameters", Object{}}}, registry), Error);
  EXPECT_THROW(make_estimator(Value("mean"), registry), Error);
}

// structures come from files: a component of another kind in a place must be an Error, never a wild cast
TEST(Structure, transformers_of_a_pipeline_must_be_a_transformer_pipeline) {
  Object structure = Pipeline{Shift{}, Mean{}}.structure().object();
  structure["transformers"] = Shift{}.structure();
  EXPECT_EQ(fault_of([&] { make_estimator(structure, small::registry()); }).substr(0, 13), "transformers:");
}

TEST(Structure, unknown_kinds_and_remainders_are_errors) {
  Object structure = two_groups().structure().object();
  structure["remainder"] = "keep";
  EXPECT_THROW(make_transformer(structure, small::registry()), Error);
  structure = two_groups().structure().object();
  structure["groups"].array()[0].object()["kinds"] = Array{"numbr"};
  EXPECT_NE(fault_of([&] { make_transformer(structure, small::registry()); }).find("did you mean 'number'?"),
            std::string::npos);
}

TEST(TransformerPipeline, without_steps_passes_everything) {
  const auto dataset = numbers_dataset();
  const TransformerPipeline empty(std::vector<NamedTransformer>{});
  const auto fitted = empty.fit_transform(dataset, {});
  EXPECT_EQ(names_of(*fitted.transformer->output_schema()), (std::vector<std::string>{"a", "b", "flag"}));
  EXPECT_EQ(fitted.train.column("b").number(2), 30);
  std::vector<double> cells{4, 5, 1}, out(3);
  fitted.transformer->row_transformer()->transform({cells.data(), nullptr}, out.data(), nullptr);
  EXPECT_EQ(out, cells);
}

TEST(Pipeline, boolean_and_number_columns_may_be_exchanged_in_prediction) {
  const auto dataset = numbers_dataset();
  const auto model = Pipeline{Shift{{.by = 100}}, SumColumns{}}.fit(dataset).model;
  const Table other({make_number_column({.name = "a", .kind = ColumnKind::boolean}, {1, 0, 1}),
                     dataset->features.columns()[1], make_number_column({.name = "flag"}, {0, 1, 1})});
  const Table same(
      {make_number_column({.name = "a"}, {1, 0, 1}), dataset->features.columns()[1], dataset->features.columns()[2]});
  EXPECT_EQ(model->predict(other).values, model->predict(same).values);
}

TEST(Pipeline, traits_leave_tasks_to_the_estimator_and_columns_to_the_steps) {
  const EstimatorTraits traits = Pipeline{Shift{}, SumColumns{}}.traits();
  EXPECT_EQ(traits.tasks, std::vector<Task>{Task::regression});
  EXPECT_TRUE(traits.missing && traits.categories && traits.text);
}

TEST(Pipeline, large_batches_agree_with_small_ones) {
  constexpr std::size_t n = 10000;  // more than two blocks
  std::vector<double> a(n);
  std::iota(a.begin(), a.end(), 0.0);
  Dataset data;
  data.features = Table({make_number_column({.name = "a"}, a)});
  data.target.values.assign(n, 0.0);
  const auto dataset = make_dataset(std::move(data));
  const auto model = Pipeline{Shift{{.by = 0, .learn = true}}, SumColumns{}}.fit(dataset).model;
  const Predictions all = model->predict(dataset->features);
  for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(all.values[i], static_cast<double>(i) - 4999.5);
}

}  // namespace
}  // namespace automill
