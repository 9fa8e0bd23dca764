// A learner of your own: parameters, an estimator of about 20 lines and the model that it fits. It is then a component
// like any other: in pipelines, in cross_validate, in a model file, and a candidate of train.
//
//   custom_learner adult_train.csv
//
// The learner: every class has a mean, and the nearer a row is to it the more probable is the class,
// p_k ~ share_k exp(-|x - mean_k|^2 / (2 width^2)).

#include <automill/automill.hpp>
#include <automill/core/math.hpp>
#include <iostream>

namespace {

using namespace automill;

struct NearestMeanParameters {
  double width = 2.0;
  static auto declare() {
    return std::tuple{parameter("width", &NearestMeanParameters::width, "How far a class reaches.")
                          .range(1e-3, 1e3)
                          .search(0.1, 10, Scale::log)};
  }
};

/// The fitted half: data alone. It is saved as named arrays and loaded without any training code.
class NearestMeanModel final : public Model {
 public:
  NearestMeanModel(std::vector<double> means, std::vector<double> shares, double width)
      : means_(std::move(means)), shares_(std::move(shares)), width_(width) {}

  void score(const double* row, std::span<double> out) const noexcept {
    const std::size_t columns = means_.size() / shares_.size();
    for (std::size_t k = 0; k < shares_.size(); ++k) {
      double distance = 0;
      for (std::size_t c = 0; c < columns; ++c) {
        const double d = row[c] - means_[k * columns + c];
        distance += d * d;
      }
      out[k] = math::log(shares_[k]) - distance / (2 * width_ * width_);
    }
    math::softmax(out.data(), out.size());
  }
  std::unique_ptr<RowPredictor> row_predictor() const override {
    struct Rows final : RowPredictor {
      explicit Rows(const NearestMeanModel& of) : model(&of) {}
      void predict(const RowView& row, std::span<double> out) noexcept override { model->score(row.numbers, out); }
      const NearestMeanModel* model;
    };
    return std::make_unique<Rows>(*this);
  }
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override {
    predict_by_rows(*this, rows, out, context);
  }
  std::string type() const override { return "nearest_mean"; }
  void save(ArchiveWriter& out) const override {
    out.array("means", means_);
    out.array("shares", shares_);
    out.set("width", width_);
  }
  static std::unique_ptr<Model> load(const ArchiveReader& in, const ModelContext& context, int, const Registry&) {
    const std::size_t classes = context.output.width;
    return std::make_unique<NearestMeanModel>(in.array<double>("means", classes * context.input->size()),
                                              in.array<double>("shares", classes), in.number("width"));
  }

 private:
  std::vector<double> means_, shares_;
  double width_;
};

class NearestMean final : public Learner<NearestMean, NearestMeanParameters> {
 public:
  static constexpr const char* registered_name = "nearest_mean";
  using Learner::Learner;
  EstimatorTraits traits() const override {
    return {.tasks = {Task::binary, Task::multiclass}, .row_order_tolerance = 1e-9};
  }

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext&) const override {
    const DatasetView& train = input.train;
    const std::size_t columns = train.dataset().features.size(), classes = train.target().width();
    std::vector<double> means(classes * columns), shares(classes, 1e-9), column(train.rows());
    for (std::size_t i = 0; i < train.rows(); ++i) shares[static_cast<std::size_t>(train.label(i))] += train.weight(i);
    for (std::size_t c = 0; c < columns; ++c) {
      train.features().numbers(c, column.data());
      for (std::size_t i = 0; i < column.size(); ++i) {
        const auto k = static_cast<std::size_t>(train.label(i));
        means[k * columns + c] += train.weight(i) * column[i] / shares[k];
      }
    }
    return {.model = std::make_unique<NearestMeanModel>(std::move(means), std::move(shares), parameters_.width)};
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: custom_learner TRAIN.csv   (target: income)\n";
    return 2;
  }
  try {
    const Table rows = read_csv(argv[1]);
    const auto dataset = dataset_from(rows, "income");
    Registry registry(&builtin_registry());
    registry.add_estimator<NearestMean>("Classes by their nearest mean.");
    registry.add_model_loader("nearest_mean", &NearestMeanModel::load);

    const Pipeline pipeline(Impute{}, Scaler{}, OneHot{}, NearestMean{{.width = 3.0}});
    std::cout << pipeline.describe();
    for (const char* name : {"nearest_mean", "baseline"}) {
      // by its name, as a configuration file would say it
      const std::shared_ptr<const Estimator> last = registry.estimator(name).make({});
      const Pipeline by_name(std::make_shared<const TransformerPipeline>(Impute{}, Scaler{}, OneHot{}), name, last);
      std::cout << name << ": roc_auc " << cross_validate(by_name, dataset, {.folds = 5, .metric = "roc_auc"}).mean
                << "\n";
    }

    // Saved and loaded as data.
    const FitResult fit = pipeline.fit(dataset);
    Archive archive;
    ArchiveWriter writer(archive);
    save_component(*fit.model, writer);
    const auto again = registry.load_model(ArchiveReader(archive), fit.model->context());
    const bool same = again->predict(dataset->features).values == fit.model->predict(dataset->features).values;
    std::cout << "saved and loaded: " << (same ? "the same bits" : "DIFFERENT") << "\n";

    // Beside AutoMill's learners; columns come as numbers without holes, as its traits ask for.
    const AutoMLModel model = train(rows, {.target = "income",
                                           .max_trials = 3,
                                           .folds = 4,
                                           .include = {"baseline", "logistic"},
                                           .learners = {{"nearest", NearestMean{{.width = 3.0}}}}});
    std::cout << leaderboard_text(model.leaderboard(), false);
    return same ? 0 : 1;
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
