// The checks of transformers.

#include <automill/automl/train.hpp>

#include "conformance/transformer_suite.hpp"

namespace automill::conformance {
namespace {

using Fitted = Transformer::Fitted;

Fitted fit(const TransformerSuite& suite, const DatasetView& view, const RunContext& context = {}) {
  return suite.transformer->fit_transform(view, context);
}

/// Rows of training, rows that miss everything, unseen categories and text, numbers at the edge.
std::vector<Table> tables_to_transform(const Table& features) {
  return {features,
          fill(features, {.value = std::nan(""), .category = std::string_view(), .text = std::string_view()}),
          with_unseen_categories(features),
          fill(features, {.text = std::string_view("never seen before")}),
          fill(features, {.value = 1e308}),
          fill(features, {.value = -1e308}),
          take_rows({.features = features, .target = {.values = std::vector<double>(features.rows())}}, {})->features};
}

/// Sums of floating-point numbers depend on the order of rows in their last bits.
constexpr double sum_tolerance = 1e-9;

std::string difference_within(const Table& a, const Table& b, double tolerance) {
  if (a.schema()->names() != b.schema()->names()) return "other columns";
  if (a.rows() != b.rows()) return "other rows";
  for (std::size_t c = 0; c < a.size(); ++c) {
    std::vector<double> x(a.rows()), y(b.rows());
    a[c].numbers(0, x.size(), x.data());
    b[c].numbers(0, y.size(), y.data());
    const double difference = relative_difference(x, y);
    if (!(difference <= tolerance)) return "column '" + a[c].name() + "' by " + number_of(difference);
  }
  return {};
}

void check_description(const TransformerSuite& suite, Findings& findings) {
  if (suite.transformer->name() != suite.name) findings.add("it calls itself '" + suite.transformer->name() + "'");
  const std::string text = suite.transformer->describe();
  if (text.size() < 2 || text.back() != '\n') findings.add("describe() must end with a line end and say something");
  if (!suite.transformer->describe(4).starts_with("    ")) findings.add("describe(4) is not indented by 4");
  const auto fitted = fit(suite, suite.problems.front().second).transformer;
  if (fitted->describe().size() < 2 || fitted->describe().back() != '\n')
    findings.add("the fitted half does not describe itself");
  const auto types = suite.registry.fitted_transformer_types();
  if (std::find(types.begin(), types.end(), fitted->type()) == types.end())
    findings.add("no loader is registered for its fitted type '" + fitted->type() + "'");
}

void check_parameter_faults(const TransformerSuite& suite, Findings& findings) {
  const auto& entry = suite.registry.transformer(suite.name);
  check_parameter_errors(findings, entry.parameters, [&](const Object& values) { entry.make(values); });
  check_parameter_errors(findings, entry.parameters,
                         [&](const Object& values) { suite.transformer->with_parameters(values); });
}

void check_parameters(const TransformerSuite& suite, Findings& findings) {
  const auto& entry = suite.registry.transformer(suite.name);
  check_parameter_values(findings, entry.description, entry.parameters,
                         [&](const Object& values) { return entry.make(values)->parameters(); });
  const auto again = make_transformer(suite.transformer->structure(), suite.registry);
  if (!(again->structure() == suite.transformer->structure()))
    findings.add("made again from its structure it is another");
}

void check_schema(const TransformerSuite& suite, Findings& findings) {
  for (const auto& [what, data] : suite.problems) {
    const Fitted fitted = fit(suite, data);
    const Schema& schema = *fitted.transformer->output_schema();
    std::map<std::string, int> names;
    for (const ColumnSchema& column : schema.columns()) {
      if (column.name.empty()) findings.add(what + ": a column without a name");
      if (++names[column.name] == 2) findings.add(what + ": two columns are called '" + column.name + "'");
      if (column.kind == ColumnKind::category && column.dictionary == nullptr)
        findings.add(what + ": '" + column.name + "' has no dictionary");
    }
    if (fitted.transformer->input_schema()->names() != data->features.schema()->names())
      findings.add(what + ": another input schema");
    for (const Table& rows : tables_to_transform(data->features)) {
      const Table out = fitted.transformer->transform(rows);
      if (out.rows() != rows.rows())
        findings.add(what + ": " + std::to_string(rows.rows()) + " rows became " + std::to_string(out.rows()));
      if (out.schema()->names() != schema.names()) {
        findings.add(what + ": the columns are not those of the output schema");
        continue;
      }
      for (std::size_t c = 0; c < out.size(); ++c) {
        if (out[c].kind() != schema[c].kind)
          findings.add(what + ": '" + out[c].name() + "' is not of the kind that the schema says");
        if (out[c].kind() != ColumnKind::category) continue;
        const auto size = static_cast<double>(schema[c].dictionary->size());
        for (std::size_t i = 0; i < out.rows(); ++i)
          if (!out[c].missing(i) && !(out[c].number(i) >= 0 && out[c].number(i) <= size))
            findings.add(what + ": '" + out[c].name() + "' has code " + number_of(out[c].number(i)));
      }
    }
  }
}

void check_one_row(const TransformerSuite& suite, Findings& findings) {
  for (const auto& [what, data] : suite.problems) {
    const auto fitted = fit(suite, data).transformer;
    const auto one = fitted->row_transformer();
    const Schema& schema = *fitted->output_schema();
    for (const Table& rows : tables_to_transform(data->features)) {
      const Table aligned = align(rows, *fitted->input_schema()), batch = fitted->transform(rows);
      std::vector<double> cells(aligned.size()), numbers(schema.size());
      std::vector<std::string_view> texts(aligned.size()), text_out(schema.size());
      for (std::size_t i = 0; i < rows.rows(); ++i) {
        for (std::size_t c = 0; c < aligned.size(); ++c) {
          cells[c] = aligned[c].number(i);
          texts[c] = aligned[c].kind() == ColumnKind::text ? aligned[c].text(i) : std::string_view();
        }
        one->transform({cells.data(), texts.data()}, numbers.data(), text_out.data());
        for (std::size_t c = 0; c < schema.size(); ++c) {
          const bool same = schema[c].kind == ColumnKind::text ? text_out[c] == batch[c].text(i)
                                                               : same_bits(numbers[c], batch[c].number(i));
          if (!same)
            findings.add(what + ": '" + schema[c].name + "', row " + std::to_string(i) + " alone gives " +
                         number_of(numbers[c]) + ", in the batch " + number_of(batch[c].number(i)));
        }
      }
      if (rows.rows() < 20) continue;
      const Table part = fitted->transform_aligned(TableView(aligned, 11, 7), {});
      for (std::size_t c = 0; c < schema.size(); ++c)
        for (std::size_t i = 0; i < 7; ++i)
          if (!same_bits(part[c].number(i), batch[c].number(11 + i)))
            findings.add(what + ": a part of the rows is transformed otherwise");
    }
  }
}

void check_row_order(const TransformerSuite& suite, Findings& findings) {
  for (const auto& [what, data] : suite.problems) {
    const auto fitted = fit(suite, data).transformer;
    const DatasetPtr shuffled = take_rows(*data, shuffled_rows(data->rows(), 3));
    const std::string difference = difference_within(
        fitted->transform(data->features), fit(suite, shuffled).transformer->transform(data->features), sum_tolerance);
    if (!difference.empty()) findings.add(what + ": shuffled training rows give " + difference);
  }
}

void check_weights(const TransformerSuite& suite, Findings& findings) {
  for (const auto& [what, data] : suite.problems) {
    std::vector<double> weights;
    std::vector<std::uint32_t> repeated;
    for (std::uint32_t row = 0; row < data->rows(); ++row) {
      const std::uint64_t copies = 1 + RandomStream(1, purpose("copies"), row).below(3);
      weights.push_back(static_cast<double>(copies));
      repeated.insert(repeated.end(), copies, row);
    }
    const std::string difference =
        difference_within(fit(suite, with_weights(*data, weights)).transformer->transform(data->features),
                          fit(suite, take_rows(*data, repeated)).transformer->transform(data->features), sum_tolerance);
    if (!difference.empty()) findings.add(what + ": whole weights and repeated rows give " + difference);
  }
}

void check_save_and_load(const TransformerSuite& suite, Findings& findings) {
  for (const auto& [what, data] : suite.problems) {
    const auto fitted = fit(suite, data).transformer;
    const Archive saved = archive_of(*fitted);
    const auto loaded = suite.registry.load_transformer(ArchiveReader(saved), data->features.schema());
    for (const Table& rows : tables_to_transform(data->features)) {
      const std::string difference = table_difference(loaded->transform(rows), fitted->transform(rows));
      if (!difference.empty()) findings.add(what + ": loaded, it gives " + difference);
    }
    if (!same_archive(archive_of(*loaded), saved)) findings.add(what + ": saved again, it is another");
    if (loaded->type() != fitted->type() || loaded->describe() != fitted->describe())
      findings.add(what + ": loaded, it calls itself otherwise");
  }
}

void check_training_rows(const TransformerSuite& suite, Findings& findings) {
  for (const auto& [what, data] : suite.problems) {
    const std::vector<std::uint32_t> some{5, 0, 17, 3, 40, 41, 8, 100, 33, 90};
    const Fitted fitted = fit(suite, view_of(data, some));
    if (fitted.train.rows() != some.size())
      findings.add(what + ": " + std::to_string(fitted.train.rows()) + " training rows came out of " +
                   std::to_string(some.size()));
    if (fitted.train.schema()->names() != fitted.transformer->output_schema()->names())
      findings.add(what + ": training rows have other columns than the output schema");
    const Table other = fitted.transformer->transform(data->features);
    if (other.rows() != data->rows()) findings.add(what + ": other rows are lost");
  }
}

/// Stopped, it gives nothing (Stopped) or the whole result.
void check_stop(const TransformerSuite& suite, Findings& findings) {
  std::stop_source source;
  source.request_stop();
  const RunContext stopped{.stop = StopToken(source.get_token())};
  for (const auto& problem : suite.problems) {  // not [what, data]: Clang 14 does not capture those in lambdas
    const std::string& what = problem.first;
    const DatasetPtr& data = problem.second;
    const Fitted whole = fit(suite, DatasetView(data));
    const auto compare = [&](const char* part, const Table& expected, const auto& run) {
      try {
        const std::string difference = difference_within(run(), expected, 0);
        if (!difference.empty()) findings.add(what + ": " + part + " under a stop gives something else: " + difference);
      } catch (const Stopped&) {
      }
    };
    compare("fit_transform", whole.train, [&] { return fit(suite, DatasetView(data), stopped).train; });
    compare("transform", whole.transformer->transform(data->features),
            [&] { return whole.transformer->transform(data->features, stopped); });
  }
}

void check_held_out_rows(const TransformerSuite& suite, Findings& findings) {
  for (const auto& [what, data] : suite.problems) {
    std::vector<std::uint32_t> half;
    for (std::uint32_t row = 0; row < data->rows(); row += 2) half.push_back(row);
    Target other = data->target;
    std::vector<ColumnPtr> columns;
    for (const ColumnPtr& column : data->features.columns()) {
      std::vector<double> values(column->size());
      column->numbers(0, values.size(), values.data());
      for (std::size_t row = 1; row < values.size(); row += 2)
        values[row] = column->kind() == ColumnKind::category ? 0 : 7 - 3 * values[row];
      columns.push_back(column->kind() == ColumnKind::text ? column
                                                           : make_number_column(column->schema(), std::move(values)));
    }
    for (std::size_t row = 1; row < data->rows(); row += 2) {
      if (!other.values.empty()) other.values[row] = -1e6 * other.values[row];
      if (!other.labels.empty()) other.labels[row] = 0;
    }
    const DatasetPtr changed = with_features(*with_target(*data, other), Table(std::move(columns)));
    if (!same_archive(archive_of(*fit(suite, view_of(changed, half)).transformer),
                      archive_of(*fit(suite, view_of(data, half)).transformer)))
      findings.add(what + ": rows that are not in the view change what is learned");
  }
}

void check_folds(const TransformerSuite& suite, Findings& findings) {
  const auto executor = make_executor(2);
  for (const auto& [what, data] : suite.problems) {
    const FoldedDataset folded(data, make_folds(*data, 3, 1));
    const auto together = suite.transformer->fit_transform_folds(folded, {.run_with = executor.get()});
    if (together.size() != 3) {
      findings.add(what + ": " + std::to_string(together.size()) + " results for 3 folds");
      continue;
    }
    for (std::size_t fold = 0; fold < 3; ++fold) {
      const Fitted single = fit(suite, folded.train(fold));
      std::string difference = difference_within(together[fold].transformer->transform(data->features),
                                                 single.transformer->transform(data->features), sum_tolerance);
      if (difference.empty()) difference = difference_within(together[fold].train, single.train, sum_tolerance);
      if (!difference.empty())
        findings.add(what + ": fold " + std::to_string(fold) + " together and by itself: " + difference);
    }
  }
}

void check_threads(const TransformerSuite& suite, Findings& findings) {
  std::vector<std::pair<std::string, DatasetPtr>> problems = suite.problems;
  problems.emplace_back("20000 rows", make_data({.rows = 20000, .missing = true, .categories = true, .text = true}));
  for (const auto& [what, data] : problems) {
    const Fitted alone = fit(suite, data);
    const Archive archive = archive_of(*alone.transformer);
    for (int threads : {1, 2, 7}) {
      const auto executor = make_executor(threads);
      const RunContext context{.run_with = executor.get()};
      const Fitted fitted = fit(suite, data, context);
      if (!same_archive(archive_of(*fitted.transformer), archive))
        findings.add(what + ", " + std::to_string(threads) + " threads: another result");
      std::string difference = table_difference(fitted.train, alone.train);
      if (difference.empty())
        difference = table_difference(fitted.transformer->transform(data->features, context),
                                      alone.transformer->transform(data->features));
      if (!difference.empty()) findings.add(what + ", " + std::to_string(threads) + " threads: " + difference);
    }
  }
}

void check_concurrent_use(const TransformerSuite& suite, Findings& findings) {
  for (const auto& problem : suite.problems) {  // not [what, data]: Clang 14 does not capture those in lambdas
    const std::string& what = problem.first;
    const DatasetPtr& data = problem.second;
    const Fitted alone = fit(suite, data);
    const Archive archive = archive_of(*alone.transformer);
    std::vector<Archive> fits(4);
    std::vector<std::string> differences(4);
    at_the_same_time(findings, 4, [&](std::size_t i) {
      fits[i] = archive_of(*fit(suite, data).transformer);
      differences[i] = table_difference(alone.transformer->transform(data->features), alone.train);
    });
    const std::string difference = table_difference(alone.transformer->transform(data->features), alone.train);
    for (std::size_t i = 0; i < 4; ++i)
      if (!same_archive(fits[i], archive) || differences[i] != difference)
        findings.add(what + ": used at the same time it gives something else");
  }
}

/// Features at the edge, with as many rows as they have.
std::vector<std::pair<std::string, DatasetPtr>> degenerate_problems(const Dataset& data) {
  const Table& features = data.features;
  return {
      {"one row", take_rows(data, {4})},
      {"no rows", take_rows(data, {})},
      {"no columns", with_features(data, Table::with_rows({}, data.rows()))},
      {"missing values only",
       with_features(
           data, fill(features, {.value = std::nan(""), .category = std::string_view(), .text = std::string_view()}))},
      {"constant columns",
       with_features(
           data, fill(features, {.value = 2.5, .category = std::string_view("one"), .text = std::string_view("one")}))},
      {"values of 1e308", with_features(data, fill(features, {.value = 1e308}))},
      {"infinite values", with_features(data, fill(features, {.value = std::numeric_limits<double>::infinity()}))},
      {"names that are also made",
       with_features(take_rows(data, {0, 1, 2}).operator*(),
                     Table({make_category_column("a", std::vector<std::string_view>{"x", "y", std::string_view()}),
                            make_number_column({.name = "a=x"}, {1, 2, std::nan("")}),
                            make_number_column({.name = "a_missing"}, {1, 2, 3}),
                            make_number_column({.name = "a=x_missing"}, {1, 2, 3})}))}};
}

void check_degenerate_data(const TransformerSuite& suite, Findings& findings) {
  const DatasetPtr data = suite.problems.front().second;
  for (const auto& [what, problem] : degenerate_problems(*data)) {
    try {
      const Fitted fitted = fit(suite, problem);
      if (fitted.train.rows() != problem->rows()) findings.add(what + ": training rows are lost");
      std::map<std::string, int> names;
      for (const auto& name : fitted.transformer->output_schema()->names())
        if (++names[name] == 2) findings.add(what + ": two columns are called '" + name + "'");
      fitted.transformer->transform(problem->features);
      if (problem->features.size() != data->features.size()) continue;
      const Table rows = fitted.transformer->transform(data->features);
      if (rows.rows() != data->rows()) findings.add(what + ": rows are lost");
    } catch (const Error& error) {
      if (error.code().empty() || error.faults().front().message.empty())
        findings.add(what + ": an Error that says nothing");
    } catch (const std::exception& error) {
      findings.add(what + ": threw something that is not an Error: " + error.what());
    }
  }
}

}  // namespace

TransformerSuite::TransformerSuite(const Registry& components, const std::string& transformer_name)
    : registry(components), name(transformer_name), transformer(components.transformer(transformer_name).make({})) {
  for (Task task : {Task::regression, Task::binary, Task::multiclass})
    problems.emplace_back(task_name(task),
                          make_data({.task = task, .missing = true, .categories = true, .text = true}));
  problems.emplace_back("nothing missing", make_data({.categories = true, .seed = 2}));
}

const std::vector<NamedTransformerCheck>& transformer_check_list() {
  static const std::vector<NamedTransformerCheck> checks{{"description", check_description},
                                                         {"parameters", check_parameters},
                                                         {"parameter_errors", check_parameter_faults},
                                                         {"schema", check_schema},
                                                         {"one_row", check_one_row},
                                                         {"row_order", check_row_order},
                                                         {"weights", check_weights},
                                                         {"save_load", check_save_and_load},
                                                         {"training_rows", check_training_rows},
                                                         {"held_out_rows", check_held_out_rows},
                                                         {"folds", check_folds},
                                                         {"threads", check_threads},
                                                         {"concurrent", check_concurrent_use},
                                                         {"degenerate", check_degenerate_data},
                                                         {"stop", check_stop}};
  return checks;
}

std::vector<std::string> transformer_checks() {
  std::vector<std::string> names;
  for (const auto& check : transformer_check_list()) names.emplace_back(check.name);
  return names;
}

std::vector<Violation> check_transformer(const Registry& registry, const std::string& name,
                                         const std::vector<std::string>& only) {
  const TransformerSuite suite(registry, name);
  std::vector<Violation> violations;
  for (const auto& check : transformer_check_list()) {
    if (!only.empty() && std::find(only.begin(), only.end(), check.name) == only.end()) continue;
    Findings findings(check.name);
    guarded(findings, name, [&] { check.run(suite, findings); });
    violations.insert(violations.end(), findings.all().begin(), findings.all().end());
  }
  return violations;
}

}  // namespace automill::conformance
