// The core by itself, without any AutoML: a pipeline with transformers by column group, cross-validated without a leak,
// fitted, used and saved.
//
//   pipeline_by_hand adult_train.csv adult_test.csv

#include <automill/automill.hpp>
#include <iostream>

int main(int argc, char** argv) {
  using namespace automill;
  if (argc != 3) {
    std::cerr << "usage: pipeline_by_hand TRAIN.csv TEST.csv   (target: income)\n";
    return 2;
  }
  try {
    const auto dataset = dataset_from(read_csv(argv[1]), "income");

    const ColumnTransformer columns(
        {{"numbers", TransformerPipeline(Impute{}, Scaler{}), columns_of(ColumnKind::number)},
         {"categories", OneHot{{.max_categories = 30}}, columns_of(ColumnKind::category)}});
    const Pipeline pipeline(columns, Logistic{});
    std::cout << pipeline.describe();

    // Whatever learns, learns inside the fold. Parameters of steps are named step.parameter.
    const auto scores = cross_validate(pipeline, dataset, {.folds = 5, .metric = "roc_auc"});
    std::cout << "logistic: " << scores.metric << " " << scores.mean << " (" << scores.low << " .. " << scores.high
              << ")\n";

    const GradientBoosting boosting({.n_estimators = 100, .num_leaves = 15, .learning_rate = 0.1});
    const auto boosted = cross_validate(boosting, dataset, {.folds = 5, .metric = "roc_auc"});
    std::cout << "boosting: " << boosted.metric << " " << boosted.mean << " (" << boosted.low << " .. " << boosted.high
              << ")\n";

    const ServedModel model = serve(pipeline.fit(dataset), *dataset);
    const PredictionResult result = model.predict(read_csv(argv[2], model.schema()));
    std::cout << "first row of the test file: " << result.labels()[0] << "; " << model.classes()[1]
              << " with probability " << result.probabilities().row(0)[1] << "\n";
    model.save("pipeline_by_hand.automill");
  } catch (const Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
