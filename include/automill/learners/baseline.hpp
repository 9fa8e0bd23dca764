#pragma once
// The baseline: class shares, or the mean or median of the target, for every row. It is what every other model is
// compared with, and what is left when there is no time for anything else.
//
//   FitResult result = Baseline{}.fit(dataset);
//   result.model->predict(table);                // the same numbers in every row

#include <automill/core/estimator.hpp>

namespace automill {

class Registry;

struct BaselineParameters {
  std::string statistic = "mean";

  static auto declare() {
    return std::tuple{parameter("statistic", &BaselineParameters::statistic,
                                "Regression: which number of the target is given for every row (the mean is best for "
                                "squared errors, the median for absolute errors).")
                          .choices({"mean", "median"})};
  }
};

/// Weights are honoured: the shares, mean and median are those of the table in which every row is repeated by its
/// weight. O(rows), O(rows log rows) for the median.
class AUTOMILL_EXPORT Baseline final : public Learner<Baseline, BaselineParameters> {
 public:
  static constexpr const char* registered_name = "baseline";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

/// The fitted half, type "constant": the same output in every row.
class AUTOMILL_EXPORT ConstantModel final : public Model {
 public:
  /// One number an output: class probabilities, or a value.
  explicit ConstantModel(std::vector<double> output);

  const std::vector<double>& output() const { return output_; }
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return "constant"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  std::vector<double> output_;
};

/// Loader of "constant" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_constant_model(const ArchiveReader& in, const ModelContext& context,
                                                           int state_version, const Registry& registry);

}  // namespace automill
