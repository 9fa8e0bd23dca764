#pragma once
// A fitted learner or pipeline as a model that serves: it predicts labels, is saved as one file, checks new data and
// verifies itself.
//
//   FitResult fit = pipeline.fit(dataset);
//   serve(std::move(fit), *dataset).save("pipeline.automill");

#include <automill/core/estimator.hpp>
#include <automill/predict/served_model.hpp>

namespace automill {

/// `dataset`: the rows of the fit, of whose columns sketches are kept. `metadata`: plain data for people, saved with
/// the model. Error "train.no_model" where the fit was stopped before it had one. O(cells of the dataset).
AUTOMILL_EXPORT ServedModel serve(FitResult fit, const Dataset& dataset, Object metadata = {});
/// The same with a target that knows what labels were in the data.
AUTOMILL_EXPORT ServedModel serve(FitResult fit, const Dataset& dataset, TargetInfo target, Object metadata);

}  // namespace automill
