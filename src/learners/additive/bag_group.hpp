#pragma once
// Up to eight bags that are boosted in lock-step: a step looks at each row once for all of them. Bags of a group take
// the same term at a time - the one that gains most over all of them - and cut it each in its own way.
//
//   BagGroup group(problem, settings, in_bag, seed);
//   group.begin(terms);                       // of a stage
//   while (group.round(true, stop)) { ... group.held_out_loss() ...; group.keep(); }
//   group.table(term)[bin * width + lane];    // as kept last

#include <automill/core/stop.hpp>
#include <optional>

#include "learners/additive/term_fit.hpp"

namespace automill::additive {

class BagGroup {
 public:
  /// `in_bag`: [row], a bit a lane. `counted`: lanes that exist.
  BagGroup(const BagProblem& problem, const BagSettings& settings, std::vector<std::uint8_t> in_bag,
           std::uint8_t counted, std::uint64_t seed);

  /// A new stage, which goes on from the scores of the tables that were kept in the last one. False when stopped.
  bool begin(const std::vector<Term>& terms, std::int64_t smoothing_rounds, const StopToken& stop);
  /// As many steps as there are terms; with `look`, the held-out loss is that of the new tables. False when stopped:
  /// then only what was kept is of use.
  bool round(bool look, const StopToken& stop);
  /// Sum of the losses of the rows that each bag holds out, when it was last looked at.
  double held_out_loss() const { return loss_; }
  /// Whether the last round changed anything.
  bool changed() const { return changed_; }
  void keep();
  const std::vector<double>& table(std::size_t term) const { return kept_[term]; }
  /// The same, moved out: the group is done.
  std::vector<double> take_table(std::size_t term) { return std::move(kept_[term]); }

 private:
  static constexpr std::size_t block = 256;    ///< rows whose gradients are in the first-level cache
  static constexpr std::size_t chunk = 4096;   ///< rows whose sums are of single precision
  static constexpr std::size_t ask = 1 << 18;  ///< row steps between two looks at the stop token

  LaneRows rows_at(std::size_t begin, std::size_t end);
  float scores_of_base(std::size_t lane) const;
  bool passed(std::size_t work, const StopToken& stop);
  bool count_rows(const StopToken& stop);
  bool refresh(const StopToken& stop);
  void clear(double* sums, std::size_t size) const;
  bool histogram(std::size_t term, const StopToken& stop);
  void add_classes(std::size_t first, std::size_t last, std::size_t term);
  bool all_histograms(const StopToken& stop);
  bool cyclic_round(const StopToken& stop);
  bool greedy_round(const StopToken& stop);
  bool measure(const StopToken& stop);
  double fit(std::size_t term, bool random);
  void take(std::size_t term);
  float* sums_of(std::size_t term) { return floats_.data() + first_sum_[term] * problem_.vectors(); }

  const BagProblem& problem_;
  BagSettings settings_;
  std::vector<std::uint8_t> in_bag_;
  std::uint8_t counted_;
  std::uint64_t seed_;
  const std::vector<Term>* terms_ = nullptr;
  std::vector<TermRows> term_rows_;
  std::vector<std::size_t> first_sum_;  ///< of each term among all sums: [bin][bin_sums], vectors one after the other
  std::vector<float> state_, offsets_, scores_, gradients_, hessians_;
  std::vector<float> floats_;  ///< sums of a chunk
  std::vector<double> sums_;
  std::vector<std::vector<double>> tables_, kept_;
  std::vector<std::vector<float>> single_;  ///< tables_ as the rows read them
  std::vector<float> update_;
  float largest_ = 0;
  std::optional<std::size_t> pending_;  ///< the term of update_, which the states do not have yet
  std::vector<double> gains_;
  TermFit trees_;
  double loss_ = 0;
  bool changed_ = false;
  std::int64_t rounds_ = 0, smoothing_ = 0;
  std::uint64_t stage_ = 0, steps_ = 0;
  std::size_t work_ = 0;
};

}  // namespace automill::additive
