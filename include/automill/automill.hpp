#pragma once
// Everything that a C++ app needs: read a table, train, look, predict, save, load.

#include <automill/automl/serve.hpp>
#include <automill/automl/train.hpp>
#include <automill/automl/tune.hpp>
#include <automill/core/core.hpp>
#include <automill/data/csv.hpp>
#include <automill/ensemble/transformed_target.hpp>
#include <automill/explain/coefficients.hpp>
#include <automill/explain/predict_contributions.hpp>
#include <automill/explain/rules.hpp>
#include <automill/features/features.hpp>
#include <automill/import/import_model.hpp>
#include <automill/learners/decision_tree.hpp>
#include <automill/learners/discriminant.hpp>
#include <automill/learners/forest.hpp>
#include <automill/learners/gaussian_process.hpp>
#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/kernel_ridge.hpp>
#include <automill/learners/linear.hpp>
#include <automill/learners/naive_bayes.hpp>
#include <automill/learners/neighbors.hpp>
#include <automill/metrics/metrics.hpp>
#include <automill/predict/bind.hpp>
#include <automill/predict/served_model.hpp>
#include <automill/preprocess/preprocess.hpp>
#include <automill/search/minimize.hpp>
