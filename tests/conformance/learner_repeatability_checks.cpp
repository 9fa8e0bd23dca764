// The same bits for threads, seeds and caches; the same model for shuffled, repeated and weighted rows, for folds, and
// for fits that were cut and taken up again.

#include <automill/automl/train.hpp>

#include "conformance/learner_suite.hpp"

namespace automill::conformance {
namespace {

std::unique_ptr<Model> fitted(const LearnerCase& each, const DatasetView& view, const RunContext& context = {}) {
  auto model = each.estimator->fit(view, context).model;
  if (model == nullptr) throw Error("test.no_model", each.what, "a fit that was not stopped gave no model");
  return model;
}

/// The learner with everything drawn at random switched off, where it says how.
LearnerCase without_sampling(const LearnerCase& each) {
  Object values;
  for (const auto& [key, value] : each.estimator->parameters().entries())
    for (const char* sampled : {"subsample", "colsample_bytree"})
      if (key == sampled || key.ends_with(std::string(".") + sampled)) values.append(key, 1.0);
  LearnerCase same = each;
  if (!values.empty()) same.estimator = each.estimator->with_parameters(values);
  return same;
}

void compare(Findings& findings, const std::string& what, const Model& a, const Model& b, const Table& rows,
             double tolerance) {
  const std::vector<double> x = a.predict(rows).values, y = b.predict(rows).values;
  const double difference = relative_difference(x, y);
  if (tolerance == 0 ? !same_bits(x, y) : !(difference <= tolerance))
    findings.add(what + ": predictions differ by " + number_of(difference) + ", allowed is " + number_of(tolerance));
}

}  // namespace

void check_same_bits_for_threads(const LearnerSuite& suite, Findings& findings) {
  if (!suite.traits.deterministic) return;
  std::vector<LearnerCase> all = suite.cases;
  for (Task task : suite.traits.tasks) all.push_back(suite.alone(task, 5000, 3));  // more than one block of rows
  for (const LearnerCase& each : all) {
    const Archive alone = archive_of(*fitted(each, each.data));
    const auto model = fitted(each, each.data);
    const std::vector<double> values = model->predict(each.data->features).values;
    for (int threads : {1, 2, 7}) {
      const auto executor = make_executor(threads);
      const RunContext context{.run_with = executor.get()};
      const std::string where =
          each.what + ", " + std::to_string(each.spec.rows) + " rows, " + std::to_string(threads) + " threads";
      if (!same_archive(archive_of(*fitted(each, each.data, context)), alone)) findings.add(where + ": another model");
      if (!same_bits(model->predict(each.data->features, context).values, values))
        findings.add(where + ": other predictions");
    }
  }
}

void check_same_bits_for_seed(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases)
    for (std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{12345}}) {
      const RunContext context{.seed = seed};
      if (!same_archive(archive_of(*fitted(each, each.data, context)), archive_of(*fitted(each, each.data, context))))
        findings.add(each.what + ": two fits with seed " + std::to_string(seed) + " differ");
    }
}

void check_concurrent_use(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases) {
    const auto model = fitted(each, each.data);
    const Archive alone = archive_of(*model);
    const std::vector<double> values = model->predict(each.data->features).values;
    std::vector<Archive> fits(4);
    std::vector<std::vector<double>> predictions(4);
    at_the_same_time(findings, 4, [&](std::size_t i) {
      fits[i] = archive_of(*fitted(each, each.data));
      predictions[i] = model->predict(each.data->features).values;
    });
    for (const Archive& fit : fits)
      if (suite.traits.deterministic && !same_archive(fit, alone))
        findings.add(each.what + ": fits at the same time differ from a fit alone");
    for (const auto& each_values : predictions)
      if (!same_bits(each_values, values)) findings.add(each.what + ": predictions at the same time differ");
  }
}

void check_shared_cache(const LearnerSuite& suite, Findings& findings) {
  SharedCache cache(std::uint64_t{1} << 30);
  for (const LearnerCase& each : suite.cases) {
    const Archive alone = archive_of(*fitted(each, each.data));
    for (int again = 0; again < 2; ++again)
      if (!same_archive(archive_of(*fitted(each, each.data, {.cache = &cache})), alone))
        findings.add(each.what + ": another model with a cache");
    SharedCache tiny(1);
    if (!same_archive(archive_of(*fitted(each, each.data, {.cache = &tiny})), alone))
      findings.add(each.what + ": another model with a cache that has no room");
  }
}

void check_row_order(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& sampled : suite.cases) {
    const LearnerCase each = without_sampling(sampled);
    const auto model = fitted(each, each.data);
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const DatasetPtr shuffled = take_rows(*each.data, shuffled_rows(each.data->rows(), seed));
      compare(findings, each.what + ": shuffled rows", *model, *fitted(each, shuffled), each.data->features,
              each.tolerance);
    }
  }
}

void check_weights(const LearnerSuite& suite, Findings& findings) {
  if (!suite.traits.weights) return;
  for (const LearnerCase& sampled : suite.cases) {
    const LearnerCase each = without_sampling(sampled);
    std::vector<double> weights;
    std::vector<std::uint32_t> repeated, kept;
    for (std::uint32_t row = 0; row < each.data->rows(); ++row) {
      const std::uint64_t copies = 1 + RandomStream(1, purpose("copies"), row).below(3);
      weights.push_back(static_cast<double>(copies));
      repeated.insert(repeated.end(), copies, row);
    }
    if (suite.traits.weights_repeat_rows)
      compare(findings, each.what + ": whole weights and repeated rows",
              *fitted(each, with_weights(*each.data, weights)), *fitted(each, take_rows(*each.data, repeated)),
              each.data->features, each.tolerance);
    compare(findings, each.what + ": weights of 1 and no weights",
            *fitted(each, with_weights(*each.data, std::vector<double>(weights.size(), 1.0))), *fitted(each, each.data),
            each.data->features, each.tolerance);
  }
}

void check_held_out_rows(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases) {
    std::vector<std::uint32_t> half;
    for (std::uint32_t row = 0; row < each.data->rows(); row += 2) half.push_back(row);
    Target other = each.data->target;
    for (std::size_t row = 1; row < each.data->rows(); row += 2) {
      if (!other.values.empty()) other.values[row] = -1e6 * other.values[row];
      if (!other.labels.empty())
        other.labels[row] = (other.labels[row] + 1) % static_cast<std::int32_t>(other.classes.size());
    }
    const DatasetPtr changed = with_target(*each.data, other);
    const Archive before = archive_of(*fitted(each, view_of(each.data, half)));
    if (!same_archive(archive_of(*fitted(each, view_of(changed, half))), before))
      findings.add(each.what + ": the targets of rows that are not in the view change the model");
  }
}

void check_folds(const LearnerSuite& suite, Findings& findings) {
  const auto executor = make_executor(2);
  for (const LearnerCase& each : suite.cases) {
    const FoldedDataset folded(each.data, make_folds(*each.data, 3, 1));
    const auto together = each.estimator->fit_folds(folded, {.run_with = executor.get()});
    if (together.size() != 3) {
      findings.add(each.what + ": fit_folds gave " + std::to_string(together.size()) + " results for 3 folds");
      continue;
    }
    for (std::size_t fold = 0; fold < 3; ++fold) {
      const auto single =
          each.estimator->fit(FitInput{.train = folded.train(fold), .validation = &folded.held_out(fold)});
      if (together[fold].model == nullptr || single.model == nullptr) {
        findings.add(each.what + ": a fold has no model");
        continue;
      }
      compare(findings, each.what + ": fold " + std::to_string(fold) + " of fit_folds and by itself",
              *together[fold].model, *single.model, each.data->features, each.tolerance);
    }
  }
}

void check_replay(const LearnerSuite& suite, Findings& findings) {
  for (const LearnerCase& each : suite.cases) {
    const FitResult full = each.estimator->fit(FitInput{.train = each.data});
    const std::int64_t rounds = full.report.rounds;
    if (rounds < 1) continue;
    const FitResult again = each.estimator->fit(FitInput{.train = each.data, .stop_at_round = rounds});
    if (!same_archive(archive_of(*again.model), archive_of(*full.model)))
      findings.add(each.what + ": stopping at the last round " + std::to_string(rounds) + " gives another model");
    if (again.report.rounds != rounds) findings.add(each.what + ": a replay reports other rounds");
    const FitResult half = each.estimator->fit(FitInput{.train = each.data, .stop_at_round = (rounds + 1) / 2});
    if (half.report.rounds != (rounds + 1) / 2)
      findings.add(each.what + ": told to stop at round " + std::to_string((rounds + 1) / 2) + ", it did " +
                   std::to_string(half.report.rounds));
  }
}

void check_resume(const LearnerSuite& suite, Findings& findings) {
  if (!suite.traits.resumes) return;
  struct OtherState final : TrainingState {};
  for (const LearnerCase& each : suite.cases) {
    const DatasetView train(each.data);
    const FitResult full = each.estimator->fit(FitInput{.train = train, .keep_state = true});
    const std::int64_t rounds = full.report.rounds, half = rounds / 2;
    if (full.state == nullptr) findings.add(each.what + ": no state was kept");
    if (half < 1) continue;
    const FitResult first = each.estimator->fit(FitInput{.train = train, .stop_at_round = half, .keep_state = true});
    if (first.state == nullptr) {
      findings.add(each.what + ": no state was kept at round " + std::to_string(half));
      continue;
    }
    const FitResult rest =
        each.estimator->fit(FitInput{.train = train, .resume = first.state.get(), .stop_at_round = rounds});
    if (!same_archive(archive_of(*rest.model), archive_of(*full.model)))
      findings.add(each.what + ": a fit that was cut at round " + std::to_string(half) + " and taken up again differs");
    const OtherState other;
    expected_error(findings, each.what + ": a state of another learner",
                   [&] { each.estimator->fit(FitInput{.train = train, .resume = &other}); });
  }
}

}  // namespace automill::conformance
