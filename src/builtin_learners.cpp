// The one list of trainers. Fitted halves are listed in builtin_models.cpp.

#include <automill/automl/train.hpp>
#include <automill/features/features.hpp>
#include <automill/learners/forest.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/linear.hpp>
#include <automill/preprocess/preprocess.hpp>

namespace automill {

const Registry& builtin_registry() {
  static const Registry registry = [] {
    Registry all(&builtin_models());
    all.add_estimator<Baseline>("Predicts the same for every row: class shares, or the mean or median.");
    all.add_estimator<Ridge>("Linear regression with an L2 penalty, chosen by exact leave-one-out.");
    all.add_estimator<Logistic>("Logistic and multinomial regression with an L2 penalty, chosen along a path.");
    all.add_estimator<GradientBoosting>("Gradient boosted decision trees on binned columns.");
    all.add_estimator<RandomForest>("Averaged trees on bootstrap samples of the rows.");
    all.add_estimator<ExtraTrees>("Averaged trees whose thresholds are drawn at random.");
    all.add_transformer<Impute>("Fills missing values and marks where they were.");
    all.add_transformer<Scaler>("Brings numbers to a common scale.");
    all.add_transformer<OneHot>("Turns categories into columns of 0 and 1.");
    all.add_transformer<Ordinal>("Turns categories into their codes.");
    all.add_transformer<DatetimeParts>("Turns points in time into calendar parts.");
    all.add_transformer<DropColumns>("Leaves out columns.");
    all.add_transformer<GenerateFeatures>("Adds columns that are made of others.");
    all.add_transformer<SelectFeatures>("Leaves out columns that tell nothing of the target.");
    return all;
  }();
  return registry;
}

}  // namespace automill
