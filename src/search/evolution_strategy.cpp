// Regularised evolution (Real et al., AAAI 2019): the best of a few trials, drawn from the youngest ones, with a
// change. Old trials die whatever their score, so that luck does not breed for ever.

#include <algorithm>
#include <automill/core/random.hpp>

#include "sobol.hpp"
#include "strategy.hpp"

namespace automill::search {
namespace {

constexpr std::size_t usual_first_generation = 10, population = 30, tournament = 5;
constexpr double step_width = 0.15, drawn_anew = 0.1;

class EvolutionStrategy final : public Strategy {
 public:
  EvolutionStrategy(const Cube& cube, const StrategyOptions& options)
      : seed_(options.seed),
        spread_(cube.dimensions(), options.seed),
        initial_(static_cast<std::size_t>(options.initial_trials.value_or(usual_first_generation))) {}

  Point propose(const History& history) override {
    std::vector<const Observation*> living;
    for (const Observation& each : history.observations)
      if (each.state == Observation::State::finished) living.push_back(&each);
    Point child(history.cube.dimensions());
    const std::size_t number = history.observations.size();
    spread_.point(static_cast<std::uint32_t>(number), child);
    if (number < initial_ || living.empty()) return child;
    if (living.size() > population) living.erase(living.begin(), living.end() - population);
    RandomStream random(seed_, purpose("search evolution"), number);
    constexpr int most_tries = 100;
    for (int i = 0; i < most_tries; ++i) {
      child = changed(history.cube, winner(living, random).point, random);
      history.cube.snap(child);
      if (history.is_new(child)) break;
    }
    return child;
  }

 private:
  static const Observation& winner(const std::vector<const Observation*>& living, RandomStream& random) {
    const Observation* best = living[random.below(living.size())];
    for (std::size_t i = 1; i < tournament; ++i) {
      const Observation* other = living[random.below(living.size())];
      if (other->score < best->score) best = other;
    }
    return *best;
  }

  /// At least one coordinate changes, one and a bit on average.
  static Point changed(const Cube& cube, Point point, RandomStream& random) {
    const std::size_t sure = random.below(point.size());
    for (std::size_t c = 0; c < point.size(); ++c) {
      const bool inactive = std::isnan(point[c]);  // may become active by another change
      if (!inactive && c != sure && random.uniform() >= 1 / static_cast<double>(point.size())) continue;
      const bool anew = inactive || cube.kind(c) == Cube::Kind::categorical || random.uniform() < drawn_anew;
      point[c] = anew ? random.uniform() : reflected(point[c] + step_width * random.normal());
    }
    return point;
  }

  /// Into the unit interval.
  static double reflected(double unit) {
    unit = std::abs(unit);
    unit -= 2 * std::floor(unit / 2);
    return unit > 1 ? 2 - unit : unit;
  }

  std::uint64_t seed_;
  SobolSequence spread_;
  std::size_t initial_;
};

}  // namespace

std::unique_ptr<Strategy> make_evolution_strategy(const Cube& cube, const StrategyOptions& options) {
  return std::make_unique<EvolutionStrategy>(cube, options);
}

}  // namespace automill::search
