// What a fitted model gives out: for one row and for many, loaded again, with columns in any order, with missing values
// and unseen categories, and after a fit on data at the edge.

#include "conformance/learner_suite.hpp"

namespace automill::conformance {
namespace {

/// Cells of a table in the order of its columns, as a row predictor gets them.
struct RowCells {
  explicit RowCells(const Table& aligned) : table(aligned), numbers(aligned.size()), texts(aligned.size()) {}
  RowView at(std::size_t row) {
    for (std::size_t c = 0; c < table.size(); ++c) {
      numbers[c] = table[c].number(row);
      texts[c] = table[c].kind() == ColumnKind::text ? table[c].text(row) : std::string_view();
    }
    return {numbers.data(), texts.data()};
  }
  const Table& table;
  std::vector<double> numbers;
  std::vector<std::string_view> texts;
};

std::unique_ptr<Model> fitted(const LearnerCase& each, Findings& findings) {
  auto model = each.estimator->fit(each.data).model;
  if (model == nullptr) findings.add(each.what + ": a fit that was not stopped gave no model");
  return model;
}

}  // namespace

void check_outputs(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases) {
    const auto model = fitted(each, findings);
    if (model == nullptr) continue;
    const Target& target = each.data->target;
    const OutputSpec& spec = model->output_spec();
    if (spec.task != target.task || spec.width != target.width() || spec.classes != target.classes)
      findings.add(each.what + ": the output is not that of the target");
    if (model->input_schema().names() != each.data->features.schema()->names())
      findings.add(each.what + ": the input schema is not that of the training rows");
    const std::string fault = prediction_fault(*model, each.data->features);
    if (!fault.empty()) findings.add(each.what + ": " + fault);
    for (double huge : {1e308, -1e308, 1e-308}) {
      const std::string at_edge = prediction_fault(*model, fill(each.data->features, {.value = huge}));
      if (!at_edge.empty()) findings.add(each.what + ", every number " + number_of(huge) + ": " + at_edge);
    }
    if (model->predict(each.data->features.without({})).rows() != each.data->rows())
      findings.add(each.what + ": rows are lost");
    if (model->predict(take_rows(*each.data, {})->features).rows() != 0)
      findings.add(each.what + ": no rows in, some out");
  }
}

void check_missing_and_unseen(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases) {
    const auto model = fitted(each, findings);
    if (model == nullptr) continue;
    for (const Table& rows : tables_to_predict(each)) {
      const std::string fault = prediction_fault(*model, rows);
      if (!fault.empty()) findings.add(each.what + ": " + fault);
    }
  }
  for (Task task : suite.traits.tasks) {  // what the learner does not take is refused with a place and a hint
    const auto refused = [&](const DataSpec& spec, const char* code, const char* what) {
      const auto error =
          expected_error(findings, task_name(task) + " with " + what, [&] { suite.learner->fit(make_data(spec)); });
      if (!error) return;
      if (error->code() != code) findings.add(std::string(what) + ": code " + error->code() + " instead of " + code);
      if (error->place().empty() || error->hint().empty())
        findings.add(std::string(what) + ": no place or no hint: " + error->what());
    };
    if (!suite.traits.missing) refused({.task = task, .missing = true}, "fit.missing", "missing values");
    if (!suite.traits.categories) refused({.task = task, .categories = true}, "fit.categories", "categories");
    if (!suite.traits.text) refused({.task = task, .text = true}, "fit.text", "text");
  }
}

void check_prediction_columns(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases) {
    const auto model = fitted(each, findings);
    if (model == nullptr) continue;
    const Table& rows = each.data->features;
    if (!same_bits(model->predict(reordered(rows)).values, model->predict(rows).values))
      findings.add(each.what + ": columns in another order change the predictions");
    const auto error = expected_error(findings, each.what + ": a missing column",
                                      [&] { model->predict(rows.without({rows[0].name()})); });
    if (error && (error->code() != "data.column_missing" || error->place() != rows[0].name()))
      findings.add(each.what + ": a missing column is reported as " + error->what());
  }
}

void check_one_row(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases) {
    const auto model = fitted(each, findings);
    if (model == nullptr) continue;
    const auto one = model->row_predictor();
    for (const Table& rows : tables_to_predict(each)) {
      const Predictions batch = model->predict(rows);
      const Table aligned = align(rows, model->input_schema());
      RowCells cells(aligned);
      std::vector<double> out(batch.width);
      for (std::size_t i = 0; i < rows.rows(); ++i) {
        one->predict(cells.at(i), out);
        if (!std::equal(out.begin(), out.end(), batch.row(i).begin(),
                        [](double a, double b) { return same_bits(a, b); }))
          findings.add(each.what + ": row " + std::to_string(i) + " alone gives " + number_of(out[0]) +
                       ", in the batch " + number_of(batch.row(i)[0]));
      }
      Predictions parts(rows.rows(), batch.width);
      for (std::size_t first = 0; first < rows.rows(); first += 7) {
        const std::size_t count = std::min<std::size_t>(7, rows.rows() - first);
        model->predict_aligned(TableView(aligned, first, count), parts.view().part(first, count), {});
      }
      if (!same_bits(parts.values, batch.values))
        findings.add(each.what + ": a batch cut into pieces gives other predictions");
    }
  }
}

void check_save_and_load(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases) {
    const auto model = fitted(each, findings);
    if (model == nullptr) continue;
    const Archive saved = archive_of(*model);
    const auto loaded = suite.registry.load_model(ArchiveReader(saved), model->context());
    for (const Table& rows : tables_to_predict(each))
      if (!same_bits(loaded->predict(rows).values, model->predict(rows).values))
        findings.add(each.what + ": the loaded model predicts other bits");
    if (!same_archive(archive_of(*loaded), saved))
      findings.add(each.what + ": saved again, the loaded model is another");
    if (loaded->type() != model->type() || loaded->describe() != model->describe())
      findings.add(each.what + ": the loaded model calls itself otherwise");
    Archive torn = saved;  // a damaged file is an Error, or at worst a model that does not crash
    for (auto& array : torn.arrays)
      array.bytes.resize(array.bytes.size() / 2 / element_size(array.type) * element_size(array.type));
    try {
      suite.registry.load_model(ArchiveReader(torn), model->context());
      if (!torn.arrays.empty() && !saved.arrays[0].bytes.empty())
        findings.add(each.what + ": arrays cut in half were accepted");
    } catch (const Error& error) {
      if (error.code() != "model_file.invalid") findings.add(each.what + ": arrays cut in half: code " + error.code());
    }
  }
}

namespace {

using Change = std::function<DatasetPtr(const LearnerCase&)>;

DatasetPtr constant_target(const LearnerCase& each) {
  Target target = each.data->target;
  std::fill(target.values.begin(), target.values.end(), 5.0);
  std::fill(target.labels.begin(), target.labels.end(), 0);
  return with_target(*each.data, target);
}

/// The last class is there by name and in no row.
DatasetPtr absent_class(const LearnerCase& each) {
  Target target = each.data->target;
  if (!is_classification(target.task)) return nullptr;
  const auto last = static_cast<std::int32_t>(target.classes.size()) - 1;
  for (auto& label : target.labels) label = label == last ? 0 : label;
  return with_target(*each.data, target);
}

/// Every number column gets a pattern of the values.
DatasetPtr extreme_numbers(const LearnerCase& each, const std::vector<double>& pattern) {
  std::vector<ColumnPtr> columns;
  for (const ColumnPtr& column : each.data->features.columns()) {
    if (column->kind() != ColumnKind::number) {
      columns.push_back(column);
      continue;
    }
    std::vector<double> values(column->size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = pattern[(i + columns.size()) % pattern.size()];
    columns.push_back(make_number_column(column->schema(), std::move(values)));
  }
  return with_features(*each.data, Table(std::move(columns)));
}

DatasetPtr extreme_target(const LearnerCase& each, double magnitude) {
  Target target = each.data->target;
  if (is_classification(target.task)) return nullptr;
  for (std::size_t i = 0; i < target.values.size(); ++i) target.values[i] = i % 3 == 0 ? -magnitude : magnitude;
  return with_target(*each.data, target);
}

DatasetPtr weighted(const LearnerCase& each, const std::vector<double>& pattern) {
  if (!each.estimator->traits().weights) return nullptr;
  std::vector<double> weights(each.data->rows());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = pattern[i % pattern.size()];
  return with_weights(*each.data, std::move(weights));
}

DatasetPtr another_size(const LearnerCase& each, std::size_t rows, std::size_t extra) {
  DataSpec spec = each.spec;
  spec.rows = rows;
  spec.extra_numbers = extra;
  return make_data(spec);
}

const std::vector<std::pair<const char*, Change>>& degenerate_changes() {
  static const std::vector<std::pair<const char*, Change>> changes{
      {"a constant target", constant_target},
      {"an absent class", absent_class},
      {"one row", [](const auto& each) { return take_rows(*each.data, {0}); }},
      {"two rows",
       [](const auto& each) {
         return take_rows(*each.data, {0, 1});
       }},
      {"one row many times", [](const auto& each) { return take_rows(*each.data, std::vector<std::uint32_t>(50, 3)); }},
      {"constant columns",
       [](const auto& each) {
         return with_features(
             *each.data, fill(each.data->features,
                              {.value = 3.0, .category = std::string_view("one"), .text = std::string_view("one")}));
       }},
      {"no columns",
       [](const auto& each) { return with_features(*each.data, Table::with_rows({}, each.data->rows())); }},
      {"values of 1e308",
       [](const auto& each) {
         return extreme_numbers(each, {1e308, -1e308, 0.0});
       }},
      {"one value of 1e308",
       [](const auto& each) {
         std::vector<double> pattern(101, 1.5);
         pattern[7] = 1e308;
         pattern[8] = 2.5;
         return extreme_numbers(each, pattern);
       }},
      {"values of 1e-310",
       [](const auto& each) {
         return extreme_numbers(each, {1e-310, -5e-324, 0.0});
       }},
      {"infinite values",
       [](const auto& each) {
         return extreme_numbers(
             each, {1.0, std::numeric_limits<double>::infinity(), 2.0, -std::numeric_limits<double>::infinity()});
       }},
      {"missing values only",
       [](const auto& each) {
         return each.takes_missing
                    ? with_features(*each.data,
                                    fill(each.data->features, {.value = std::nan(""), .category = std::string_view()}))
                    : nullptr;
       }},
      {"a target of 1e308", [](const auto& each) { return extreme_target(each, 1e308); }},
      {"a target of 1e-308", [](const auto& each) { return extreme_target(each, 1e-308); }},
      {"weights of 0",
       [](const auto& each) {
         return weighted(each, {0.0, 1.0, 2.0});
       }},
      {"one weight that is not 0",
       [](const auto& each) {
         std::vector<double> weights(each.data->rows(), 0.0);
         weights[5] = 2.0;
         return weighted(each, weights);
       }},
      {"huge and tiny weights",
       [](const auto& each) {
         return weighted(each, {1e300, 1.0, 1e-300});
       }},
      {"30 rows, 300 columns", [](const auto& each) { return another_size(each, 30, 295); }}};
  return changes;
}

}  // namespace

void check_degenerate_data(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases)
    for (const auto& [what, change] : degenerate_changes()) {
      const DatasetPtr data = change(each);
      if (data == nullptr) continue;
      const std::string where = each.what + " with " + what;
      try {
        const auto model = each.estimator->fit(data).model;
        if (model == nullptr) {
          findings.add(where + ": no model");
          continue;
        }
        for (const Table& rows :
             {data->features, data->features.rows() > 2 ? take_rows(*data, {0, 2})->features : data->features}) {
          const std::string fault = prediction_fault(*model, rows);
          if (!fault.empty()) findings.add(where + ": " + fault);
        }
      } catch (const Error& error) {
        if (error.code().empty() || error.faults().front().message.empty())
          findings.add(where + ": an Error that says nothing");
      } catch (const std::exception& error) {
        findings.add(where + ": threw something that is not an Error: " + error.what());
      }
    }
}

}  // namespace automill::conformance
