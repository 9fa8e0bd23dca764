#include "automl/plan_estimate.hpp"

#include <map>
#include <set>

#include "automl/fit_shape.hpp"
#include "automl/own_learners.hpp"
#include "automl/plan_family.hpp"

namespace automill {
namespace {

/// Goes through the candidates as the evaluator will, with expected seconds in place of fits.
class Estimate {
 public:
  Estimate(const EstimateInput& input, RunPlan& plan)
      : input_(input),
        plan_(plan),
        shape_(shape_of_fold(*input.folded, 0)),
        kept_(bytes_of_predictions(*input.folded->dataset())),
        left_(input.fit_seconds.value_or(std::numeric_limits<double>::infinity())),
        free_(input.free_bytes) {}

  void run() {
    std::size_t index = 0;
    for (; !input_.portfolio->is_searched(index) && allowed(index) && left_out_.size() < most_skipped; ++index)
      add(*input_.portfolio->proposal(index, {}));
    if (left_out_.size() < most_skipped) add_searches(index);
    add_shortened();
    if (!filled_ && !input_.max_trials)
      for (const Proposal& proposal : input_.portfolio->last()) add(proposal);
    for (PlannedCandidate& candidate : plan_.candidates)
      if (candidate.status == "skipped") candidate.seconds = candidate.core_seconds = 0;
    if (input_.fit_seconds) plan_.seconds += filled_ ? *input_.fit_seconds : *input_.fit_seconds - left_;
    else plan_.seconds += used_;
    plan_.bytes += most_;
  }

 private:
  bool allowed(std::size_t index) const {
    return !input_.max_trials || static_cast<std::int64_t>(index) < *input_.max_trials;
  }

  void add(const Proposal& proposal) {
    PlannedCandidate candidate{.name = proposal.name, .family = proposal.family, .parameters = proposal.parameters};
    CostEstimate cost;
    try {
      cost = proposal.estimator->cost(shape_);
    } catch (const std::exception& problem) {
      if (proposal.family != own_family) throw;
      candidate.status = "skipped";
      candidate.reason = problem.what();
      plan_.candidates.push_back(std::move(candidate));
      return;
    }
    const std::size_t folds = input_.folded->folds();
    const auto bytes = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(cost.bytes));
    const std::size_t at_once = std::min({folds, static_cast<std::size_t>(input_.threads),
                                          static_cast<std::size_t>((free_ - std::min(free_, kept_)) / bytes)});
    const bool floor = proposal.family == "baseline";
    if (at_once == 0 && !floor) {
      candidate.status = "skipped";
      candidate.reason = "needs about " + std::to_string((bytes + kept_) >> 20) + " MiB of memory, " +
                         std::to_string(free_ >> 20) + " will be free";
    } else {
      candidate.core_seconds = usual_seconds(proposal, cost.operations) * static_cast<double>(folds);
      candidate.bytes = bytes * std::max<std::size_t>(1, at_once);
      const double waves =
          std::ceil(static_cast<double>(folds) / static_cast<double>(std::max<std::size_t>(1, at_once)));
      candidate.seconds = candidate.core_seconds * waves / static_cast<double>(folds);
      if (!floor) fit_into_time(proposal, candidate);
    }
    if (candidate.status == "planned") count(candidate);
    plan_.candidates.push_back(std::move(candidate));
  }

  /// A family's first candidate is begun whatever it will take; a later one fits into its share or is left out.
  void fit_into_time(const Proposal& proposal, PlannedCandidate& candidate) {
    const double share = proposal.time_share * left_;
    if (candidate.seconds <= share) return;
    if (proposal.seconds_per_operation == 0 && !begun_.contains(kind_of(candidate))) {
      candidate.reason = "may end at its share of the time";
      take_less(candidate, share / candidate.seconds);
      return;
    }
    char text[96];
    std::snprintf(text, sizeof text, "needs about %.2g s, %.2g s will be left", candidate.seconds, share);
    candidate.reason = text;
    candidate.status = "skipped";
    left_out_.push_back({plan_.candidates.size(), proposal});
  }

  /// Candidates that take alike: own learners have nothing in common.
  static const std::string& kind_of(const PlannedCandidate& candidate) {
    return candidate.family == own_family ? candidate.name : candidate.family;
  }

  static void take_less(PlannedCandidate& candidate, double share) {
    candidate.seconds *= share;
    candidate.core_seconds *= share;
  }

  /// Candidates that were left out, in less than planned, as long as there is time for one.
  void add_shortened() {
    filled_ = filled_ || !left_out_.empty();
    for (const auto& [place, proposal] : left_out_) {
      PlannedCandidate& candidate = plan_.candidates[place];
      const double factor = std::max(1.0, candidate.seconds / (share_of_shortened * left_));
      const auto shorter = input_.portfolio->shorter(proposal, factor);
      if (!shorter) continue;
      candidate.status = "planned";
      candidate.reason = shorter->shortened;
      candidate.parameters = shorter->parameters;
      take_less(candidate, 1 / factor);
      count(candidate);
    }
  }

  void count(const PlannedCandidate& candidate) {
    begun_.insert(kind_of(candidate));
    used_ += candidate.seconds;
    left_ = std::max(0.0, left_ - candidate.seconds);
    free_ -= std::min(free_, kept_);
    bytes_kept_ += kept_;
    most_ = std::max(most_, bytes_kept_ + candidate.bytes);
    auto& [seconds, number] = of_family_[candidate.family];
    seconds += candidate.seconds;
    ++number;
  }

  void add_searches(std::size_t index) {
    std::vector<PlannedSearch> searches;
    for (const auto& [family, most] : input_.portfolio->searched_families()) {
      const auto& [seconds, number] = of_family_[family];
      if (number > 0) searches.push_back({family, most, seconds / number});
    }
    if (searches.empty() || !allowed(index)) return;
    const double share = left_ / static_cast<double>(searches.size());
    const std::int64_t trials = input_.max_trials ? *input_.max_trials - static_cast<std::int64_t>(index) : 0;
    for (PlannedSearch& search : searches) {
      if (input_.max_trials)
        search.candidates = std::min(search.candidates, trials / static_cast<std::int64_t>(searches.size()));
      const double in_time = share / std::max(1e-9, search.seconds_each);
      if (in_time < static_cast<double>(search.candidates)) {
        search.candidates = static_cast<std::int64_t>(in_time);
        filled_ = true;
      }
      const double seconds = static_cast<double>(search.candidates) * search.seconds_each;
      used_ += seconds;
      left_ = std::max(0.0, left_ - seconds);
      bytes_kept_ += kept_ * static_cast<std::uint64_t>(search.candidates);
      if (search.candidates > 0) plan_.searches.push_back(search);
    }
    most_ = std::max(most_, bytes_kept_);
  }

  const EstimateInput& input_;
  RunPlan& plan_;
  const DataShape shape_;
  const std::uint64_t kept_;  ///< of each candidate's predictions
  double left_, used_ = 0;    ///< seconds by the clock
  std::uint64_t free_, bytes_kept_ = 0, most_ = 0;
  std::vector<std::pair<std::size_t, Proposal>> left_out_;  ///< place in the plan, as proposed
  bool filled_ = false;                                     ///< the time is used up to the limit
  std::set<std::string> begun_;
  std::map<std::string, std::pair<double, int>> of_family_;  ///< seconds and number of its candidates
};

}  // namespace

void estimate_candidates(const EstimateInput& input, RunPlan& plan) { Estimate(input, plan).run(); }

}  // namespace automill
