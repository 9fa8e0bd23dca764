#pragma once
// Learners as users write them: sound ones, and one for each way to go wrong.

#include <automill/automl/train.hpp>

namespace automill::own {

/// A mean of each class or of the target: the prior. Its model is data of its own type, which no registry knows.
class PriorModel : public Model {
 public:
  explicit PriorModel(std::vector<double> outputs) : outputs_(std::move(outputs)) {}
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext&) const override {
    for (std::size_t i = 0; i < rows.rows(); ++i) std::copy(outputs_.begin(), outputs_.end(), out.row(i).begin());
  }
  std::string type() const override { return "own_prior"; }
  void save(ArchiveWriter& out) const override { out.array("outputs", outputs_); }
  static std::unique_ptr<Model> load(const ArchiveReader& in, const ModelContext& context, int, const Registry&) {
    return std::make_unique<PriorModel>(in.array<double>("outputs", context.output.width));
  }

 private:
  std::vector<double> outputs_;
};

enum class Fails {
  never,
  in_fit,
  with_a_number,
  with_nan,
  no_probabilities,
  of_memory,
  in_cost,
  in_structure,
  on_all_rows
};

struct PriorParameters {
  double shift = 0;
  static auto declare() { return std::tuple{parameter("shift", &PriorParameters::shift, "Added to predictions.")}; }
};

/// Knows the shares of the classes or the mean of the target, and fails as it is told.
class Prior final : public Learner<Prior, PriorParameters> {
 public:
  static constexpr const char* registered_name = "prior";
  explicit Prior(Fails fails = Fails::never) : fails_(fails) {}
  EstimatorTraits traits() const override { return {}; }
  CostEstimate cost(const DataShape& shape) const override {
    if (fails_ == Fails::in_cost) throw std::runtime_error("nobody knows what it takes");
    return Estimator::cost(shape);
  }
  Value structure() const override {
    if (fails_ == Fails::in_structure) throw std::runtime_error("it has no structure");
    return Estimator::structure();
  }

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext&) const override {
    if (fails_ == Fails::in_fit) throw std::runtime_error("planted failure");
    if (fails_ == Fails::with_a_number) throw 42;
    if (fails_ == Fails::of_memory) throw std::bad_alloc();
    if (fails_ == Fails::on_all_rows && input.validation == nullptr) throw std::runtime_error("all rows are too many");
    const DatasetView& train = input.train;
    std::vector<double> outputs(train.target().width());
    const bool classes = is_classification(train.target().task);
    for (std::size_t i = 0; i < train.rows(); ++i) {
      if (classes) outputs[static_cast<std::size_t>(train.label(i))] += 1 / static_cast<double>(train.rows());
      else outputs[0] += train.value(i) / static_cast<double>(train.rows());
    }
    if (fails_ == Fails::with_nan) outputs[0] = std::numeric_limits<double>::quiet_NaN();
    if (fails_ == Fails::no_probabilities) outputs[0] += 1;
    return {.model = std::make_unique<PriorModel>(std::move(outputs))};
  }

 private:
  Fails fails_;
};

/// The least-squares line on the sum of all columns, which must be numbers without holes.
class SumModel final : public Model {
 public:
  SumModel(double slope, double intercept) : slope_(slope), intercept_(intercept) {}
  static std::vector<double> sums(const TableView& rows) {
    std::vector<double> sum(rows.rows()), column(rows.rows());
    for (std::size_t c = 0; c < rows.schema().size(); ++c) {
      if (rows.schema()[c].kind == ColumnKind::category || rows.schema()[c].kind == ColumnKind::text)
        throw std::runtime_error(rows.schema()[c].name + " is no number");
      rows.numbers(c, column.data());
      for (std::size_t i = 0; i < sum.size(); ++i) {
        if (!std::isfinite(column[i])) throw std::runtime_error(rows.schema()[c].name + " has a hole");
        sum[i] += column[i];
      }
    }
    return sum;
  }
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext&) const override {
    const std::vector<double> sum = sums(rows);
    for (std::size_t i = 0; i < sum.size(); ++i) out.row(i)[0] = intercept_ + slope_ * sum[i];
  }
  std::string type() const override { return "own_sum"; }
  void save(ArchiveWriter& out) const override {
    out.set("slope", slope_);
    out.set("intercept", intercept_);
  }
  static std::unique_ptr<Model> load(const ArchiveReader& in, const ModelContext&, int, const Registry&) {
    return std::make_unique<SumModel>(in.number("slope"), in.number("intercept"));
  }

 private:
  double slope_, intercept_;
};

class Sum final : public Learner<Sum, PriorParameters> {
 public:
  static constexpr const char* registered_name = "sum";
  using Learner::Learner;
  EstimatorTraits traits() const override { return {.tasks = {Task::regression}}; }

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext&) const override {
    const std::vector<double> x = SumModel::sums(input.train.features());
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double y = input.train.value(i);
      n += 1, sx += x[i], sy += y, sxx += x[i] * x[i], sxy += x[i] * y;
    }
    const double slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    return {.model = std::make_unique<SumModel>(slope, (sy - slope * sx) / n + parameters_.shift)};
  }
};

}  // namespace automill::own
