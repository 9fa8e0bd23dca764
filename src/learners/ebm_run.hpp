#pragma once
// One fit of an explainable boosting machine: rows and terms, the two stages of boosting, and the choice of pairs.

#include <automill/learners/additive.hpp>
#include <automill/learners/tree/binning.hpp>
#include <automill/learners/tree/objective.hpp>

#include "learners/additive/bag_group.hpp"
#include "learners/additive/term_pairs.hpp"

namespace automill {

class AdditiveModel;

/// Chunks of memory of a fit, as its cost estimate and its meter count them.
std::uint64_t ebm_bytes(std::size_t rows, std::size_t columns, std::size_t width, std::size_t groups,
                        std::size_t bins_of_mains, std::size_t bins_of_pairs);

/// Pairs that are taken by default.
std::size_t default_interactions(std::size_t columns);

class EBMRun {
 public:
  EBMRun(const ExplainableBoostingParameters& parameters, const FitInput& input, const RunContext& context);
  FitResult run();

 private:
  /// How a stage of boosting ended.
  struct Stage {
    std::int64_t rounds = 0;      ///< of the tables that were kept
    std::vector<double> curve{};  ///< mean held-out loss after each round
    std::string stopped = "finished";
  };

  void check();
  void prepare_targets();
  void prepare_terms();
  void prepare_groups();
  std::uint64_t bag_seed(std::size_t bag) const;
  void claim_memory();
  StopToken stop_before_model() const;
  Stage boost(const std::vector<additive::Term>& terms, std::int64_t smoothing, std::int64_t most, bool keep_last);
  bool for_each_group(const std::function<bool(additive::BagGroup&)>& body);
  void boost_pairs();
  std::vector<std::uint32_t> pair_candidates() const;
  bool residuals(std::size_t rows, std::vector<double>& gradients, std::vector<double>& hessians) const;
  bool choose_pairs();
  void keep_mains(bool last);
  std::vector<double> mean_table(std::size_t term) const;
  FitResult finish();

  const ExplainableBoostingParameters& parameters_;
  const FitInput& input_;
  const RunContext& context_;
  std::unique_ptr<tree::Objective> objective_;
  std::vector<std::int8_t> monotone_;
  std::vector<std::uint32_t> order_;  ///< positions in the view, by key
  additive::BagProblem problem_;
  additive::BagSettings settings_;
  double center_ = 0, scale_ = 1;  ///< numbers: value = center + scale * score
  std::shared_ptr<const tree::BinnedTable> bins_;
  std::vector<std::uint32_t> columns_;  ///< of each main, in the schema
  std::vector<additive::Term> mains_, grids_;
  std::vector<additive::Groups> groupings_;  ///< of each main, for pairs
  std::vector<additive::TermPair> pairs_;
  std::vector<additive::BagGroup> groups_;
  std::vector<std::vector<std::vector<double>>> main_tables_;  ///< [group][main]
  MemoryClaim claim_;
  std::size_t held_out_ = 0;
  double held_out_weight_ = 0;
  Stage first_, second_;
};

}  // namespace automill
