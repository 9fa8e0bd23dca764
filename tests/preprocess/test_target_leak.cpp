// Target encoding does not leak. On targets that are noise, categories of a few rows each are where it would show: over
// 200 draws an out-of-fold score may not exceed chance, a fresh test set is at chance, a training row's value knows
// nothing of its target, and held-out targets change no bit of what a fold's model sees. Encoders that leak on purpose
// are caught.

#include <automill/learners/linear.hpp>

#include "preprocess/category_numbers_fitted.hpp"
#include "preprocess_tools.hpp"

using namespace preprocess_tools;

namespace {

constexpr std::uint64_t draws = 200;
constexpr double level = 3.09;  // deviations: one-sided 0.001 of the normal distribution

/// Plain means of the categories. Of what rows, says the flaw: those of the view, so that each training row sees its
/// own target, or all rows of the dataset, held-out ones among them.
enum class Flaw { sees_itself, sees_held_out_rows };
template <Flaw flaw>
class LeakyEncoder final : public DeclaredTransformer<LeakyEncoder<flaw>, NoParameters> {
  using Base = DeclaredTransformer<LeakyEncoder<flaw>, NoParameters>;

 public:
  static constexpr const char* registered_name = "leaky";
  using Base::Base;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext&) const override {
    const DatasetView rows = flaw == Flaw::sees_itself ? train : DatasetView(train.shared());
    const Table& features = train.dataset().features;
    FittedCategoryNumbers::State state{.made_by = registered_name, .suffixes = {"_mean"}, .numbers{}};
    for (std::size_t c = 0; c < features.size(); ++c) {
      const std::size_t codes = features[c].schema().dictionary->size();
      std::vector<double> sums(codes + 2, 0.5), counts(codes + 2, 1.0);
      for (std::size_t i = 0; i < rows.rows(); ++i) {
        const auto code = static_cast<std::size_t>(features[c].number(rows.row_numbers()[i]));
        sums[code] += is_classification(rows.task()) ? rows.label(i) : rows.value(i);
        counts[code] += 1;
      }
      for (std::size_t code = 0; code < sums.size(); ++code) sums[code] /= counts[code];
      state.numbers.push_back(sums);
    }
    return std::make_unique<FittedCategoryNumbers>(*features.schema(), std::move(state));
  }
};

/// Two columns of 80 categories for 240 rows, and a target without any connection to them. Later rows have the same
/// categories.
std::shared_ptr<const Dataset> noise(Task task, std::uint64_t seed, std::uint64_t first_row = 0) {
  constexpr std::uint64_t rows = 240;
  static const auto dictionary = [] {
    std::vector<std::string> names;
    for (int i = 10; i < 90; ++i) names.push_back("k" + std::to_string(i));
    return std::make_shared<const Dictionary>(std::move(names));
  }();
  Dataset dataset;
  dataset.target.task = task;
  if (task == Task::binary) dataset.target.classes = {"no", "yes"};
  std::vector<std::int32_t> a, b;
  for (std::uint64_t i = 0; i < rows; ++i) {
    RandomStream random(seed, purpose("noise of a target"), first_row + i);
    a.push_back(static_cast<std::int32_t>(random.below(80)));
    b.push_back(static_cast<std::int32_t>(random.below(80)));
    if (task == Task::binary) dataset.target.labels.push_back(random.below(2) == 0 ? 0 : 1);
    else dataset.target.values.push_back(random.normal());
  }
  dataset.features = Table({make_category_column({.name = "a", .dictionary = dictionary}, a),
                            make_category_column({.name = "b", .dictionary = dictionary}, b)});
  return make_dataset(std::move(dataset));
}

double truth(const Dataset& dataset, std::size_t row) {
  return dataset.target.task == Task::binary ? dataset.target.labels[row] : dataset.target.values[row];
}

double correlation(const std::vector<double>& x, const Dataset& dataset) {
  const auto n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += truth(dataset, i) / n;
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - mean_x, dy = truth(dataset, i) - mean_y;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

/// Of the predicted number, or the probability of the second class.
std::vector<double> scores_of(const Predictions& predictions, Task task) {
  const std::size_t width = task == Task::binary ? 2 : 1;
  std::vector<double> scores;
  for (std::size_t i = width - 1; i < predictions.values.size(); i += width) scores.push_back(predictions.values[i]);
  return scores;
}

/// Deviations of the mean from 0.
double t_value(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double square = 0;
  for (double value : values) square += (value - mean) * (value - mean);
  return mean / std::sqrt(square / (n - 1) / n + 1e-300);
}

/// Other targets for the rows that a fold holds out: any bit of its training rows or of its transformer that differs?
template <class Encoder>
bool held_out_targets_show(const Encoder& encoder, const Dataset& data, std::uint64_t seed) {
  const auto original = std::make_shared<const Dataset>(data);
  const SplitPlan plan = make_folds(data, 5, seed);
  const std::int32_t fold = static_cast<std::int32_t>(seed % 5);
  Dataset other = data;  // the keys stay: they are the rows' identity
  for (std::size_t row = 0; row < data.rows(); ++row) {
    if (plan.fold_of[row] != fold) continue;
    if (data.target.task == Task::binary) other.target.labels[row] = 1 - other.target.labels[row];
    else other.target.values[row] = 1e6 - 7 * other.target.values[row];
  }
  const FoldedDataset before(original, plan), after(std::make_shared<const Dataset>(std::move(other)), plan);
  const auto at = static_cast<std::size_t>(fold);
  const auto same = [&](const Transformer::Fitted& a, const Transformer::Fitted& b) {
    for (std::size_t c = 0; c < a.train.size(); ++c)
      if (values_of(a.train, a.train[c].name()) != values_of(b.train, b.train[c].name())) return false;
    const Table x = a.transformer->transform(data.features), y = b.transformer->transform(data.features);
    for (std::size_t c = 0; c < x.size(); ++c)
      if (values_of(x, x[c].name()) != values_of(y, y[c].name())) return false;
    return true;
  };
  return !same(encoder.fit_transform_folds(before, {.seed = seed})[at],
               encoder.fit_transform_folds(after, {.seed = seed})[at]) ||
         !same(encoder.fit_transform(before.train(at), {.seed = seed}),
               encoder.fit_transform(after.train(at), {.seed = seed}));
}

/// What the suite looks at; each is a t value over the draws.
struct Leaks {
  double out_of_fold = 0;      ///< score of the rows that cross-validation holds out, against chance
  double fresh = 0;            ///< of fresh rows
  double itself = 0;           ///< of a training row's encoded value and its own target
  bool held_out_bits = false;  ///< held-out targets change what a fold's model sees
};

template <class Encoder, class Estimator>
Leaks look_for_leaks(const Encoder& encoder, const Estimator& estimator, Task task) {
  std::vector<double> out_of_fold, fresh, itself;
  Leaks leaks;
  for (std::uint64_t seed = 0; seed < draws; ++seed) {
    const auto data = noise(task, seed), later = noise(task, seed, 1000);
    const Pipeline pipeline{encoder, estimator};
    const CrossValidation result =
        cross_validate(pipeline, data, {.folds = 5, .metric = task == Task::binary ? "roc_auc" : "r2", .seed = seed});
    out_of_fold.push_back(task == Task::binary ? result.mean - 0.5 : result.mean);
    const auto model = pipeline.fit(data).model;
    const Predictions predicted = model->predict(later->features);
    fresh.push_back(correlation(scores_of(predicted, task), *later));
    const auto fitted = encoder.fit_transform(DatasetView(data), {.seed = seed});
    for (const char* name : {"a_mean", "b_mean"}) itself.push_back(correlation(values_of(fitted.train, name), *data));
    leaks.held_out_bits = leaks.held_out_bits || held_out_targets_show(encoder, *data, seed);
  }
  leaks.out_of_fold = t_value(out_of_fold);
  leaks.fresh = t_value(fresh);
  leaks.itself = t_value(itself);
  return leaks;
}

void expect_no_leak(const Leaks& leaks) {
  EXPECT_LT(leaks.out_of_fold, level);
  EXPECT_LT(std::abs(leaks.fresh), level + 0.2);  // two-sided 0.001
  EXPECT_LT(leaks.itself, level);
  EXPECT_FALSE(leaks.held_out_bits);
}

TEST(TargetLeak, NoneInFolds) {
  expect_no_leak(look_for_leaks(TargetEncoder{}, Ridge{}, Task::regression));
  expect_no_leak(look_for_leaks(TargetEncoder{{.smoothing = 0}}, Logistic{}, Task::binary));
}

TEST(TargetLeak, NoneInOrder) {
  expect_no_leak(look_for_leaks(TargetEncoder{{.scheme = "ordered"}}, Ridge{}, Task::regression));
  expect_no_leak(look_for_leaks(TargetEncoder{{.scheme = "ordered"}}, Logistic{}, Task::binary));
}

TEST(TargetLeak, AnEncoderThatSeesTheRowItselfIsCaught) {
  EXPECT_GT(look_for_leaks(LeakyEncoder<Flaw::sees_itself>{}, Ridge{}, Task::regression).itself, 10 * level);
}

TEST(TargetLeak, AnEncoderThatSeesHeldOutRowsIsCaught) {
  const Leaks leaks = look_for_leaks(LeakyEncoder<Flaw::sees_held_out_rows>{}, Logistic{}, Task::binary);
  EXPECT_GT(leaks.out_of_fold, 10 * level);
  EXPECT_TRUE(leaks.held_out_bits);
}

}  // namespace
