// The one list of trainers. Fitted halves are listed in builtin_models.cpp.

#include <automill/automl/train.hpp>
#include <automill/ensemble/stacking.hpp>
#include <automill/ensemble/transformed_target.hpp>
#include <automill/features/features.hpp>
#include <automill/learners/additive.hpp>
#include <automill/learners/decision_tree.hpp>
#include <automill/learners/discriminant.hpp>
#include <automill/learners/forest.hpp>
#include <automill/learners/gaussian_process.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/kernel_ridge.hpp>
#include <automill/learners/linear.hpp>
#include <automill/learners/naive_bayes.hpp>
#include <automill/learners/neighbors.hpp>
#include <automill/learners/neural.hpp>
#include <automill/preprocess/preprocess.hpp>

namespace automill {
namespace {

/// Learners inside of others are named in this list.
std::shared_ptr<const Estimator> make_builtin(const Value& structure) {
  return make_estimator(structure, builtin_registry());
}
struct BuiltinTransformedTarget final : TransformedTarget {
  BuiltinTransformedTarget() : TransformedTarget(make_builtin) {}
};
struct BuiltinStacking final : Stacking {
  BuiltinStacking() : Stacking(make_builtin) {}
};

}  // namespace

const Registry& builtin_registry() {
  static const Registry registry = [] {
    Registry all(&builtin_models());
    all.add_estimator<Baseline>("Predicts the same for every row: class shares, or the mean or median.");
    all.add_estimator<Ridge>("Linear regression with an L2 penalty, chosen by exact leave-one-out.");
    all.add_estimator<Logistic>("Logistic and multinomial regression with an L2 penalty, chosen along a path.");
    all.add_estimator<ElasticNet>("A linear model that leaves out columns; its penalty is chosen along a path.");
    all.add_estimator<GeneralizedLinear>(
        "Robust linear regression, or linear regression of counts and amounts, with an L2 penalty.");
    all.add_estimator<QuantileRegression>("Linear regression of the median or of other quantiles.");
    all.add_estimator<LinearSvm>("Linear support vector machines, with calibrated probabilities of classes.");
    all.add_estimator<GradientBoosting>("Gradient boosted decision trees on binned columns.");
    all.add_estimator<DecisionTree>("A single decision tree, pruned to a size that is chosen on held-out rows.");
    all.add_estimator<RandomForest>("Averaged trees on bootstrap samples of the rows.");
    all.add_estimator<ExtraTrees>("Averaged trees whose thresholds are drawn at random.");
    all.add_estimator<RealMlp>("A neural network for tables that is good with its defaults.");
    all.add_estimator<ExplainableBoosting>(
        "Explainable boosting machine: a sum of functions of one and of two columns.");
    all.add_estimator<LinearDiscriminant>("Normal distributions of the classes with one covariance, shrunk.");
    all.add_estimator<QuadraticDiscriminant>("Normal distributions of the classes with a covariance each, shrunk.");
    all.add_estimator<KernelRidge>("Ridge regression on similarities to rows of training.");
    all.add_estimator<GaussianProcess>(
        "Functions that are alike where rows are alike, by scales of columns that the data choose.");
    all.add_estimator<NaiveBayes>("Class shares multiplied by what each column tells by itself.");
    all.add_estimator<Neighbors>(
        "The mean of the nearest rows, found exactly; their number is chosen by leave-one-out.");
    all.add_estimator<BuiltinTransformedTarget>("A regressor that learns a transformed target.");
    all.add_estimator<BuiltinStacking>("A learner of what other learners predict, out of fold.");
    all.add_transformer<Impute>("Fills missing values and marks where they were.");
    all.add_transformer<Scaler>("Brings numbers to a common scale.");
    all.add_transformer<OneHot>("Turns categories into columns of 0 and 1.");
    all.add_transformer<Ordinal>("Turns categories into their codes.");
    all.add_transformer<TargetEncoder>("Turns categories into their mean target, out of fold for training rows.");
    all.add_transformer<CountEncoder>("Turns categories into their numbers of training rows.");
    all.add_transformer<HashEncoder>("Turns categories into a few numbers by the hash of their names.");
    all.add_transformer<MinHashEncoder>("Turns strings into numbers that are alike where the strings are.");
    all.add_transformer<RareCategories>("Puts rare categories into one.");
    all.add_transformer<MergeCategories>("Merges categories that differ in capitals or blanks alone.");
    all.add_transformer<DatetimeParts>("Turns points in time into calendar parts.");
    all.add_transformer<DatetimeDifferences>("Adds the days between datetime columns.");
    all.add_transformer<ParseText>("Turns text that spells numbers, dates or booleans into these.");
    all.add_transformer<DropColumns>("Leaves out columns.");
    all.add_transformer<Bins>("Cuts numbers into bins.");
    all.add_transformer<Clean>("Takes infinite values out.");
    all.add_transformer<IterativeImpute>("Fills missing numbers by what the other numbers say.");
    all.add_transformer<PiecewiseLinear>("Turns numbers into columns that rise inside a bin each.");
    all.add_transformer<QuantileNormal>("Gives numbers a normal or uniform distribution by their quantiles.");
    all.add_transformer<RowStatistics>("Adds counts, mean, extremes and deviation of the cells of a row.");
    all.add_transformer<Spline>("Turns numbers into a basis of B-splines.");
    all.add_transformer<Winsorize>("Draws outliers in to quantiles.");
    all.add_transformer<YeoJohnson>("Makes numbers more normal by a learned power.");
    all.add_transformer<TextCategory>("Turns text into categories, one for each string.");
    all.add_transformer<TextStatistics>("Turns text into numbers that say how it is written.");
    all.add_transformer<TfIdf>("Turns text into weighted n-grams of words and characters.");
    all.add_transformer<TruncatedSvd>("Turns many columns into few that keep most of what they hold.");
    all.add_transformer<GenerateFeatures>("Adds columns that are made of others.");
    all.add_transformer<SelectFeatures>("Leaves out columns that tell nothing of the target.");
    all.add_transformer<TablePreparer>("All automated preparation for a family of learners.");
    return all;
  }();
  return registry;
}

}  // namespace automill
