#pragma once
// One fit of gradient boosting: rounds, early stopping, checkpoints and what is needed to go on.

#include <automill/learners/gradient_boosting.hpp>
#include <automill/learners/tree/objective.hpp>

#include "learners/boosting_grower.hpp"
#include "learners/row_sample.hpp"

namespace automill {

/// Where a fit stands after some rounds.
struct BoostingState final : TrainingState {
  TreeArrays arrays;
  std::vector<double> scores;             ///< [output][row of the training table]
  std::vector<double> validation_scores;  ///< the same for validation rows that do not share those
  std::vector<double> best_scores;        ///< [output][validation row] after the best round
  std::vector<double> learning_curve;
  std::map<std::int64_t, Predictions> checkpoints;
  std::int64_t rounds = 0, best_round = 0, rounds_without_split = 0, next_checkpoint = 1;
  std::string stopped = "finished";
  std::shared_ptr<const Dataset> train_dataset, validation_dataset;
  std::uint64_t train_rows = 0, validation_rows = 0;  ///< identities of the row sets
};

/// After which rounds held-out predictions are kept: a quarter further each, or twice as far where they are large.
class CheckpointGrid {
 public:
  CheckpointGrid(std::size_t outputs, std::size_t validation_rows);
  /// The one after 1, 2, 3 ...
  std::int64_t after(std::int64_t round) const;
  /// Of all, when there are about 500 rounds.
  std::uint64_t bytes() const { return (bytes_ > most_bytes_of_fine ? 10 : 24) * bytes_; }

 private:
  static constexpr std::uint64_t most_bytes_of_fine = 1 << 20;
  std::uint64_t bytes_;
};

/// A row's scores, gradients and Hessians as the user's function sees them, and its class.
constexpr std::size_t own_objective_bytes(std::size_t outputs) { return 8 * (3 * outputs + 1); }

class BoostingRun {
 public:
  /// `own`: the user's objective, null without one.
  BoostingRun(const GradientBoostingParameters& parameters, const OwnObjective* own, const FitInput& input,
              const RunContext& context);
  FitResult run();

 private:
  struct Validation {
    std::shared_ptr<const tree::BinnedTable> bins;
    std::vector<std::uint32_t> rows;
    Table table{};  ///< of a table of its own: with the columns of the training table
    tree::TargetRows targets;
    bool shares_scores = false;  ///< with the training rows: the same table, other rows
  };
  void prepare_constraints();
  void check_symmetric() const;
  void check_linear_tree() const;
  void check_vector_leaves() const;
  void check_sampling() const;
  void prepare_rows();
  void prepare_validation();
  void start_or_resume();
  void prepare_grower();
  void start_vectors();
  double choose_learning_rate() const;
  void boost();
  bool one_round();
  bool grow_round();
  bool one_tree(std::size_t output);
  std::size_t trees_of_round() const { return vectors_ ? 1 : objective_->width(); }
  bool one_tree_of_all();
  bool draw_for_all(std::uint64_t index);
  bool collect_vectors(std::uint64_t index);
  bool collect_outputs(std::uint64_t index);
  bool append_leaf_vectors(std::uint64_t index);
  void set_leaf_outputs(std::size_t output, std::span<const double> penalties, float* values) const;
  void add_vectors_to_scores();
  void add_leaves(const std::vector<std::uint32_t>& leaf_of, std::vector<double>& scores) const;
  void add_to_scores(const tree::GrownTree& tree, std::size_t output);
  bool fit_linear();
  TableView validation_table() const;
  void renew_leaves(std::size_t output);
  bool orders_leaves() const;
  void limit_leaves();
  std::int64_t leaf_iterations() const;
  bool splits_by_rows() const;
  void use_rows_as_hessians();
  void count_rows(tree::QuantisedGradients& gradients) const;
  const std::vector<std::uint32_t>& places();
  bool refine_leaves(std::uint64_t index);
  void draw_bag();
  void draw_by_gradient(std::uint64_t index);
  void note_validation();
  void keep_validation_scores(std::vector<double>& to) const;
  bool out_of_patience() const;
  Predictions predictions_of(const std::vector<double>& scores, std::size_t stride,
                             std::span<const std::uint32_t> rows) const;
  Predictions validation_predictions() const;
  Predictions last_validation_predictions() const;
  Predictions predictions_of_kept(const std::vector<double>& scores) const;
  tree::ScoresView train_scores() const { return {state_->scores.data(), bins_->rows(), rows_}; }
  tree::ScoresView validation_scores() const;
  std::int64_t last_round() const;
  void cut(std::int64_t rounds);
  FitResult finish();
  tree::GrowParameters grow_parameters() const;
  FitResult constant_model();

  const GradientBoostingParameters& parameters_;
  const OwnObjective* own_objective_;
  const FitInput& input_;
  const RunContext& context_;
  std::unique_ptr<tree::Objective> objective_;
  std::vector<std::int8_t> monotone_;                     ///< by column; empty: all free
  std::vector<std::vector<std::uint32_t>> interactions_;  ///< empty: any
  std::shared_ptr<const tree::BinnedTable> bins_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint64_t> keys_;
  tree::TargetRows targets_;
  std::optional<Validation> validation_;
  std::unique_ptr<BoostingGrower> grower_;
  std::unique_ptr<BoostingState> state_;
  MemoryClaim claim_;
  std::uint64_t bytes_ = 0;
  double learning_rate_ = 0.1;

  tree::QuantisedGradients gradients_, refined_;
  std::optional<tree::VectorGradients> vectors_;   ///< of trees with several outputs
  std::vector<tree::QuantisedGradients> outputs_;  ///< of symmetric ones
  RowSample sample_;                               ///< of the tree that is being grown
  std::vector<std::uint32_t> grown_rows_, scratch_;
  std::vector<std::uint32_t> place_;  ///< of a row of the table among the training rows; filled by places()
  std::int64_t bag_of_ = -1;
  std::size_t before_nodes_ = 0;
  std::vector<double> scores_before_round_, validation_scores_before_round_;
  std::vector<double> last_scores_;  ///< of validation rows after the last round, where it was not the best one
};

}  // namespace automill
