#pragma once
// The functions of a served additive model, as data for plots.
//
//   for (const AdditiveTerm& term : automill::shapes(served)) draw(term.axes, term.values, term.standard_errors);

#include <automill/learners/additive_model.hpp>
#include <automill/predict/served_model.hpp>

namespace automill {

/// Functions of one and of two columns, the most important first, in the unit of the scores
/// (ScoreContributions::scale). Columns are those that the additive model sees, behind the transformers in front of it.
/// Errors: explain.shapes (no additive model, or several, of which the hint names one), and those of
/// predict_contributions.
AUTOMILL_EXPORT std::vector<AdditiveTerm> shapes(const ServedModel& model);

}  // namespace automill
