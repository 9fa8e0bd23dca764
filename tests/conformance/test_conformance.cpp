// Every registered learner and transformer, through the suite. One test a component and check, so that a failure names
// both.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>

#include "conformance/conformance.hpp"

namespace automill::conformance {
namespace {

using NameAndCheck = std::tuple<std::string, std::string>;

std::string test_name(const testing::TestParamInfo<NameAndCheck>& which) {
  return std::get<0>(which.param) + "_" + std::get<1>(which.param);
}

void expect_none(const std::vector<Violation>& violations) {
  for (const Violation& violation : violations) ADD_FAILURE() << violation.check << ": " << violation.message;
}

class EveryLearner : public testing::TestWithParam<NameAndCheck> {};

TEST_P(EveryLearner, conforms) {
  expect_none(check_learner(builtin_registry(), std::get<0>(GetParam()), {std::get<1>(GetParam())}));
}

/// Stacking fits other learners here, each several times: it ends and takes memory as they do, over minutes.
std::vector<NameAndCheck> learners_and_checks() {
  std::vector<NameAndCheck> all;
  for (const std::string& name : builtin_registry().estimator_names())
    for (const std::string& check : learner_checks())
      if (name != "stacking" || (check != "stop" && check != "memory")) all.emplace_back(name, check);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Builtin, EveryLearner, testing::ValuesIn(learners_and_checks()), test_name);

class EveryTransformer : public testing::TestWithParam<NameAndCheck> {};

TEST_P(EveryTransformer, conforms) {
  expect_none(check_transformer(builtin_registry(), std::get<0>(GetParam()), {std::get<1>(GetParam())}));
}

INSTANTIATE_TEST_SUITE_P(Builtin, EveryTransformer,
                         testing::Combine(testing::ValuesIn(builtin_registry().transformer_names()),
                                          testing::ValuesIn(transformer_checks())),
                         test_name);

}  // namespace
}  // namespace automill::conformance
