#pragma once
// Which configurations are tried, in an order that is good at every prefix.

#include <automill/automl/options.hpp>
#include <automill/core/registry.hpp>

#include "automl/family_search.hpp"
#include "automl/validation_plan.hpp"

namespace automill {

struct Proposal {
  std::string name, family;
  Object parameters{};  ///< of the family's learner
  std::shared_ptr<const Estimator> estimator{};
  double time_share = 1;             ///< most of the time that is left when it starts
  double seconds_per_operation = 0;  ///< as long as none of its family has run; 0: unknown
  int complexity = 0;                ///< of what people read; less is simpler
  std::string shortened{};           ///< what is less than planned, for want of time
};

/// What is wanted of the order: models that are strong together, or single ones that can be read.
enum class PortfolioAim : std::uint8_t { strong, readable };

/// Complexity of what people read.
enum Complexity : int { linear_complexity, tree_complexity, columns_complexity, pairs_complexity };

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
  PortfolioAim aim = PortfolioAim::strong;
};

/// What the user chooses.
struct PlanChoice {
  std::vector<std::string> include{}, exclude{};
  std::map<std::string, SearchSpace> search_space{};  ///< by family
  std::vector<NamedEstimator> learners{};             ///< own ones, which include and exclude do not concern
};

/// The first proposals are a fixed order that is good at every prefix; further ones are searched, from what the trials
/// before have shown (family_search.hpp); last comes what only the time that is then left has room for. Of readable
/// models: linear ones, single trees and sums of functions of one and of two columns, a few configurations each.
class Portfolio {
 public:
  Portfolio(const PortfolioInput& input, const PlanChoice& choice);
  /// Proposal number `index` (0 is first), with the trials of all those before it; null when there is no more.
  std::optional<Proposal> proposal(std::size_t index, std::span<const SeenTrial> seen) const;
  /// Proposals when the searches are exhausted.
  const std::vector<Proposal>& last() const { return last_; }
  /// Families that are searched after the fixed order, with the most candidates that a search adds.
  std::vector<std::pair<std::string, std::int64_t>> searched_families() const;
  /// The proposal in about 1 / `factor` of its time; null: there is no such.
  std::optional<Proposal> shorter(const Proposal& proposal, double factor) const;
  /// Whether the proposal depends on those trials.
  bool is_searched(std::size_t index) const { return index >= first_.size(); }
  /// Families that were left out, since they cannot keep `monotone`.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  struct FamilySearch {
    std::string family;
    SearchSpace space;
    std::size_t most;  ///< trials, with those of the fixed order
  };
  void add(const std::string& family, Object parameters);
  using Wanted = std::function<bool(const std::string& family)>;
  void add_strong(const Wanted& wanted);
  void add_linear(const std::string& family, double time_share);
  void add_own_learners();
  void add_readable(const Wanted& wanted);
  void require_learners() const;
  void plan_searches();
  void plan_last(const Wanted& wanted);
  std::size_t planned(const std::string& family) const;
  SearchSpace space_of(const std::string& family) const;
  Object of_configuration(const std::string& family, const Object& start, const Object& configuration) const;
  PortfolioInput input_;
  PlanChoice choice_;
  std::vector<std::string> left_out_;
  std::vector<Proposal> first_;
  std::vector<FamilySearch> searches_;
  std::vector<Proposal> last_;
};

/// Families that `include` and `exclude` name.
const std::vector<std::string>& family_names();

/// Adds a fault for each name that is neither a family nor its learner.
void check_learner_names(const std::vector<std::string>& names, const char* option, Faults& faults);

}  // namespace automill
