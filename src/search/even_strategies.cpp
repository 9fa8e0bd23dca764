// Strategies that do not look at scores.

#include <automill/core/random.hpp>

#include "sobol.hpp"
#include "strategy.hpp"

namespace automill::search {
namespace {

class RandomStrategy final : public Strategy {
 public:
  explicit RandomStrategy(std::uint64_t seed) : seed_(seed) {}
  Point propose(const History& history) override {
    RandomStream random(seed_, purpose("search random"), history.observations.size());
    Point point(history.cube.dimensions());
    for (double& coordinate : point) coordinate = random.uniform();
    return point;
  }

 private:
  std::uint64_t seed_;
};

class SobolStrategy final : public Strategy {
 public:
  SobolStrategy(std::size_t dimensions, std::uint64_t seed) : sequence_(dimensions, seed) {}
  /// Passes over points that are forbidden or, in small spaces, were met before.
  Point propose(const History& history) override {
    constexpr int most_passed_over = 1000;
    Point point(history.cube.dimensions());
    for (int i = 0; i < most_passed_over; ++i) {
      sequence_.point(next_++, point);
      history.cube.snap(point);
      if (history.is_new(point)) break;
    }
    return point;
  }

 private:
  SobolSequence sequence_;
  std::uint32_t next_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> make_random_strategy(const StrategyOptions& options) {
  return std::make_unique<RandomStrategy>(options.seed);
}

std::unique_ptr<Strategy> make_sobol_strategy(const Cube& cube, const StrategyOptions& options) {
  return std::make_unique<SobolStrategy>(cube.dimensions(), options.seed);
}

}  // namespace automill::search
