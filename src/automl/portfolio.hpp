#pragma once
// Which configurations are tried, in an order that is good at every prefix.

#include <automill/automl/options.hpp>
#include <automill/core/registry.hpp>

#include "automl/validation_plan.hpp"

namespace automill {

struct Proposal {
  std::string name, family;
  std::shared_ptr<const Estimator> estimator;
  double time_share = 1;             ///< most of the time that is left when it starts
  double seconds_per_operation = 0;  ///< as long as none of its family has run; 0: unknown
};

/// Problem facts that the order depends on.
struct PortfolioInput {
  Task task = Task::regression;
  DataShape shape{};
  double learning_rate = 0.05;  ///< of boosters, for the time there is
  std::size_t folds = 8;
  std::uint64_t seed = 0;
  std::size_t text_columns = 0;    ///< of free text
  std::size_t string_columns = 0;  ///< of text whose strings repeat
  TimeBudget time{};
  std::map<std::string, int> monotone{};  ///< columns of the table and the sign along each, none of them 0
};

/// The first proposals are a fixed order of families; further ones vary the booster at random (streams keyed by seed
/// and number).
class Portfolio {
 public:
  Portfolio(const PortfolioInput& input, const std::vector<std::string>& include,
            const std::vector<std::string>& exclude);
  /// Proposal number `index` (0 is first); null when there is no more.
  std::optional<Proposal> proposal(std::size_t index) const;
  /// Families that were left out, since they cannot keep `monotone`.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  void add_linear(double time_share);
  void add_forest(const std::string& learner);
  void add_asked_for(const std::string& learner);
  Proposal booster(std::size_t number) const;
  Object varied(std::size_t number) const;
  std::shared_ptr<const Estimator> of_raw_columns(const char* family, const std::string& learner,
                                                  const Object& parameters) const;
  Object monotone_constraints() const;
  Object epochs_in_time() const;
  PortfolioInput input_;
  std::vector<std::string> left_out_;
  std::vector<Proposal> first_;
  std::size_t first_boosters_ = 0;  ///< how many of those are boosters
  bool boosters_ = true;
};

/// Families that `include` and `exclude` name.
const std::vector<std::string>& family_names();

/// Adds a fault for each name that is neither a family nor its learner.
void check_learner_names(const std::vector<std::string>& names, const char* option, Faults& faults);

}  // namespace automill
