#pragma once
// How the plan makes a candidate of a family of learners: its preparation, parameters and share of the time.

#include "automl/portfolio.hpp"

namespace automill {

/// "gradient_boosting" of "gbdt"; others are called as their family is.
std::string learner_of(const std::string& family);

/// Whether its models are linear in columns of 0 and 1 and n-grams: those see every text.
bool is_linear(const std::string& family);

/// Linear models of one table: one for each view of its text.
std::size_t views_of_linear(const PortfolioInput& input);

/// Whether a part of the time is enough for all epochs of a network's recipe.
bool has_time_for_network(const PortfolioInput& input);

/// Parameters of the family's learner that follow from the table, the folds and the time. Boosters have their own
/// (booster_space.hpp).
Object plan_parameters(const PortfolioInput& input, const std::string& family);

/// Monotone columns as learners take them: 1 or -1 by name.
Object monotone_signs(const PortfolioInput& input);

/// Candidate `number` (0 is first) of the family with these parameters of its learner.
Proposal proposal_of(const PortfolioInput& input, const std::string& family, std::size_t number,
                     const Object& parameters);

/// Seconds on one core that a fit of so many operations (Estimator::cost) usually takes.
double usual_seconds(const Proposal& proposal, double operations);

/// Proposals that do not fit into what is left, before no more are asked for.
constexpr int most_skipped = 8;
/// Of the time that is left: what a shortened candidate may take by its estimate.
constexpr double share_of_shortened = 0.85;

/// The same candidate in about 1 / `factor` of its time: boosters in larger steps, forests of fewer trees; its
/// `shortened` says what is less. Null: of another family, or it would be little worth.
std::optional<Proposal> shortened(const PortfolioInput& input, const Proposal& proposal, double factor);

}  // namespace automill
