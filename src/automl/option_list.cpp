#include <algorithm>
#include <automill/automl/options.hpp>

namespace automill {

const std::vector<OptionInfo>& train_option_list() {
  static const std::vector<OptionInfo> options{
      {"target", "text", "Column to predict."},
      {"task", "text", "binary, multiclass or regression; empty: decided from the target."},
      {"metric", "text", "What is optimised; empty: roc_auc (binary), log_loss (multiclass), rmse (regression)."},
      {"positive_class", "text",
       "Binary: the class whose probability is meant; empty: true, 1, yes, ... or the rarer class."},
      {"preset", "text",
       "fast (at most 30 s), balanced (5 min) or best (1 h) where no time_limit is given; glass_box (5 min): one model "
       "that can be read (linear, a tree or explainable boosting), no ensemble."},
      {"time_limit", "seconds", "Ceiling from the call, reading included, saving excluded."},
      {"max_trials", "integer", "Number of candidates; without time_limit the run is then reproducible."},
      {"memory_limit", "bytes", "How far the resident memory may grow."},
      {"threads", "integer", "Threads to use; empty: the cores that the container grants."},
      {"seed", "integer", "Seed of all random streams."},
      {"validation_data", "table", "Labelled rows to validate on instead of folds."},
      {"holdout", "number", "Share of rows held out once instead of folds."},
      {"folds", "integer", "Number of folds, a column of fold numbers, or a list of (train, test)."},
      {"groups", "column", "Rows of a group stay in one fold."},
      {"time_column", "column", "Folds go forward in time along this column."},
      {"sample_weight", "column", "Weight of each row, 0 or more."},
      {"class_weight", "text", "balanced, or a weight for each class."},
      {"ignore", "list", "Columns not to use."},
      {"types", "object", "Column kinds that override the inference: number, boolean, category, datetime, text."},
      {"missing", "list", "Further strings that mean missing in text files."},
      {"quantiles", "list",
       "Regression: what predict_quantiles gives, each above 0 and below 1; empty: 0.1, 0.5, 0.9."},
      {"include", "list", "Learners to use, by name; empty: all."},
      {"exclude", "list", "Learners not to use, by name."},
      {"learners", "list",
       "Own learners, tried beside the plan's (Python and C++): components with parameters, pipelines, own classes, in "
       "Python objects of scikit-learn's kind."},
      {"search_space", "object",
       "Among what the plan searches, by family: {\"gbdt\": {\"num_leaves\": {\"type\": \"int\", \"low\": 4, "
       "\"high\": 256}}}; boosters keep the plan's ranges for what is not named."},
      {"monotone", "object",
       "Columns with which predictions only rise (1) or only fall (-1), held by the whole ensemble; learners that "
       "cannot "
       "are left out. Not for three or more classes."},
      {"cost_matrix", "matrix",
       "What each prediction costs: a row for each true class, a column for each predicted one, in ascending order of "
       "classes; labels are those of the least expected cost, the score is the mean cost."},
      {"max_predict_time", "seconds",
       "Most time that one row may take on this machine; the ensemble gives up models until it holds, and says the "
       "price."},
      {"max_model_size", "bytes",
       "Largest model file; the ensemble gives up models until it holds, and says the price."},
      {"refit", "text", "auto, never (keep the fold models) or always (one model a member, on all rows)."},
      {"journal", "path",
       "File that keeps every finished fold, so that the run can be resumed after whatever ended it."},
      {"journal_limit", "bytes", "Largest journal; fitted models are left out first, and those are fitted again."},
      {"resume", "bool",
       "Go on from the journal where it is there: the same data and options, no finished fold fitted again."},
      {"callbacks", "list", "Functions called with each event."},
      {"progress", "text", "auto, bar, lines or none."},
      {"plan", "bool", "Show what would be done, with what it would take, and train nothing."},
  };
  return options;
}

std::map<std::string, SearchSpace> search_spaces_from(const Value& value) {
  if (!value.is_object())
    throw Error("option.wrong_type", "search_space", "it must be an object of families and their spaces",
                R"(for example {"gbdt": {"num_leaves": {"type": "int", "low": 4, "high": 256}}})");
  std::map<std::string, SearchSpace> spaces;
  for (const auto& [family, space] : value.object().entries()) spaces.emplace(family, SearchSpace::from_value(space));
  return spaces;
}

Error unknown_option(const std::string& name) {
  // what AutoGluon, FLAML, H2O and scikit-learn call it
  static const std::vector<std::pair<std::string, std::string>> peers{{"label", "target"},
                                                                      {"y", "target"},
                                                                      {"response_column", "target"},
                                                                      {"problem_type", "task"},
                                                                      {"eval_metric", "metric"},
                                                                      {"scoring", "metric"},
                                                                      {"stopping_metric", "metric"},
                                                                      {"sort_metric", "metric"},
                                                                      {"presets", "preset"},
                                                                      {"time_budget", "time_limit"},
                                                                      {"max_runtime_secs", "time_limit"},
                                                                      {"timeout", "time_limit"},
                                                                      {"max_iter", "max_trials"},
                                                                      {"max_models", "max_trials"},
                                                                      {"n_trials", "max_trials"},
                                                                      {"max_mem", "memory_limit"},
                                                                      {"memory_limit_mb", "memory_limit"},
                                                                      {"n_jobs", "threads"},
                                                                      {"num_cpus", "threads"},
                                                                      {"nthreads", "threads"},
                                                                      {"num_threads", "threads"},
                                                                      {"random_state", "seed"},
                                                                      {"random_seed", "seed"},
                                                                      {"tuning_data", "validation_data"},
                                                                      {"validation_frame", "validation_data"},
                                                                      {"X_val", "validation_data"},
                                                                      {"holdout_frac", "holdout"},
                                                                      {"split_ratio", "holdout"},
                                                                      {"validation_fraction", "holdout"},
                                                                      {"num_bag_folds", "folds"},
                                                                      {"nfolds", "folds"},
                                                                      {"n_splits", "folds"},
                                                                      {"cv", "folds"},
                                                                      {"fold_column", "folds"},
                                                                      {"weights_column", "sample_weight"},
                                                                      {"balance_classes", "class_weight"},
                                                                      {"ignored_columns", "ignore"},
                                                                      {"drop_columns", "ignore"},
                                                                      {"included_model_types", "include"},
                                                                      {"estimator_list", "include"},
                                                                      {"include_algos", "include"},
                                                                      {"excluded_model_types", "exclude"},
                                                                      {"exclude_algos", "exclude"},
                                                                      {"custom_hp", "search_space"},
                                                                      {"hyperparameters", "search_space"},
                                                                      {"monotone_constraints", "monotone"},
                                                                      {"verbosity", "progress"},
                                                                      {"verbose", "progress"},
                                                                      {"infer_limit", "max_predict_time"},
                                                                      {"refit_full", "refit"},
                                                                      {"log_file_name", "journal"}};
  for (const auto& [theirs, ours] : peers)
    if (theirs == name)
      return Error("option.unknown", name, "there is no such option", "AutoMill calls it '" + ours + "'");
  std::vector<std::string> known;
  for (const auto& option : train_option_list()) known.push_back(option.name);
  return Error("option.unknown", name, "there is no such option", name_hint(name, known));
}

}  // namespace automill
