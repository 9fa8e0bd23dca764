// Trained models: predict, look at, judge, change, save and load.

#include <automill/automl/replay.hpp>
#include <automill/predict/self_test.hpp>

#include "automl/prepare.hpp"
#include "data/platform.hpp"
#include "models.hpp"
#include "predict/python_members.hpp"
#include "python_learner.hpp"

namespace automill::python {

CallContext::CallContext(std::stop_token stop, std::optional<int> threads, std::uint64_t seed)
    : executor(make_executor(threads.value_or(available_cores()))) {
  context.run_with = executor.get();
  context.stop = StopToken(std::move(stop));
  context.seed = seed;
}

py::dict describe_score(const Score& score) {
  py::dict all;
  all["value"] = score.value;
  all["low"] = score.low;
  all["high"] = score.high;
  all["metric"] = score.metric;
  all["protocol"] = score.protocol;
  return all;
}

py::dict describe_target(const TargetInfo& target) {
  py::dict all;
  all["name"] = target.name;
  all["task"] = task_name(target.task);
  all["classes"] = target.classes;
  all["outputs"] = target.outputs;
  all["positive"] = target.positive;
  all["label_type"] = target.label_type;
  all["decision_threshold"] = target.decision_threshold;
  all["costs"] = target.costs;
  return all;
}

namespace {

/// Fewer cells than this are predicted at once in the calling thread: less than a few milliseconds.
constexpr std::size_t few_cells = 20000;

py::array_t<double> matrix(Predictions predictions) {
  const auto rows = static_cast<py::ssize_t>(predictions.rows()), width = static_cast<py::ssize_t>(predictions.width);
  return to_numpy(std::move(predictions.values), {rows, width});
}

py::array_t<std::int64_t> indices(const std::vector<std::size_t>& values) {
  return to_numpy(std::vector<std::int64_t>(values.begin(), values.end()));
}

/// What `answer(context)` gives for the rows, without the interpreter's lock.
template <class Answer>
auto answer_for(const Table& rows, const Answer& answer) {
  if (rows.rows() * std::max<std::size_t>(1, rows.size()) >= few_cells)
    return interruptible([&](std::stop_token stop) { return answer(CallContext(std::move(stop)).context); });
  const py::gil_scoped_release release;
  return answer(RunContext{});
}

/// Predictions as rows x width, and the index of the predicted class of each row (None for regression).
py::tuple predict(const AutoMLModel& model, const Table& rows) {
  const PredictionResult result =
      answer_for(rows, [&](const RunContext& context) { return model.predict(rows, context); });
  require_predictions(result.raw(), model, rows);
  const py::object labels = is_classification(model.task()) ? py::object(indices(result.label_indices())) : py::none();
  return py::make_tuple(matrix(result.raw()), labels);
}

py::tuple predict_interval(const AutoMLModel& model, const Table& rows, double coverage) {
  PredictedIntervals intervals =
      answer_for(rows, [&](const RunContext& context) { return model.predict_interval(rows, coverage, context); });
  return py::make_tuple(to_numpy(std::move(intervals.low)), to_numpy(std::move(intervals.high)));
}

/// The levels, and rows x levels.
py::tuple predict_quantiles(const AutoMLModel& model, const Table& rows, const std::vector<double>& quantiles) {
  PredictedQuantiles predicted =
      answer_for(rows, [&](const RunContext& context) { return model.predict_quantiles(rows, quantiles, context); });
  return py::make_tuple(predicted.quantiles, matrix(std::move(predicted.values)));
}

/// Rows x classes: 1 in the set.
py::array_t<std::uint8_t> predict_set(const AutoMLModel& model, const Table& rows, double coverage) {
  const PredictedSets sets =
      answer_for(rows, [&](const RunContext& context) { return model.predict_set(rows, coverage, context); });
  return to_numpy(std::vector<std::uint8_t>(sets.members()),
                  {static_cast<py::ssize_t>(sets.rows()), static_cast<py::ssize_t>(sets.classes().size())});
}

py::list rows_of(const std::vector<LeaderboardRow>& leaderboard) {
  py::list rows;
  for (const LeaderboardRow& row : leaderboard) rows.append(to_python(row.to_object()));
  return rows;
}

py::list leaderboard_on(const AutoMLModel& model, const Table& data) {
  return rows_of(interruptible(
      [&](std::stop_token stop) { return model.leaderboard(data, CallContext(std::move(stop)).context); }));
}

py::tuple evaluate_on(const AutoMLModel& model, const Table& data, const std::vector<std::string>& metrics,
                      const std::string& by) {
  const Evaluation evaluation = interruptible(
      [&](std::stop_token stop) { return evaluate(model, data, metrics, by, CallContext(std::move(stop)).context); });
  py::list rows;
  for (const EvaluationRow& row : evaluation.rows) {
    py::dict one;
    one["slice"] = row.slice;
    one["metric"] = row.metric;
    one["value"] = row.value;
    one["low"] = row.low;
    one["high"] = row.high;
    one["rows"] = row.rows;
    one["higher_is_better"] = row.higher_is_better;
    rows.append(one);
  }
  return py::make_tuple(rows, evaluation.warnings);
}

py::list importance(const AutoMLModel& model, const Table* data, int repeats) {
  const auto all = interruptible([&](std::stop_token stop) {
    const CallContext call(std::move(stop));
    return data != nullptr ? feature_importance(model, *data, repeats, call.context)
                           : feature_importance(model, repeats, call.context);
  });
  py::list rows;
  for (const ImportanceRow& row : all) {
    py::dict one;
    one["column"] = row.column;
    one["importance"] = row.importance;
    one["low"] = row.low;
    one["high"] = row.high;
    rows.append(one);
  }
  return rows;
}

py::list suspicious_rows(const AutoMLModel& model, std::size_t n) {
  const bool labels = is_classification(model.task());
  py::list rows;
  for (const SuspiciousRow& row : model.suspicious_rows(n)) {
    py::dict one;
    one["row"] = row.row;
    one["label"] = labels ? py::cast(row.label) : py::cast(row.value);
    one["predicted"] = labels ? py::cast(row.predicted) : py::cast(row.prediction);
    if (labels) {
      one["probability"] = row.probability;
      one["label_probability"] = row.label_probability;
    }
    one["loss"] = row.loss;
    rows.append(one);
  }
  return rows;
}

py::dict check(const AutoMLModel& model, const Table& rows) {
  const CheckReport report = interruptible([&](std::stop_token) { return model.check(rows); });
  py::list findings;
  for (const auto& finding : report.findings) {
    py::dict one;
    one["column"] = finding.column;
    one["kind"] = finding.kind;
    one["message"] = finding.message;
    one["share"] = finding.share;
    findings.append(one);
  }
  py::dict all;
  all["rows"] = report.rows;
  all["findings"] = findings;
  all["text"] = report.text();
  return all;
}

py::dict verify(const AutoMLModel& model) {
  const VerifyReport report = model.verify();
  py::dict all;
  all["ok"] = report.ok;
  all["rows"] = report.rows;
  all["largest_difference"] = report.largest_difference;
  all["text"] = report.text();
  return all;
}

/// One row at a time from Python values; the texts are kept until the next call.
class PythonRowPredictor {
 public:
  explicit PythonRowPredictor(const AutoMLModel& model) : model_(model), predictor_(model.row_predictor()) {}

  py::array_t<double> predict(const py::dict& row) {
    set(row);
    const std::span<const double> out = predictor_.predict();
    return to_numpy(std::vector<double>(out.begin(), out.end()));
  }
  py::tuple predict_interval(const py::dict& row, double coverage) {
    set(row);
    const Interval interval = predictor_.predict_interval(coverage);
    return py::make_tuple(interval.low, interval.high);
  }
  std::vector<bool> predict_set(const py::dict& row, double coverage) {
    set(row);
    const auto members = predictor_.predict_set(coverage);
    return {members.begin(), members.end()};
  }

 private:
  void set(const py::dict& row) {
    predictor_.clear();
    texts_.clear();
    texts_.reserve(row.size());
    for (const auto& [name, value] : row) set(predictor_.column(name.cast<std::string>()), value);
  }
  void set(RowColumn column, const py::handle& value) {
    if (value.is_none()) return predictor_.set_missing(column);
    const ColumnKind kind = model_.schema()[column.index].kind;
    const bool strings = kind == ColumnKind::category || kind == ColumnKind::text;
    if (strings && PyFloat_Check(value.ptr()) && std::isnan(PyFloat_AS_DOUBLE(value.ptr())))
      return predictor_.set_missing(column);
    if (strings || py::isinstance<py::str>(value)) {
      texts_.push_back(py::isinstance<py::bool_>(value) ? (value.cast<bool>() ? "true" : "false")
                                                        : py::str(value).cast<std::string>());
      return predictor_.set(column, std::string_view(texts_.back()));
    }
    if (kind == ColumnKind::datetime)
      return predictor_.set(column,
                            py::module_::import("automill.columns").attr("microseconds_of")(value).cast<double>());
    predictor_.set(column, value.cast<double>());
  }
  AutoMLModel model_;
  NamedRowPredictor predictor_;
  std::vector<std::string> texts_;
};

AutoMLModel refit_on(const AutoMLModel& model, const Table& data, const py::dict& options) {
  TrainOptions how = make_options(options);
  return interruptible([&](std::stop_token stop) {
    how.stop = std::move(stop);
    return refit(model, data, how);
  });
}

AutoMLModel replayed(const AutoMLModel& model, const Table& data, const py::dict& values) {
  ReplayOptions how;
  const TrainOptions options = make_options(values);
  how.validation_data = options.validation_data;
  how.threads = options.threads;
  how.memory_limit = options.memory_limit;
  return interruptible([&](std::stop_token stop) {
    how.stop = std::move(stop);
    return replay(model, data, how);
  });
}

py::dict types_by_name(const AutoMLModel& model) {
  py::dict types;
  for (const auto& [name, kind] : types_of_run(model)) types[py::str(name)] = column_kind_name(kind);
  return types;
}

AutoMLModel collapsed(const AutoMLModel& model) {
  return interruptible([&](std::stop_token stop) {
    CallContext call(std::move(stop));
    SharedCache cache(available_memory() / 2);
    call.context.cache = &cache;
    return collapse(model, call.context);
  });
}

AutoMLModel distilled(const AutoMLModel& model) {
  return interruptible([&](std::stop_token stop) {
    CallContext call(std::move(stop));
    return distill(model, call.context);
  });
}

py::bytes bytes_of(const AutoMLModel& model) {
  const auto bytes = model.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Of Python's own pickles, which may hold any object anyway.
AutoMLModel load_bytes(const py::bytes& bytes) {
  const std::string_view view = bytes;
  const auto* data = reinterpret_cast<const std::byte*>(view.data());
  return AutoMLModel(load(std::span<const std::byte>(data, view.size()), &pickle_registry()));
}

/// Names and classes of members that are Python objects.
std::vector<std::pair<std::string, std::string>> python_members_of(const AutoMLModel& model) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const PythonMember& each : python_members(*model.parts().model)) all.emplace_back(each.member, each.class_name);
  return all;
}

/// The target column of labelled rows: class indices or values, and which rows have one.
py::tuple read_labels(const AutoMLModel& model, const Table& table) {
  const LabelledRows rows = read_target(table.column(model.target().name), model.target());
  py::array_t<bool> present(static_cast<py::ssize_t>(table.rows()));
  bool* at = present.mutable_data();
  const bool labels = is_classification(model.task());
  for (std::size_t i = 0; i < table.rows(); ++i) at[i] = labels ? rows.labels[i] >= 0 : std::isfinite(rows.values[i]);
  return py::make_tuple(labels ? py::object(to_numpy(std::vector<std::int32_t>(rows.labels)))
                               : py::object(to_numpy(std::vector<double>(rows.values))),
                        present);
}

void bind_looking(py::class_<AutoMLModel>& model) {
  model.def_property_readonly("target", [](const AutoMLModel& self) { return describe_target(self.target()); })
      .def_property_readonly(
          "schema", [](const AutoMLModel& self) { return std::const_pointer_cast<Schema>(self.parts().schema); })
      .def_property_readonly("validation_score",
                             [](const AutoMLModel& self) { return describe_score(self.validation_score()); })
      .def_property_readonly("interrupted", &AutoMLModel::interrupted)
      .def_property_readonly("member_names", &AutoMLModel::member_names)
      .def_property_readonly("has_training_data",
                             [](const AutoMLModel& self) { return self.training_data() != nullptr; })
      .def_property_readonly("metadata", [](const AutoMLModel& self) { return to_python(self.metadata()); })
      .def("summary", &AutoMLModel::summary)
      .def("describe", [](const AutoMLModel& self) { return self.parts().model->describe(); })
      .def("recipe", [](const AutoMLModel& self) { return to_python(self.recipe()); })
      .def("leaderboard", [](const AutoMLModel& self) { return rows_of(self.leaderboard()); })
      .def("out_of_fold", [](const AutoMLModel& self) {
        const OutOfFold& out = self.out_of_fold();
        const auto labels = is_classification(self.task())
                                ? py::object(indices(PredictionResult(std::make_shared<const TargetInfo>(self.target()),
                                                                      out.predictions)
                                                         .label_indices()))
                                : py::none();
        return py::make_tuple(matrix(out.predictions), labels, to_numpy(std::vector<std::int32_t>(out.fold)));
      });
}

}  // namespace

void bind_models(py::module_& module) {
  py::class_<PythonRowPredictor>(module, "RowPredictor")
      .def("predict", &PythonRowPredictor::predict)
      .def("predict_interval", &PythonRowPredictor::predict_interval)
      .def("predict_set", &PythonRowPredictor::predict_set);
  py::class_<AutoMLModel> model(module, "Model");
  bind_looking(model);
  model.def("python_members", &python_members_of);
  model.def("predict", &predict)
      .def("predict_interval", &predict_interval)
      .def("predict_quantiles", &predict_quantiles)
      .def("predict_set", &predict_set)
      .def("leaderboard_on", &leaderboard_on)
      .def("evaluate", &evaluate_on)
      .def("feature_importance",
           [](const AutoMLModel& self, const Table& data, int repeats) { return importance(self, &data, repeats); })
      .def("suspicious_rows", &suspicious_rows)
      .def("feature_importance_out_of_fold",
           [](const AutoMLModel& self, int repeats) { return importance(self, nullptr, repeats); })
      .def("member", [](const AutoMLModel& self, const std::string& name) { return self.member(name); })
      .def("without", [](const AutoMLModel& self, const std::string& name) { return self.without(name); })
      .def("with_decision_threshold", &AutoMLModel::with_decision_threshold)
      .def("check", &check)
      .def("verify", &verify)
      .def("refit", &refit_on)
      .def("replay", &replayed)
      .def("types_of_run", &types_by_name)
      .def("collapse", &collapsed)
      .def("distill", &distilled)
      .def("row_predictor", [](const AutoMLModel& self) { return PythonRowPredictor(self); })
      .def(
          "save",
          [](const AutoMLModel& self, const std::string& path, bool out_of_fold) {
            self.save(path, {.out_of_fold = out_of_fold});
          },
          py::call_guard<py::gil_scoped_release>())
      .def("bytes", &bytes_of);
  module.def(
      "load",
      [](const std::string& path, bool pickles) {
        return AutoMLModel(load(path, pickles ? &pickle_registry() : nullptr));
      },
      py::call_guard<py::gil_scoped_release>());
  module.def("load_bytes", &load_bytes);
  module.def("leaderboard_columns", &LeaderboardRow::column_names);
  module.def("read_labels", &read_labels);
  module.def("require_one_output", [](const AutoMLModel& fitted) { require_one_output(fitted.target()); });
}

}  // namespace automill::python
