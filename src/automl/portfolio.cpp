#include "automl/portfolio.hpp"

#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/linear.hpp>
#include <automill/preprocess/preprocess.hpp>

namespace automill {
namespace {

constexpr std::size_t most_boosters = 40;

bool listed(const std::vector<std::string>& names, const std::string& family, const std::string& learner) {
  return std::find(names.begin(), names.end(), family) != names.end() || std::find(names.begin(), names.end(), learner) != names.end();
}

template <class L>
std::shared_ptr<const Estimator> with_simple_preparation(L learner) {
  return std::make_shared<const Pipeline>(DatetimeParts{}, Impute{}, OneHot{}, Scaler{}, std::move(learner));
}

void check_names(const std::vector<std::string>& names, const char* option, Faults& faults) {
  std::vector<std::string> known = family_names();
  known.push_back("gradient_boosting");
  for (const auto& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end()) faults.add("option.unknown_choice", option, "'" + name + "' is not a learner", name_hint(name, known));
}

}  // namespace

const std::vector<std::string>& family_names() {
  static const std::vector<std::string> names{"baseline", "ridge", "logistic", "gbdt"};
  return names;
}

Portfolio::Portfolio(const PortfolioInput& input, const std::vector<std::string>& include, const std::vector<std::string>& exclude) : input_(input) {
  Faults faults;
  check_names(include, "include", faults);
  check_names(exclude, "exclude", faults);
  faults.throw_if_any();
  const auto wanted = [&](const std::string& family, const std::string& learner) { return (include.empty() || listed(include, family, learner)) && !listed(exclude, family, learner); };
  boosters_ = wanted("gbdt", "gradient_boosting");
  if (wanted("baseline", "baseline")) first_.push_back({"baseline", "baseline", std::make_shared<const Baseline>()});
  if (input.task == Task::regression) {
    if (wanted("ridge", "ridge")) first_.push_back({"ridge_1", "ridge", with_simple_preparation(Ridge{})});
  } else if (wanted("logistic", "logistic")) {
    first_.push_back({"logistic_1", "logistic", with_simple_preparation(Logistic{})});
  }
  if (first_.empty() && !boosters_) throw Error("option.contradiction", "include", "no learner is left for a " + task_name(input.task) + " target", "known names: baseline, ridge (regression), logistic (classification), gbdt");
}

std::optional<Proposal> Portfolio::proposal(std::size_t index) const {
  if (index < first_.size()) return first_[index];
  if (!boosters_ || index - first_.size() >= most_boosters) return std::nullopt;
  return booster(index - first_.size());
}

/// Boosters: a few known-good and different ones, then random variations inside the same ranges.
Proposal Portfolio::booster(std::size_t number) const {
  const double rate = input_.learning_rate;
  GradientBoostingParameters p;
  p.n_estimators = 10000;
  p.learning_rate = rate;
  switch (number) {
    case 0: p.num_leaves = 31; p.min_child_samples = 20; p.colsample_bytree = 0.8; p.subsample = 0.9; p.subsample_freq = 1; break;
    case 1: p.num_leaves = 39; p.min_child_samples = 3; p.colsample_bytree = 0.46; p.subsample = 0.88; p.subsample_freq = 1; p.reg_alpha = 0.24; p.reg_lambda = 0.36; p.extra_trees = true; break;
    case 2: p.num_leaves = 8; p.min_child_samples = 10; p.colsample_bytree = 0.6; p.subsample = 0.8; p.subsample_freq = 1; p.reg_lambda = 1; break;
    case 3: p.num_leaves = 84; p.min_child_samples = 3; p.colsample_bytree = 0.53; p.subsample = 0.95; p.subsample_freq = 1; p.reg_lambda = 1; p.learning_rate = 0.7 * rate; break;
    case 4: p.num_leaves = 5; p.min_child_samples = 5; p.colsample_bytree = 0.73; p.extra_trees = true; break;
    case 5: p.num_leaves = 180; p.min_child_samples = 12; p.colsample_bytree = 0.4; p.reg_alpha = 0.77; p.reg_lambda = 1.6; p.extra_trees = true; break;
    case 6: p.num_leaves = 16; p.min_child_samples = 1; p.colsample_bytree = 0.58; p.reg_alpha = 0.94; p.reg_lambda = 0.99; break;
    default: {
      RandomStream random(input_.seed, purpose("booster variations"), number);
      const auto log_uniform = [&](double low, double high) { return low * math::exp(random.uniform() * math::log(high / low)); };
      p.num_leaves = static_cast<std::int64_t>(log_uniform(4, 160));
      p.min_child_samples = static_cast<std::int64_t>(log_uniform(1, 60));
      p.colsample_bytree = 0.3 + 0.7 * random.uniform();
      p.subsample = 0.6 + 0.4 * random.uniform();
      p.subsample_freq = 1;
      p.reg_alpha = log_uniform(1e-3, 2);
      p.reg_lambda = log_uniform(1e-2, 5);
      p.extra_trees = random.uniform() < 0.5;
      p.learning_rate = rate * log_uniform(0.6, 1.4);
    }
  }
  return {"gbdt_" + std::to_string(number + 1), "gbdt", std::make_shared<const GradientBoosting>(p)};
}

}  // namespace automill
