#pragma once
// A suite that every learner and transformer passes by being registered. It knows nothing of the algorithm: it reads
// the traits and the declared parameters, fits on small generated problems, and compares.
//
//   for (const Violation& v : check_learner(registry, "ridge")) std::cout << v.check << ": " << v.message << "\n";
//
// Learners that take no categories or missing values are also checked inside Pipeline(Impute, OneHot, Scale, learner),
// where the registry has these transformers.

#include <automill/core/pipeline.hpp>
#include <functional>

namespace automill::conformance {

/// Something that a component does and must not do.
struct Violation {
  std::string check;    ///< name of the check, one of learner_checks() or transformer_checks()
  std::string message;  ///< which problem, what was seen, what is due
};

/// All checks of a learner, or only the named ones.
std::vector<Violation> check_learner(const Registry& registry, const std::string& name,
                                     const std::vector<std::string>& only = {});
/// All checks of a transformer, or only the named ones.
std::vector<Violation> check_transformer(const Registry& registry, const std::string& name,
                                         const std::vector<std::string>& only = {});

/// Names of the checks, in the order in which they run.
std::vector<std::string> learner_checks();
std::vector<std::string> transformer_checks();

/// How long after a stop a fit may go on. The target is 10 ms; instrumented builds are many times slower.
double stop_allowance_seconds();

}  // namespace automill::conformance
