#pragma once
// Own learners: what a user adds to the plan of train.

#include <automill/automl/options.hpp>

namespace automill {

/// Of every own learner, whatever it is: none is mistaken for a candidate of the plan.
inline constexpr const char* own_family = "own";

/// The same learners under the names that the leaderboard has: those that were given, else (also where the name is the
/// type) "own_", the type and a number: own_ridge_1, own_ridge_2, own_pipeline_1.
std::vector<NamedEstimator> named_own_learners(const std::vector<NamedEstimator>& learners);

/// Adds a fault for names that cannot be, for learners that cannot say what they are, and for options that promise of
/// every model what nobody knows of an own one.
void check_own_learners(const TrainOptions& options, Faults& faults);

/// The learner as a candidate. A Pipeline, and what takes categories and missing values, gets the columns as they are;
/// the others get them as numbers without holes (table_preparer). Text is always prepared but for a Pipeline.
std::shared_ptr<const Estimator> learner_of_given_columns(const NamedEstimator& own, bool text);

/// Whether a journal can give its models back: they are AutoMill's own components.
bool is_registered(const Estimator& estimator);

/// For the record of a run's options: a name and a structure each.
Array record_learners(const std::vector<NamedEstimator>& learners);

/// The estimator of a member of a recipe: what its structure says; where that is a class of the user's, the one of
/// `learners` that has its name. Error recipe.own_learner where there is none.
std::shared_ptr<const Estimator> estimator_of_recipe(const Value& member, const std::vector<NamedEstimator>& learners);

}  // namespace automill
