#pragma once
// One tree of a few leaves on the bins of a term, for eight lanes side by side.

#include <automill/core/random.hpp>

#include "learners/additive/bag_problem.hpp"

namespace automill::additive {

/// Rows of each lane in the bins of a term, added up as its trees need them.
struct TermRows {
  std::vector<double> rows{};        ///< [bin][lane]
  std::vector<double> cumulative{};  ///< numbers: [bin - 1][lane], over the bins from 1 on; grids: over both axes
  std::vector<std::uint16_t> lowest{}, highest{};  ///< numbers: [lane]: cuts that leave min_rows on both sides
};

TermRows term_rows(const Term& term, std::vector<double> rows, const BagSettings& settings);

class TermFit {
 public:
  explicit TermFit(const BagSettings& settings) : settings_(settings) {}

  /// Leaf values, times the learning rate, of each bin: update[bin * width + lane]. `sums`: [bin][bin_sums]. With
  /// `random`, numbers and grids are cut at random (stream of lane l: random[l]), else where the gain is largest.
  /// Returns the gains of all lanes, 0 where nothing may be cut.
  double fit(const Term& term, const TermRows& rows, const double* sums, const RandomStream* random, std::size_t width,
             float* update);
  /// The largest |update| of the last fit.
  float largest() const { return largest_; }

 private:
  struct LaneSums {
    double gradient = 0, hessian = 0, rows = 0;
  };
  double fit_numbers(const Term& term, const TermRows& rows, const double* sums, const RandomStream* random,
                     std::size_t width, float* update);
  double fit_categories(const Term& term, const TermRows& rows, const double* sums, std::size_t width, float* update);
  double fit_grid(const Term& term, const TermRows& rows, const double* sums, const RandomStream* random,
                  std::size_t width, float* update);
  void cut_grid(const Term& term, const TermRows& rows);
  void cut_grid_at_random(const Term& term, const RandomStream* random);
  void accumulate_numbers(const Term& term, const double* sums);
  void accumulate_grid(const Term& term, const double* sums);
  void cut_numbers(const Term& term, const TermRows& rows, const RandomStream* random);
  double category_lane(const Term& term, const TermRows& rows, const double* sums, std::size_t lane, std::size_t width,
                       float* update);
  double cut_categories(const std::vector<LaneSums>& upto, std::size_t (&cuts)[2]) const;
  double grid_lane(const Term& term, const TermRows& rows, std::size_t lane, std::size_t width, float* update);
  double score(const LaneSums& of) const;
  float value(const LaneSums& of);
  bool allowed(const LaneSums& of) const {
    return of.rows >= settings_.min_rows && of.hessian >= settings_.min_hessian && of.hessian > 0;
  }

  BagSettings settings_;
  float largest_ = 0;
  std::vector<double> gradients_, hessians_;  ///< cumulative, [bin][lane]
  CutFound first_{}, second_{};
  GridFound grid_{};
  alignas(64) double orientation_[lanes] = {};
  std::vector<std::pair<double, std::uint16_t>> order_;  ///< mean and bin of the categories of a lane
  std::vector<LaneSums> upto_;                           ///< sums up to each of them
};

}  // namespace automill::additive
