#pragma once
// One fit of RealMlp: members in lock step, round by round.

#include <automill/learners/neural.hpp>

#include "network_trainer.hpp"

namespace automill::neural {

/// Sizes of a run, as far as they follow from the number of rows.
struct RunPlan {
  std::size_t batch = 1, steps_an_epoch = 1, rounds_an_epoch = 1;
  std::int64_t epochs = 1;

  RunPlan(const RealMlpParameters& parameters, std::size_t rows);
  std::int64_t rounds() const { return epochs * static_cast<std::int64_t>(rounds_an_epoch); }
  std::uint64_t steps() const { return static_cast<std::uint64_t>(epochs) * steps_an_epoch; }
  /// Step of an epoch at which its part `part` begins.
  std::size_t first_step(std::size_t part) const { return part * steps_an_epoch / rounds_an_epoch; }
};

/// Passes over so many rows where the caller does not say.
double usual_epochs(std::size_t rows);
std::size_t usual_batch(std::size_t rows);

TrainerOptions trainer_options(const RealMlpParameters& parameters, Task task, std::size_t outputs, std::size_t batch);

constexpr std::size_t most_validation_rows = 20000;  // that judge a round

class RealMlpRun {
 public:
  RealMlpRun(const RealMlpParameters& parameters, const FitInput& input, const RunContext& context);
  FitResult run();

 private:
  void prepare();
  void prepare_validation();
  bool round(std::int64_t number);
  bool train_member(std::size_t member, std::int64_t round);
  std::optional<double> validation_loss();
  bool judge(std::int64_t round);
  FitResult finish();

  const RealMlpParameters& parameters_;
  const FitInput& input_;
  const RunContext& context_;
  std::vector<std::uint32_t> order_{};
  std::shared_ptr<FittedNetworks> networks_ = std::make_shared<FittedNetworks>();  ///< of the last round
  std::optional<TrainingRows> rows_{}, validation_{};
  std::optional<RunPlan> plan_{};
  MemoryClaim claim_{};
  struct Member {
    std::unique_ptr<NetworkTrainer> trainer;
    std::uint64_t seed;
    std::vector<std::uint32_t> order;  ///< of the rows in this epoch
  };
  std::vector<Member> members_{};
  std::vector<Network> best_{};
  std::vector<std::uint32_t> validation_order_{};
  Predictions judged_{},
      best_judged_{};  ///< of the validation rows by the last round and the best; none: they are many
  FitReport report_{};
};

}  // namespace automill::neural
