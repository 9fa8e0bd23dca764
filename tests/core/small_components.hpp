#pragma once
// Learners and transformers of a few lines, to test what is around them: containers, registry, files, folds.

#include <automill/core/pipeline.hpp>

namespace automill::small {

/// A constant output.
class ConstantOutput final : public Model {
 public:
  explicit ConstantOutput(std::vector<double> output) : output_(std::move(output)) {}
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext&) const override {
    for (std::size_t i = 0; i < rows.rows(); ++i) std::copy(output_.begin(), output_.end(), out.row(i).begin());
  }
  std::string type() const override { return "small_constant"; }
  void save(ArchiveWriter& out) const override { out.array("output", output_); }
  static std::unique_ptr<Model> load(const ArchiveReader& in, const ModelContext& context, int, const Registry&) {
    return std::make_unique<ConstantOutput>(in.array<double>("output", context.output.width));
  }

 private:
  std::vector<double> output_;
};

struct MeanParameters {
  double shift = 0;
  static auto declare() {
    return std::tuple{parameter("shift", &MeanParameters::shift, "Added to the mean.").range(-10, 10)};
  }
};

/// Mean of the target, or class shares. Takes any columns.
class Mean final : public Learner<Mean, MeanParameters> {
 public:
  static constexpr const char* registered_name = "mean";
  using Learner::Learner;
  EstimatorTraits traits() const override { return {.missing = true, .categories = true, .text = true}; }

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext&) const override {
    const Target& target = input.train.target();
    std::vector<double> output(target.width(), 0.0);
    double total = 0;
    for (std::size_t i = 0; i < input.train.rows(); ++i) {
      const double w = input.train.weight(i);
      total += w;
      if (is_classification(target.task)) output[static_cast<std::size_t>(input.train.label(i))] += w;
      else output[0] += w * input.train.value(i);
    }
    for (double& value : output) value = value / total + (is_classification(target.task) ? 0 : parameters_.shift);
    return {.model = std::make_unique<ConstantOutput>(output)};
  }
};

/// weight of every column, summed: a model whose predictions show exactly what reached it.
class ColumnSum final : public Model {
 public:
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override {
    predict_by_rows(*this, rows, out, context);
  }
  std::unique_ptr<RowPredictor> row_predictor() const override {
    struct Row final : RowPredictor {
      explicit Row(std::size_t columns) : columns_(columns) {}
      void predict(const RowView& row, std::span<double> out) noexcept override {
        double sum = 0;
        for (std::size_t c = 0; c < columns_; ++c) sum += row.numbers[c] * static_cast<double>(c + 1);
        std::fill(out.begin(), out.end(), sum);
      }
      std::size_t columns_;
    };
    return std::make_unique<Row>(input_schema().size());
  }
  std::string type() const override { return "column_sum"; }
  void save(ArchiveWriter&) const override {}
  static std::unique_ptr<Model> load(const ArchiveReader&, const ModelContext&, int, const Registry&) {
    return std::make_unique<ColumnSum>();
  }
};

/// sum over columns c of (c + 1) x value: numbers only.
class SumColumns final : public Learner<SumColumns, NoParameters> {
 public:
  static constexpr const char* registered_name = "sum_columns";
  using Learner::Learner;
  EstimatorTraits traits() const override { return {.tasks = {Task::regression}}; }

 protected:
  FitResult fit_checked(const FitInput&, const RunContext&) const override {
    return {.model = std::make_unique<ColumnSum>()};
  }
};

struct ShiftParameters {
  double by = 1;
  bool learn = false;
  static auto declare() {
    return std::tuple{
        parameter("by", &ShiftParameters::by, "Added to every number.").range(-100, 100),
        parameter("learn", &ShiftParameters::learn, "Whether the mean of the training rows is taken off as well.")};
  }
};

class FittedShift final : public FittedTransformer {
 public:
  explicit FittedShift(std::vector<double> offsets) : offsets_(std::move(offsets)) {}
  std::unique_ptr<RowTransformer> row_transformer() const override {
    struct Row final : RowTransformer {
      explicit Row(const FittedShift& fitted) : fitted_(&fitted) {}
      void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
        for (std::size_t c = 0; c < fitted_->offsets_.size(); ++c) {
          numbers[c] = row.numbers[c] + fitted_->offsets_[c];
          if (texts != nullptr && row.texts != nullptr) texts[c] = row.texts[c];
        }
      }
      const FittedShift* fitted_;
    };
    return std::make_unique<Row>(*this);
  }
  std::string type() const override { return "shift"; }
  void save(ArchiveWriter& out) const override { out.array("offsets", offsets_); }
  static std::unique_ptr<FittedTransformer> load(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                                 int, const Registry&) {
    return std::make_unique<FittedShift>(in.array<double>("offsets", input->size()));
  }

 protected:
  Schema make_output_schema(const Schema& input) const override { return input; }

 private:
  std::vector<double> offsets_;
};

/// Adds a constant to numbers (and takes off their mean); other columns pass.
class Shift final : public DeclaredTransformer<Shift, ShiftParameters> {
 public:
  static constexpr const char* registered_name = "shift";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext&) const override {
    const TableView rows = train.features();
    std::vector<double> offsets(rows.schema().size(), 0.0), values(rows.rows());
    for (std::size_t c = 0; c < offsets.size(); ++c) {
      if (rows.schema()[c].kind != ColumnKind::number) continue;
      rows.numbers(c, values.data());
      double sum = 0;
      for (double value : values) sum += value;
      offsets[c] = parameters_.by - (parameters_.learn ? sum / static_cast<double>(values.size()) : 0.0);
    }
    return std::make_unique<FittedShift>(std::move(offsets));
  }
};

/// Mean target of each category, out of fold nowhere: what a leak looks like when it is not kept inside the fold.
class FittedTargetMeans final : public FittedTransformer {
 public:
  explicit FittedTargetMeans(std::map<double, double> means) : means_(std::move(means)) {}
  std::unique_ptr<RowTransformer> row_transformer() const override {
    struct Row final : RowTransformer {
      explicit Row(const FittedTargetMeans& fitted) : fitted_(&fitted) {}
      void transform(const RowView& row, double* numbers, std::string_view*) noexcept override {
        const auto found = fitted_->means_.find(row.numbers[0]);
        numbers[0] = found == fitted_->means_.end() ? 0.0 : found->second;
      }
      const FittedTargetMeans* fitted_;
    };
    return std::make_unique<Row>(*this);
  }
  std::string type() const override { return "target_means"; }
  void save(ArchiveWriter&) const override {}

 protected:
  Schema make_output_schema(const Schema&) const override { return Schema({{.name = "target_mean"}}); }

 private:
  std::map<double, double> means_;
};

/// Replaces the first column by the mean target of training rows with the same value.
class TargetMeans final : public DeclaredTransformer<TargetMeans, NoParameters> {
 public:
  static constexpr const char* registered_name = "target_means";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext&) const override {
    std::vector<double> values(train.rows());
    train.features().numbers(0, values.data());
    std::map<double, std::pair<double, double>> sums;
    for (std::size_t i = 0; i < values.size(); ++i) {
      sums[values[i]].first += train.value(i);
      sums[values[i]].second += 1;
    }
    std::map<double, double> means;
    for (const auto& [value, sum] : sums) means[value] = sum.first / sum.second;
    return std::make_unique<FittedTargetMeans>(std::move(means));
  }
};

/// All of the above, with the core's containers.
inline Registry registry() {
  Registry all;
  register_core_models(all);
  all.add_estimator<Mean>("Mean of the target.");
  all.add_estimator<SumColumns>("Weighted sum of the columns.");
  all.add_transformer<Shift>("Adds a constant.");
  all.add_transformer<TargetMeans>("Mean target of equal values.");
  all.add_model_loader("small_constant", &ConstantOutput::load);
  all.add_model_loader("column_sum", &ColumnSum::load);
  all.add_transformer_loader("shift", &FittedShift::load);
  return all;
}

}  // namespace automill::small
