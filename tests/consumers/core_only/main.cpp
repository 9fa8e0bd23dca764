// A learner and a transformer of one's own in a pipeline, cross-fitted: the core by itself.

#include <automill/core/core.hpp>

#include "../check.hpp"

int rows_of_second_file();

namespace {

using namespace automill;

class MeanModel final : public Model {
 public:
  explicit MeanModel(double mean) : mean_(mean) {}
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext&) const override {
    for (std::size_t i = 0; i < rows.rows(); ++i) out.row(i)[0] = mean_;
  }
  std::string type() const override { return "mean"; }
  void save(ArchiveWriter& out) const override { out.set("mean", mean_); }

 private:
  double mean_;
};

struct MeanParameters {
  double factor = 1;
  static auto declare() { return std::tuple{parameter("factor", &MeanParameters::factor, "Times the mean.")}; }
};

class Mean final : public Learner<Mean, MeanParameters> {
 public:
  static constexpr const char* registered_name = "mean";
  using Learner::Learner;
  EstimatorTraits traits() const override { return {.tasks = {Task::regression}}; }

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext&) const override {
    double sum = 0;
    for (std::size_t i = 0; i < input.train.rows(); ++i) sum += input.train.value(i);
    FitResult result;
    result.model = std::make_unique<MeanModel>(values().factor * sum / static_cast<double>(input.train.rows()));
    return result;
  }
};

}  // namespace

int main() {
  const std::vector<double> x{1, 2, 3, 4}, y{2, 4, 6, 8};
  const Table table = Table::from({{"x", std::span<const double>(x)}, {"y", std::span<const double>(y)}});
  Registry registry;
  registry.add_estimator<Mean>("The mean of the target.");
  const auto learner = registry.estimator("mean").make(Object{{"factor", 2.0}});
  const FitResult fitted = learner->fit(dataset_from(table, "y"));
  CHECK(fitted.model->predict(table).values == std::vector<double>(4, 10.0));
  std::string hint;
  try {
    registry.estimator("maen");
  } catch (const Error& error) {
    hint = error.hint();
  }
  CHECK(hint == "did you mean 'mean'?");
  CHECK(rows_of_second_file() == 3);
  std::puts("core_only: ok");
}
