#include "python_learner.hpp"

#include <automill/automl/train.hpp>

#include "predict/python_members.hpp"
#include "problem.hpp"

namespace automill::python {
namespace {

/// A Python object that may be copied and let go without the GIL.
using Shared = std::shared_ptr<const void>;
py::handle object_of(const Shared& shared) { return static_cast<PyObject*>(const_cast<void*>(shared.get())); }

/// What goes with a fitted object to predict.
struct Serving {
  std::string class_name{};
  std::vector<std::int64_t> present{};  ///< classes that it was fitted on; empty for numbers
  bool frame = false;                   ///< it gets a pandas frame
};

py::object described_columns(const Schema& schema) {
  py::list columns;
  for (const ColumnSchema& column : schema.columns()) {
    py::dict one;
    one["name"] = column.name;
    one["kind"] = column_kind_name(column.kind);
    if (column.kind == ColumnKind::category) one["categories"] = column.dictionary->names();
    columns.append(one);
  }
  return columns;
}

/// Row-major. What is no category of training becomes NaN. Text has been prepared.
void fill_matrix(const TableView& rows, double* out) {
  const Schema& schema = rows.schema();
  constexpr std::size_t block = 512;
  std::vector<double> column(std::min(block, rows.rows()));
  for (std::size_t begin = 0; begin < rows.rows(); begin += block) {
    const std::size_t count = std::min(block, rows.rows() - begin);
    const TableView part = rows.part(begin, count);
    for (std::size_t c = 0; c < schema.size(); ++c) {
      part.numbers(c, column.data());
      const double known = schema[c].kind == ColumnKind::category ? static_cast<double>(schema[c].dictionary->size())
                                                                  : std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < count; ++i)
        out[(begin + i) * schema.size() + c] =
            column[i] < known || std::isinf(column[i]) ? column[i] : std::numeric_limits<double>::quiet_NaN();
    }
  }
}

/// The first lines of what Python raised.
std::string text_of(const py::error_already_set& error) {
  const std::string text = error.what();
  return text.substr(0, std::min<std::size_t>(text.find('\n'), 500));
}

class PythonModel final : public Model {
 public:
  /// `pickled`: the bytes that `fitted` was made of.
  PythonModel(Shared fitted, std::shared_ptr<const std::string> pickled, Serving serving)
      : fitted_(std::move(fitted)), pickled_(std::move(pickled)), serving_(std::move(serving)) {}

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext&) const override {
    if (rows.rows() == 0) return;
    const std::size_t columns = rows.schema().size();
    std::vector<double> matrix(rows.rows() * columns);
    fill_matrix(rows, matrix.data());
    const py::gil_scoped_acquire acquire;
    try {
      const py::object present = serving_.present.empty() ? py::object(py::none()) : py::cast(serving_.present);
      const py::object described = serving_.frame ? described_columns(rows.schema()) : py::none();
      const auto cells =
          to_numpy(std::move(matrix), {static_cast<py::ssize_t>(rows.rows()), static_cast<py::ssize_t>(columns)});
      const auto values = py::module_::import("automill.own_learners")
                              .attr("predict")(object_of(fitted_), cells, out.width, present, described)
                              .cast<py::array_t<double, py::array::c_style>>();
      std::copy_n(values.data(), rows.rows() * out.width, out.data);
    } catch (const py::error_already_set& error) {
      throw Error("predict.own_learner", serving_.class_name, text_of(error));
    }
  }
  std::string type() const override { return python_learner_type; }
  void save(ArchiveWriter& out) const override {
    out.set("class", serving_.class_name);
    out.set("frame", serving_.frame);
    out.array("present", serving_.present);
    out.array("pickle",
              std::span<const std::uint8_t>(reinterpret_cast<const std::uint8_t*>(pickled_->data()), pickled_->size()));
  }
  std::string describe(int indent) const override {
    return std::string(static_cast<std::size_t>(indent), ' ') + serving_.class_name + " (Python)\n";
  }

 private:
  Shared fitted_;
  std::shared_ptr<const std::string> pickled_;
  Serving serving_;
};

std::unique_ptr<Model> load_python_model(const ArchiveReader& in, const ModelContext& context, int, const Registry&) {
  Serving serving{in.text("class"), in.array<std::int64_t>("present"), in.boolean("frame")};
  for (const std::int64_t label : serving.present)
    if (label < 0 || label >= static_cast<std::int64_t>(context.output.width)) in.fail("'present' names no class");
  const auto bytes = in.array<std::uint8_t>("pickle");
  auto pickled = std::make_shared<const std::string>(bytes.begin(), bytes.end());
  const py::gil_scoped_acquire acquire;
  try {
    const py::object fitted =
        py::module_::import("automill.own_learners").attr("unpickle")(py::bytes(pickled->data(), pickled->size()));
    return std::make_unique<PythonModel>(keep_alive(fitted), std::move(pickled), std::move(serving));
  } catch (const py::error_already_set& error) {
    throw Error("model_file.pickle", serving.class_name, text_of(error),
                "install what the model was trained with, in the same versions");
  }
}

class PythonEstimator final : public Estimator {
 public:
  /// Needs the GIL.
  explicit PythonEstimator(const py::object& learner)
      : learner_(keep_alive(learner)),
        name_(learner.attr("name").cast<std::string>()),
        class_name_(learner.attr("class_name").cast<std::string>()),
        columns_(learner.attr("columns").cast<std::string>()),
        kind_(learner.attr("kind").is_none() ? "" : learner.attr("kind").cast<std::string>()),
        weights_(!learner.attr("weight_name").is_none()),
        parameters_(to_object(learner.attr("parameters"), name_)) {}

  std::string name() const override { return name_; }
  EstimatorTraits traits() const override {
    EstimatorTraits traits{.weights = weights_};
    traits.missing = traits.categories = columns_ != "numbers";
    if (kind_ == "classifier") traits.tasks = {Task::binary, Task::multiclass};
    if (kind_ == "regressor") traits.tasks = {Task::regression};
    return traits;
  }
  /// Python with a library such as scikit-learn, and the rows in the parent, in the child and once more in the learner.
  CostEstimate cost(const DataShape& shape) const override {
    constexpr double process = 160e6;
    const double cells =
        static_cast<double>((shape.rows + shape.validation_rows) * std::max<std::size_t>(1, shape.columns));
    return {50 * cells, process + 4 * 8 * cells};
  }
  Object parameters() const override { return parameters_; }
  Value structure() const override {
    return Object{
        {"type", python_learner_type}, {"class", class_name_}, {"columns", columns_}, {"parameters", parameters_}};
  }
  std::unique_ptr<Estimator> with_parameters(const Object&) const override {
    throw Error("parameter.unknown", name_, "parameters of a Python object are its own");
  }

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;

 private:
  py::object begin(const FitInput& input) const;
  void fill(const py::object& fit, const FitInput& input) const;
  FitResult result_of(const py::dict& answer, const FitInput& input) const;

  Shared learner_;
  std::string name_, class_name_, columns_, kind_;
  bool weights_;
  Object parameters_;
};

py::object PythonEstimator::begin(const FitInput& input) const {
  const std::size_t held_out = input.validation != nullptr ? input.validation->rows() : 0;
  return object_of(learner_).attr("begin")(input.train.rows(), held_out, input.train.features().schema().size(),
                                           !input.train.dataset().weights.empty());
}

/// The buffers are let go of before the child looks at them. Needs the GIL, and gives it up.
void PythonEstimator::fill(const py::object& fit, const FitInput& input) const {
  const auto buffer = [&](const char* name) { return fit.attr(name).cast<py::array_t<double>>(); };
  py::array_t<double> features = buffer("features"), held_out = buffer("held_out"), targets = buffer("targets"),
                      weights = buffer("weights");
  double *to_features = features.mutable_data(), *to_held_out = held_out.mutable_data(),
         *to_targets = targets.mutable_data(), *to_weights = weights.size() > 0 ? weights.mutable_data() : nullptr;
  const py::gil_scoped_release release;
  fill_matrix(input.train.features(), to_features);
  if (input.validation != nullptr) fill_matrix(input.validation->features(), to_held_out);
  const bool classes = is_classification(input.train.target().task);
  for (std::size_t i = 0; i < input.train.rows(); ++i) {
    to_targets[i] = classes ? input.train.label(i) : input.train.value(i);
    if (to_weights != nullptr) to_weights[i] = input.train.weight(i);
  }
}

FitResult PythonEstimator::fit_checked(const FitInput& input, const RunContext& context) const {
  const auto start = Clock::now();
  const std::size_t rows = input.train.rows() + (input.validation != nullptr ? input.validation->rows() : 0);
  const std::uint64_t shared = 8 * std::uint64_t{rows} * (input.train.features().schema().size() + 2);
  MemoryClaim claim(context.memory, shared, "the rows of an own learner");
  const auto control = [&](std::uint64_t resident) -> std::string {
    if (context.stop.stop_requested()) return context.stop.stopped_by();
    return claim.try_grow(shared + resident) ? "" : "memory limit";
  };
  const auto seed = static_cast<std::uint32_t>(context.seed >> 33);  // 31 bits: what NumPy and others take
  const py::gil_scoped_acquire acquire;
  try {
    const py::object fit = begin(input);
    fill(fit, input);
    const py::object described = columns_ == "pandas" ? described_columns(input.train.features().schema()) : py::none();
    const py::dict answer =
        fit.attr("run")(py::cpp_function(control), input.train.target().width(),
                        is_classification(input.train.target().task), seed, context.executor().width(), described);
    if (answer.contains("failure")) throw Error("learner.failed", name_, answer["failure"].cast<std::string>());
    if (answer.contains("stopped")) {
      const auto why = answer["stopped"].cast<std::string>();
      if (why == "user") throw Stopped();
      if (why == "memory limit")
        throw Error("learner.memory", name_,
                    "its process held " + std::to_string(claim.bytes() >> 20) + " MiB and wanted more: it was killed",
                    "raise memory_limit, or give it less to do");
      char seconds[32];
      std::snprintf(seconds, sizeof seconds, "%.3g", Seconds(Clock::now() - start).count());
      throw Error("learner.time", name_,
                  std::string("its process had not ended after ") + seconds + " s: it was killed",
                  "raise time_limit, or give it less to do");
    }
    FitResult result = result_of(answer, input);
    result.report.bytes = claim.bytes();
    return result;
  } catch (const py::error_already_set& error) {
    throw Error("learner.failed", name_, text_of(error));
  }
}

FitResult PythonEstimator::result_of(const py::dict& answer, const FitInput& input) const {
  FitResult result;
  Serving serving{.class_name = class_name_, .frame = columns_ == "pandas"};
  if (!answer["present"].is_none()) serving.present = answer["present"].cast<std::vector<std::int64_t>>();
  result.model = std::make_unique<PythonModel>(
      keep_alive(answer["fitted"]), std::make_shared<const std::string>(answer["pickle"].cast<std::string>()),
      std::move(serving));
  if (input.validation == nullptr) return result;
  // what the child predicted with the object that came back: nothing slow or broken is tried in this process
  const auto values = answer["predictions"].cast<py::array_t<double>>();
  Predictions predictions(input.validation->rows(), input.train.target().width());
  std::copy_n(values.data(), predictions.values.size(), predictions.values.begin());
  result.report.checkpoints.emplace(result.report.rounds, std::move(predictions));
  return result;
}

}  // namespace

std::vector<NamedEstimator> own_learners(const py::handle& given) {
  std::vector<NamedEstimator> all;
  for (const py::handle& each : given) {
    const py::object python = each["python"];
    std::shared_ptr<const Estimator> estimator =
        python.is_none() ? make_learner(to_value(each["structure"], "learners"), each["objective"])
                         : std::make_shared<const PythonEstimator>(python);
    all.emplace_back(each["name"].cast<std::string>(), std::move(estimator));
  }
  return all;
}

const Registry& pickle_registry() {
  static const Registry registry = [] {
    Registry own(&builtin_registry());
    own.add_model_loader(python_learner_type, &load_python_model);
    return own;
  }();
  return registry;
}

void require_predictions(const Predictions& predictions, const ServedModel& model, const Table& rows) {
  const auto is_number = [](double value) { return std::isfinite(value); };
  if (std::all_of(predictions.values.begin(), predictions.values.end(), is_number)) return;
  if (!python_members(*model.parts().model).empty()) model.parts().model->predict(model.aligned(rows));
}

}  // namespace automill::python
