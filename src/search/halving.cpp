#include "halving.hpp"

#include <algorithm>
#include <cmath>

namespace automill::search {
namespace {

/// The first score told at the step or behind it; null: the trial did not get there.
const Trial::Partial* at_rung(const Trial& trial, double step) {
  for (const Trial::Partial& each : trial.partial)
    if (static_cast<double>(each.step) >= step) return &each;
  return nullptr;
}

}  // namespace

double Rungs::last_rung(const Trial& trial) const {
  double reached = 0;
  for (const Trial::Partial& each : trial.partial) reached = std::max(reached, static_cast<double>(each.step));
  if (reached < first_) return 0;
  double rung = first_;
  while (rung * reduction_ <= reached) rung *= reduction_;
  return rung;
}

bool Rungs::keeps_up(const std::vector<Trial>& trials, std::size_t number, double sign) const {
  const double rung = last_rung(trials[number]);
  if (rung == 0) return true;
  const double own = sign * at_rung(trials[number], rung)->score;
  if (std::isnan(own)) return false;
  double others = 0, better = 0;
  for (const Trial& trial : trials)
    if (const Trial::Partial* there = at_rung(trial, rung)) {
      ++others;
      better += sign * there->score < own ? 1 : 0;
    }
  return better < std::max(1.0, std::floor(others / reduction_));
}

}  // namespace automill::search
