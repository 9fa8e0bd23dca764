// The suite itself: it has nothing to say about a sound learner, and for each check there is a flaw that it catches.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>
#include <set>

#include "conformance/conformance.hpp"
#include "conformance/small_learner.hpp"

namespace automill::conformance {
namespace {

std::string text_of(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) text += violation.check + ": " + violation.message + "\n";
  return text;
}

template <class F>
struct Planted {
  F flaw;
  const char* check;
  const char* name;
};
template <class F>
std::ostream& operator<<(std::ostream& out, const Planted<F>& planted) {
  return out << planted.name;
}
using LF = LearnerFlaw;
using TF = TransformerFlaw;

#define PLANTED(type, flaw, check) \
  Planted<type> { type::flaw, check, #flaw }

const std::vector<Planted<LF>> learner_flaws{PLANTED(LF, calls_itself_otherwise, "description"),
                                             PLANTED(LF, has_no_loader, "description"),
                                             PLANTED(LF, describes_nothing, "description"),
                                             PLANTED(LF, cannot_do_its_task, "traits"),
                                             PLANTED(LF, allows_any_order, "traits"),
                                             PLANTED(LF, forgets_a_parameter, "parameters"),
                                             PLANTED(LF, default_out_of_range, "parameters"),
                                             PLANTED(LF, ignores_unknown_parameters, "parameter_errors"),
                                             PLANTED(LF, clamps_parameters, "parameter_errors"),
                                             PLANTED(LF, does_not_normalise, "outputs"),
                                             PLANTED(LF, overflows, "outputs"),
                                             PLANTED(LF, nan_where_missing, "missing_and_unseen"),
                                             PLANTED(LF, refuses_unseen, "missing_and_unseen"),
                                             PLANTED(LF, takes_what_it_cannot, "missing_and_unseen"),
                                             PLANTED(LF, forgets_a_column, "prediction_columns"),
                                             PLANTED(LF, other_single_rows, "one_row"),
                                             PLANTED(LF, saves_in_float, "save_load"),
                                             PLANTED(LF, trusts_the_file, "save_load"),
                                             PLANTED(LF, sums_by_thread, "threads"),
                                             PLANTED(LF, draws_from_a_counter, "seed"),
                                             PLANTED(LF, shares_scratch, "concurrent"),
                                             PLANTED(LF, cache_key_too_short, "cache"),
                                             PLANTED(LF, weighs_by_position, "row_order"),
                                             PLANTED(LF, ignores_weights, "weights"),
                                             PLANTED(LF, looks_at_held_out_targets, "held_out_rows"),
                                             PLANTED(LF, one_fit_for_all_folds, "folds"),
                                             PLANTED(LF, loses_a_fold, "folds"),
                                             PLANTED(LF, ignores_the_round, "replay"),
                                             PLANTED(LF, resumes_from_the_start, "resume"),
                                             PLANTED(LF, takes_any_state, "resume"),
                                             PLANTED(LF, fails_on_one_row, "degenerate"),
                                             PLANTED(LF, nan_for_extremes, "degenerate"),
                                             PLANTED(LF, costs_less_for_more, "cost"),
                                             PLANTED(LF, estimate_too_low, "memory"),
                                             PLANTED(LF, estimate_too_high, "memory"),
                                             PLANTED(LF, keeps_memory, "memory"),
                                             PLANTED(LF, ignores_stop, "stop"),
                                             PLANTED(LF, breaks_when_stopped, "stop")};

const std::vector<Planted<TF>> transformer_flaws{PLANTED(TF, describes_nothing, "description"),
                                                 PLANTED(TF, forgets_a_parameter, "parameters"),
                                                 PLANTED(TF, ignores_unknown_parameters, "parameter_errors"),
                                                 PLANTED(TF, uses_a_name_twice, "schema"),
                                                 PLANTED(TF, loses_missing_rows, "schema"),
                                                 PLANTED(TF, other_single_rows, "one_row"),
                                                 PLANTED(TF, centres_on_the_first_row, "row_order"),
                                                 PLANTED(TF, ignores_weights, "weights"),
                                                 PLANTED(TF, saves_in_float, "save_load"),
                                                 PLANTED(TF, loses_training_rows, "training_rows"),
                                                 PLANTED(TF, looks_at_held_out_rows, "held_out_rows"),
                                                 PLANTED(TF, one_fit_for_all_folds, "folds"),
                                                 PLANTED(TF, sums_by_thread, "threads"),
                                                 PLANTED(TF, shares_scratch, "concurrent"),
                                                 PLANTED(TF, fails_on_no_rows, "degenerate"),
                                                 PLANTED(TF, half_done_when_stopped, "stop")};

#undef PLANTED

TEST(Suite, finds_nothing_in_a_sound_learner) {
  for (LF sound : {LF::none, LF::none_but_narrow})
    EXPECT_EQ(text_of(check_learner(registry_with(sound, builtin_registry()), "small")), "");
}

TEST(Suite, finds_nothing_in_a_sound_transformer) {
  EXPECT_EQ(text_of(check_transformer(registry_with(TF::none, builtin_registry()), "small_centre")), "");
}

class Caught : public testing::TestWithParam<Planted<LF>> {};

TEST_P(Caught, by_its_check) {
  const Registry registry = registry_with(GetParam().flaw, builtin_registry());
  const auto violations = check_learner(registry, "small", {GetParam().check});
  EXPECT_FALSE(violations.empty()) << GetParam().check << " does not see a learner that " << GetParam().name;
  for (const Violation& violation : violations) {
    EXPECT_EQ(violation.check, GetParam().check);
    EXPECT_FALSE(violation.message.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Learners, Caught, testing::ValuesIn(learner_flaws),
                         [](const auto& which) { return std::string(which.param.name); });

class CaughtTransformer : public testing::TestWithParam<Planted<TF>> {};

TEST_P(CaughtTransformer, by_its_check) {
  const Registry registry = registry_with(GetParam().flaw, builtin_registry());
  EXPECT_FALSE(check_transformer(registry, "small_centre", {GetParam().check}).empty())
      << GetParam().check << " does not see a transformer that " << GetParam().name;
}

INSTANTIATE_TEST_SUITE_P(Transformers, CaughtTransformer, testing::ValuesIn(transformer_flaws),
                         [](const auto& which) { return std::string(which.param.name); });

template <class F>
std::set<std::string> checks_with_a_flaw(const std::vector<Planted<F>>& flaws) {
  std::set<std::string> checks;
  for (const auto& planted : flaws) checks.insert(planted.check);
  return checks;
}

TEST(Suite, every_check_has_a_flaw_that_it_catches) {
  const auto learner = learner_checks(), transformer = transformer_checks();
  EXPECT_EQ(checks_with_a_flaw(learner_flaws), std::set<std::string>(learner.begin(), learner.end()));
  EXPECT_EQ(checks_with_a_flaw(transformer_flaws), std::set<std::string>(transformer.begin(), transformer.end()));
}

}  // namespace
}  // namespace automill::conformance
