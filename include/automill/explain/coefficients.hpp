#pragma once
// The coefficients of a served linear model, in the units of the columns as they come.
//
//   const Coefficients all = automill::coefficients(served);
//   for (const Coefficient& each : all.features) print(each.feature, each.values);
//
//   score_k = intercept_k + sum_j value_j coefficient_jk
//
// Features are the columns of the table, and what the preparation makes of them: "job=Clerk" is 1 for clerks and 0 for
// others, "age_missing" is 1 where the age is missing, "joined_month" is the month of a date. Columns that were scaled
// for training have their coefficients back in their own unit. Missing numbers count as what the preparation puts in
// their place, and values beyond those of training are drawn in (linear_model.hpp).

#include <automill/predict/served_model.hpp>

namespace automill {

struct Coefficient {
  std::string feature{};         ///< "age", "job=Clerk"
  std::string column{};          ///< of the table that it is made of; empty: of several
  std::vector<double> values{};  ///< one an output: what one more unit of the feature adds to the score
  double effect = 0;             ///< |coefficient| times the range of the feature in training, summed over outputs
};

struct Coefficients {
  std::string scale{};                 ///< of the scores: "value", "log_odds", "log_probability"
  std::vector<std::string> outputs{};  ///< the target; the positive class; or all classes
  std::vector<double> intercepts{};    ///< one an output: the score where all features are 0
  std::vector<Coefficient> features{};
};

/// Features in the order of the model. Errors: explain.coefficients (no linear model, or a mean of several), and those
/// of predict_contributions. O(features outputs).
AUTOMILL_EXPORT Coefficients coefficients(const ServedModel& model);

}  // namespace automill
