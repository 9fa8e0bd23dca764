// Options and data that cannot be right: one Error with code, place, what is allowed and a hint, all faults at once.

#include <gtest/gtest.h>

#include "automl/tables.hpp"

namespace automill {
namespace {

using tables::category;
using tables::number;

const double nan_value = std::nan("");

struct BadInput {
  const char* name;
  const char* code;
  const char* place;
  const char* says;  ///< part of the whole text
  std::function<void(Table&, TrainOptions&)> spoil;
};

std::ostream& operator<<(std::ostream& out, const BadInput& bad) { return out << bad.name; }

using T = Table;
using O = TrainOptions;

const std::vector<BadInput> bad_inputs{
    {"no_target", "option.missing", "target", "name the column", [](T&, O& o) { o.target = ""; }},
    {"unknown_target", "data.column_unknown", "taget", "did you mean 'target'?", [](T&, O& o) { o.target = "taget"; }},
    {"unknown_groups", "data.column_unknown", "grp", "groups", [](T&, O& o) { o.groups = "grp"; }},
    {"unknown_weight", "data.column_unknown", "wght", "sample_weight", [](T&, O& o) { o.sample_weight = "wght"; }},
    {"unknown_time", "data.column_unknown", "when", "time_column", [](T&, O& o) { o.time_column = "when"; }},
    {"unknown_fold_column", "data.column_unknown", "fld", "folds", [](T&, O& o) { o.fold_column = "fld"; }},
    {"unknown_ignore", "data.column_unknown", "jbo", "did you mean 'job'?", [](T&, O& o) { o.ignore = {"jbo"}; }},
    {"unknown_task", "option.unknown_choice", "task", "did you mean 'regression'?",
     [](T&, O& o) { o.task = "regresion"; }},
    {"unknown_metric", "metric.unknown", "metric", "did you mean 'roc_auc'?", [](T&, O& o) { o.metric = "roc_acu"; }},
    {"unknown_preset", "option.unknown_choice", "preset", "did you mean 'balanced'?",
     [](T&, O& o) { o.preset = "balancd"; }},
    {"unknown_refit", "option.unknown_choice", "refit", "'sometimes'", [](T&, O& o) { o.refit = "sometimes"; }},
    {"unknown_learner", "option.unknown_choice", "include", "did you mean 'ridge'?",
     [](T&, O& o) { o.include = {"rigde"}; }},
    {"unknown_excluded", "option.unknown_choice", "exclude", "'forest'", [](T&, O& o) { o.exclude = {"forest"}; }},
    {"unknown_positive", "option.unknown_choice", "positive_class", "did you mean 'yes'?",
     [](T&, O& o) { o.positive_class = "yess"; }},
    {"zero_time", "option.out_of_range", "time_limit", "above 0", [](T&, O& o) { o.time_limit = Seconds(0); }},
    {"negative_time", "option.out_of_range", "time_limit", "-1", [](T&, O& o) { o.time_limit = Seconds(-1); }},
    {"nan_time", "option.out_of_range", "time_limit", "nan", [](T&, O& o) { o.time_limit = Seconds(nan_value); }},
    {"zero_trials", "option.out_of_range", "max_trials", "at least 1", [](T&, O& o) { o.max_trials = 0; }},
    {"zero_threads", "option.out_of_range", "threads", "at least 1", [](T&, O& o) { o.threads = 0; }},
    {"little_memory", "option.out_of_range", "memory_limit", "32 MiB", [](T&, O& o) { o.memory_limit = 1000; }},
    {"holdout_of_all", "option.out_of_range", "holdout", "between 0 and 1", [](T&, O& o) { o.holdout = 1.0; }},
    {"holdout_of_nothing", "option.out_of_range", "holdout", "between 0 and 1", [](T&, O& o) { o.holdout = 0.0; }},
    {"one_fold", "option.out_of_range", "folds", "at least 2", [](T&, O& o) { o.folds = 1; }},
    {"folds_and_holdout", "option.contradiction", "validation_data, holdout, folds", "give one",
     [](T&, O& o) {
       o.folds = 3;
       o.holdout = 0.2;
     }},
    {"validation_and_folds", "option.contradiction", "validation_data, holdout, folds", "give one",
     [](T& t, O& o) {
       o.folds = 3;
       o.validation_data = t;
     }},
    {"time_and_holdout", "option.contradiction", "time_column", "holdout",
     [](T&, O& o) {
       o.time_column = "a";
       o.holdout = 0.2;
     }},
    {"groups_twice", "option.contradiction", "groups", "array",
     [](T& t, O& o) {
       o.groups = "job";
       o.group_values.assign(t.rows(), "x");
     }},
    {"weights_twice", "option.contradiction", "sample_weight", "array",
     [](T& t, O& o) {
       o.sample_weight = "a";
       o.sample_weights.assign(t.rows(), 1.0);
     }},
    {"metric_twice", "option.contradiction", "metric", "own metric",
     [](T&, O& o) {
       o.metric = "roc_auc";
       o.own_metric = Metric{"own", [](const MetricInput&) { return 0.0; }};
     }},
    {"metric_of_another_task", "option.contradiction", "metric", "roc_auc", [](T&, O& o) { o.metric = "rmse"; }},
    {"no_learner_left", "option.contradiction", "include", "no learner", [](T&, O& o) { o.include = {"ridge"}; }},
    {"class_weight_name", "option.unknown_choice", "class_weight", "balanced",
     [](T&, O& o) { o.class_weight = std::string("equal"); }},
    {"class_weight_class", "option.unknown_choice", "class_weight", "did you mean 'yes'?",
     [](T&, O& o) {
       o.class_weight = std::map<std::string, double>{{"yess", 2.0}};
     }},
    {"class_weight_negative", "option.out_of_range", "class_weight", "yes",
     [](T&, O& o) {
       o.class_weight = std::map<std::string, double>{{"yes", -2.0}};
     }},
    {"class_weight_nan", "option.out_of_range", "class_weight", "yes",
     [](T&, O& o) {
       o.class_weight = std::map<std::string, double>{{"yes", nan_value}};
     }},
    {"class_weight_of_numbers", "option.contradiction", "class_weight", "no classes",
     [](T& t, O& o) {
       o.target = "a";
       o.class_weight = std::string("balanced");
       (void)t;
     }},
    {"short_weights", "data.length_mismatch", "sample_weight", "3 values",
     [](T&, O& o) {
       o.sample_weights = {1, 2, 3};
     }},
    {"short_groups", "data.length_mismatch", "groups", "1 values", [](T&, O& o) { o.group_values = {"x"}; }},
    {"short_folds", "data.length_mismatch", "folds", "2 values",
     [](T&, O& o) {
       o.fold_of = {0, 1};
     }},
    {"negative_weight", "data.weight_invalid", "sample_weight", "row 3",
     [](T& t, O& o) {
       o.sample_weights.assign(t.rows(), 1.0);
       o.sample_weights[2] = -1;
     }},
    {"missing_weight", "data.weight_invalid", "sample_weight", "row 1",
     [](T& t, O& o) {
       std::vector<double> w(t.rows(), 1.0);
       w[0] = nan_value;
       t = tables::with(t, number("w", w));
       o.sample_weight = "w";
     }},
    {"no_weight_at_all", "data.no_rows", "", "no row is left",
     [](T& t, O& o) { o.sample_weights.assign(t.rows(), 0.0); }},
    {"no_rows", "data.no_rows", "", "no rows", [](T& t, O&) { t = tables::first_rows(t, 0); }},
    {"target_all_missing", "data.target_all_missing", "target", "every row",
     [](T& t, O&) { t = tables::with(t, number("target", std::vector<double>(t.rows(), nan_value))); }},
    {"infinite_target", "data.target_infinite", "target", "row 5",
     [](T& t, O&) {
       std::vector<double> y(t.rows(), 0.5);
       y[0] = 0.25;
       y[4] = std::numeric_limits<double>::infinity();
       t = tables::with(t, number("target", y));
     }},
    {"text_target_of_numbers", "data.target_text", "target", "regression needs a number",
     [](T&, O& o) { o.task = "regression"; }},
    {"three_classes_for_binary", "data.too_many_classes", "target", "multiclass",
     [](T& t, O& o) {
       t = tables::plain(Task::multiclass, t.rows());
       o.task = "binary";
     }},
    {"too_many_classes", "data.too_many_classes", "target", "2000",
     [](T& t, O&) {
       std::vector<std::string> y;
       for (std::size_t i = 0; i < 5000; ++i) y.push_back("class " + std::to_string(i));
       t = Table({number("a", std::vector<double>(5000, 1.0)), category("target", y)});
     }},
    {"one_group", "data.too_few_groups", "groups", "1 groups",
     [](T& t, O& o) { o.group_values.assign(t.rows(), "x"); }},
    {"fewer_groups_than_folds", "data.too_few_groups", "groups", "fewer folds",
     [](T&, O& o) {
       o.groups = "job";
       o.folds = 6;
     }},
    {"one_predefined_fold_value", "option.invalid", "folds", "one value only",
     [](T& t, O& o) {
       t = tables::with(t, number("fold", std::vector<double>(t.rows(), 3.0)));
       o.fold_column = "fold";
     }},
    {"missing_fold_values", "option.invalid", "folds", "row 2",
     [](T& t, O& o) {
       std::vector<double> f(t.rows());
       for (std::size_t i = 0; i < f.size(); ++i) f[i] = static_cast<double>(i % 2);
       f[1] = nan_value;
       t = tables::with(t, number("fold", f));
       o.fold_column = "fold";
     }},
    {"no_row_held_out", "option.invalid", "folds", "held out", [](T& t, O& o) { o.fold_of.assign(t.rows(), -1); }},
    {"fold_number_too_small", "option.out_of_range", "folds", "row 2 has fold -3",
     [](T& t, O& o) {
       o.fold_of.assign(t.rows(), 0);
       o.fold_of[1] = -3;
     }},
    {"fold_number_too_large", "option.out_of_range", "folds", "0 to 999",
     [](T& t, O& o) {
       o.fold_of.assign(t.rows(), 0);
       o.fold_of[1] = 2000000000;
     }},
    {"missing_times", "option.invalid", "time_column", "row 2",
     [](T& t, O& o) {
       std::vector<double> w(t.rows(), 1.0);
       w[1] = nan_value;
       t = tables::with(t, number("when", w));
       o.time_column = "when";
     }},
    {"one_time_only", "option.invalid", "time_column", "one value only", [](T& t, O& o) {
       t = tables::with(t, number("when", std::vector<double>(t.rows(), 1.0)));
       o.time_column = "when";
     }}};

class BadInputs : public testing::TestWithParam<BadInput> {};

TEST_P(BadInputs, is_one_clear_error) {
  Table data = tables::plain(Task::binary, 60);
  TrainOptions options{.target = "target", .max_trials = 2, .threads = 1};
  GetParam().spoil(data, options);
  try {
    train(data, options);
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), GetParam().code) << error.what();
    EXPECT_EQ(error.place(), GetParam().place) << error.what();
    EXPECT_NE(std::string(error.what()).find(GetParam().says), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Each, BadInputs, testing::ValuesIn(bad_inputs),
                         [](const auto& which) { return std::string(which.param.name); });

std::vector<std::string> codes_of(const Table& data, const TrainOptions& options) {
  try {
    train(data, options);
  } catch (const Error& error) {
    std::vector<std::string> codes;
    for (const Fault& fault : error.faults()) codes.push_back(fault.code + " " + fault.place);
    return codes;
  }
  return {"no Error"};
}

TEST(BadInput, all_faults_of_the_options_come_together) {
  const Table data = tables::plain(Task::binary, 60);
  EXPECT_EQ(codes_of(data, {.target = "target",
                            .metric = "nothing",
                            .preset = "slow",
                            .time_limit = Seconds(-1),
                            .threads = 0,
                            .folds = 3,
                            .include = {"forest"},
                            .exclude = {"rigde"},
                            .refit = "no"})
                .size(),
            7U);
}

TEST(BadInput, all_unknown_columns_come_together) {
  const Table data = tables::plain(Task::binary, 60);
  EXPECT_EQ(codes_of(data, {.target = "tgt", .groups = "grp", .sample_weight = "wgt", .ignore = {"a", "ign"}}),
            (std::vector<std::string>{"data.column_unknown tgt", "data.column_unknown grp", "data.column_unknown wgt",
                                      "data.column_unknown ign"}));
}

TEST(BadInput, a_table_that_does_not_fit_into_memory_limit) {
  const std::size_t rows = 20'000, classes = 1'000;  // of 500 rows predictions take 4 MB, twelve times
  std::vector<double> a(rows), target(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    a[i] = static_cast<double>(i);
    target[i] = static_cast<double>(i % classes);
  }
  const Table data = Table::with_rows({number("a", a), number("target", target)}, rows);
  EXPECT_EQ(codes_of(data, {.target = "target", .task = "multiclass", .memory_limit = 40ULL << 20}),
            (std::vector<std::string>{"memory.limit memory_limit"}));
}

TEST(BadInput, faults_are_found_before_the_run_starts) {
  const Table data = tables::plain(Task::binary, 60);
  EXPECT_THROW(start(data, {.target = "target", .threads = 0}), Error);
}

TEST(BadInput, prediction_names_every_missing_and_retyped_column) {
  const Table data = tables::plain(Task::regression, 60);
  const AutoMLModel model = train(data, {.target = "target", .max_trials = 2, .threads = 1, .folds = 2});
  const Table wrong({category("a", std::vector<std::string>(3, "text")), number("job_", {1, 2, 3})});
  try {
    model.predict(wrong);
    FAIL() << "no Error";
  } catch (const Error& error) {
    std::vector<std::string> codes;
    for (const Fault& fault : error.faults()) codes.push_back(fault.code + " " + fault.place);
    EXPECT_EQ(codes,
              (std::vector<std::string>{"data.column_retyped a", "data.column_missing b", "data.column_missing job"}))
        << error.what();
  }
}

TEST(UnknownOption, knows_the_names_of_the_peers) {
  EXPECT_EQ(unknown_option("label").hint(), "AutoMill calls it 'target'");
  EXPECT_EQ(unknown_option("time_budget").hint(), "AutoMill calls it 'time_limit'");
  EXPECT_EQ(unknown_option("n_jobs").hint(), "AutoMill calls it 'threads'");
  EXPECT_EQ(unknown_option("tme_limit").hint(), "did you mean 'time_limit'?");
  EXPECT_EQ(unknown_option("label").code(), "option.unknown");
}

TEST(UnknownOption, every_option_of_a_peer_leads_to_one_that_exists) {
  std::vector<std::string> ours;
  for (const auto& option : train_option_list()) ours.push_back(option.name);
  for (const char* theirs :
       {"label", "problem_type", "eval_metric", "presets", "time_budget", "max_runtime_secs", "max_models", "n_jobs",
        "random_state", "tuning_data", "holdout_frac", "nfolds", "cv", "weights_column", "estimator_list", "custom_hp",
        "monotone_constraints", "verbose", "refit_full"}) {
    const std::string hint = unknown_option(theirs).hint();
    ASSERT_TRUE(hint.starts_with("AutoMill calls it '")) << theirs << ": " << hint;
    const std::string name = hint.substr(19, hint.size() - 20);
    EXPECT_NE(std::find(ours.begin(), ours.end(), name), ours.end()) << theirs << " leads to " << name;
  }
}

}  // namespace
}  // namespace automill
