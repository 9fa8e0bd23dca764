#pragma once
// What each check of a learner gets: the learner as registered, its traits, and the problems that it is run on.

#include "conformance/check_support.hpp"

namespace automill::conformance {

/// A problem with the estimator that is fitted on it: the learner by itself, or a pipeline around it.
struct LearnerCase {
  std::string what;  ///< "binary", "regression in a pipeline"
  std::shared_ptr<const Estimator> estimator;
  DatasetPtr data;
  DataSpec spec;
  bool takes_missing = false;  ///< in prediction and training
  double tolerance = 0;        ///< of predictions, relative, when rows are shuffled; 0: same bits
};

struct LearnerSuite {
  LearnerSuite(const Registry& components, const std::string& learner_name);

  const Registry& registry;
  const std::string name;
  std::shared_ptr<const Estimator> learner;
  EstimatorTraits traits;
  std::vector<LearnerCase> cases;

  /// The learner by itself on one task, with another size.
  LearnerCase alone(Task task, std::size_t rows, std::size_t extra_numbers) const;
};

/// Training rows, and where the estimator takes them: rows that miss everything, and unseen categories.
std::vector<Table> tables_to_predict(const LearnerCase& each);

/// Empty when every prediction is what the task allows (probabilities that sum to 1, finite values); else what is
/// wrong.
std::string prediction_fault(const Model& model, const Table& rows);

struct NamedLearnerCheck {
  const char* name;
  void (*run)(const LearnerSuite&, Findings&);
};
const std::vector<NamedLearnerCheck>& learner_check_list();

// the checks, by file
void check_same_bits_for_threads(const LearnerSuite&, Findings&);
void check_same_bits_for_seed(const LearnerSuite&, Findings&);
void check_concurrent_use(const LearnerSuite&, Findings&);
void check_shared_cache(const LearnerSuite&, Findings&);
void check_row_order(const LearnerSuite&, Findings&);
void check_weights(const LearnerSuite&, Findings&);
void check_held_out_rows(const LearnerSuite&, Findings&);
void check_folds(const LearnerSuite&, Findings&);
void check_replay(const LearnerSuite&, Findings&);
void check_resume(const LearnerSuite&, Findings&);

void check_save_and_load(const LearnerSuite&, Findings&);
void check_one_row(const LearnerSuite&, Findings&);
void check_outputs(const LearnerSuite&, Findings&);
void check_missing_and_unseen(const LearnerSuite&, Findings&);
void check_prediction_columns(const LearnerSuite&, Findings&);
void check_degenerate_data(const LearnerSuite&, Findings&);

void check_stop(const LearnerSuite&, Findings&);
void check_cost(const LearnerSuite&, Findings&);
void check_memory(const LearnerSuite&, Findings&);

void check_parameter_faults(const LearnerSuite&, Findings&);
void check_parameters(const LearnerSuite&, Findings&);
void check_traits(const LearnerSuite&, Findings&);
void check_description(const LearnerSuite&, Findings&);

}  // namespace automill::conformance
