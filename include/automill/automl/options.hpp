#pragma once
// Options of train. The names, defaults and meanings are the same in Python, C++ and the shell. An option left empty is
// decided from the data, and the printed model says how.

#include <automill/core/core.hpp>
#include <automill/search/space.hpp>
#include <chrono>
#include <functional>
#include <variant>

namespace automill {

inline namespace literals {
/// 4_GiB, 512_MiB: bytes, for memory_limit.
constexpr std::uint64_t operator""_GiB(unsigned long long n) { return n << 30; }
constexpr std::uint64_t operator""_MiB(unsigned long long n) { return n << 20; }
}  // namespace literals

/// What the limits of time and memory are counted from.
struct CallStart {
  Clock::time_point time{};
  std::uint64_t resident_bytes = 0, peak_resident_bytes = 0;
  AUTOMILL_EXPORT static CallStart now();
};

struct TrainOptions {
  std::string target{};                         ///< column to predict
  std::optional<std::string> task{};            ///< "binary", "multiclass" or "regression"
  std::optional<std::string> metric{};          ///< roc_auc (binary), log_loss (multiclass), rmse (regression)
  std::optional<Metric> own_metric{};           ///< instead of `metric`
  std::optional<std::string> positive_class{};  ///< binary
  std::string preset =
      "balanced";  ///< "fast" (30 s), "balanced" (5 min) or "best" (1 h): the longest run without time_limit (it ends
                   ///< earlier when twice the time would add nothing beyond noise);
                   ///< "glass_box" (5 min): one linear model, tree or explainable boosting machine, no ensemble
  std::optional<Seconds> time_limit{};          ///< ceiling from the call, reading included, saving excluded
  std::optional<std::int64_t> max_trials{};     ///< number of candidates; the run is then reproducible
  std::optional<std::uint64_t> memory_limit{};  ///< bytes by which resident memory may grow since the call
  std::optional<int> threads{};                 ///< null: the container's cores; 1: no thread is started
  std::uint64_t seed = 0;
  std::optional<Table> validation_data{};   ///< one of validation_data, holdout, folds
  std::optional<double> holdout{};          ///< share of rows
  std::optional<std::int64_t> folds{};      ///< number of folds
  std::string fold_column{};                ///< a column of fold numbers
  std::vector<std::int32_t> fold_of{};      ///< one a row of the input, -1: always trains
  std::string groups{};                     ///< column: rows of a group stay in one fold
  std::vector<std::string> group_values{};  ///< the same as an array, one a row
  std::string time_column{};                ///< column: folds go forward in time
  std::string sample_weight{};              ///< column
  std::vector<double> sample_weights{};     ///< the same as an array, one a row
  std::variant<std::monostate, std::string, std::map<std::string, double>>
      class_weight{};                         ///< "balanced", or a weight a class
  std::vector<std::string> ignore{};          ///< columns not to use
  std::map<std::string, ColumnKind> types{};  ///< kinds that are not guessed; such a column is never dropped as an id
  std::vector<double> quantiles{};            ///< regression: what predict_quantiles gives; empty: 0.1, 0.5, 0.9
  std::vector<std::string> include{}, exclude{};  ///< learners by name
  std::vector<NamedEstimator> learners{};  ///< own ones, tried beside the plan's: components, pipelines, own classes
  std::map<std::string, SearchSpace> search_space{};  ///< by family: ranges of its learner's parameters
  std::map<std::string, int> monotone{};           ///< columns along which predictions only rise (1) or only fall (-1)
  std::vector<std::vector<double>> cost_matrix{};  ///< classification: rows are truths, columns predictions
  std::vector<std::string> cost_classes{};         ///< of its rows and columns; empty: ascending, as classes() are
  std::optional<Seconds> max_predict_time{};       ///< most that one row may take, on this machine
  std::optional<std::uint64_t> max_model_size{};   ///< most bytes of the model file
  std::string refit = "auto";  ///< "auto", "never" (keep fold models) or "always" (one model a member on all rows)
  std::string journal{};       ///< file that keeps every finished fold, so that the run can be resumed; empty: none
  std::optional<std::uint64_t> journal_limit{};  ///< most bytes of it; fitted models are left out first
  bool resume = false;                           ///< go on from `journal`, where it is there
  Object journal_source{};  ///< kept in the journal as it is: where the rows came from, and how they are read
  std::function<void(const Event&)> callback{};  ///< called one at a time; an exception stops the run and is rethrown
  std::stop_token stop{};                        ///< ends the run with the best model so far
  std::optional<CallStart> started{};            ///< taken before reading, where that belongs to the run
};

/// Names of all options of train in the order of the Python signature, with the ones that are not delivered yet.
struct OptionInfo {
  std::string name, type, description;
  bool delivered = true;
};
AUTOMILL_EXPORT const std::vector<OptionInfo>& train_option_list();

/// `search_space` from plain data: {family: space as SearchSpace::from_value reads it}.
AUTOMILL_EXPORT std::map<std::string, SearchSpace> search_spaces_from(const Value& value);

/// The Error for an option name that does not exist: nearest name, or AutoMill's name for a peer's option ("label":
/// target).
AUTOMILL_EXPORT Error unknown_option(const std::string& name);

}  // namespace automill
