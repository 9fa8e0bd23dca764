// The inner loops of additive models against plain loops in double precision, at every level.

#include "additive_tools.hpp"
#include "learners/additive/lane_kernels.hpp"

using namespace additive_tools;

namespace automill::additive {
namespace {

std::vector<const LaneKernels*> levels() {
  std::vector<const LaneKernels*> all{&baseline_lane_kernels()};
  if (best_simd_level() != SimdLevel::baseline) all.push_back(&avx2_lane_kernels());
  return all;
}

std::vector<float> random_floats(std::size_t count, double scale, std::uint64_t seed) {
  std::vector<float> values;
  for (double value : random_numbers(count, seed)) values.push_back(static_cast<float>(scale * value));
  return values;
}

struct Problem {
  Problem(Loss kind, std::size_t class_count, std::size_t rows, bool weighted) : loss(kind), classes(class_count) {
    vectors = (classes + lanes - 1) / lanes;
    per_bag = classes == 1 ? 1 : classes <= 4 ? 4 : lanes * vectors;
    RandomStream random(3, purpose("lanes"));
    scores = random_floats(rows * lanes * vectors, 1.5, 7);
    for (std::size_t i = 0; i < rows; ++i) {
      targets.push_back(loss == Loss::squared_error ? static_cast<float>(random.normal())
                        : loss == Loss::softmax     ? static_cast<float>(random.below(classes))
                                                    : static_cast<float>(random.below(2)));
      codes.push_back(static_cast<std::uint16_t>(random.below(20)));
      const auto bits = static_cast<std::uint8_t>(random.next());
      in_bag.push_back(loss != Loss::softmax ? bits
                       : per_bag == 4        ? static_cast<std::uint8_t>((bits & 1 ? 0x0f : 0) | (bits & 2 ? 0xf0 : 0))
                                             : static_cast<std::uint8_t>(bits & 1 ? 0xff : 0));
      if (weighted) weights.push_back(static_cast<float>(random.uniform() * 2));
    }
    state.resize(scores.size());
    update = random_floats(20 * lanes * vectors, 0.05, 11);
    for (float& value : update) value = std::clamp(value, -most_step, most_step);
    g.resize(scores.size());
    h.resize(scores.size());
  }
  LaneRows rows() {
    return {.state = state.data(),
            .targets = targets.data(),
            .weights = weights.empty() ? nullptr : weights.data(),
            .in_bag = in_bag.data(),
            .count = targets.size(),
            .vectors = vectors,
            .lanes_per_bag = per_bag,
            .classes = classes};
  }
  bool is_class(std::size_t lane) const { return loss != Loss::softmax || lane % per_bag < classes; }
  /// Gradient and Hessian of a lane of a row for its score plus `step` updates, by the formulas.
  std::pair<double, double> derivatives(std::size_t row, std::size_t lane, bool updated) const {
    const std::size_t width = lanes * vectors;
    const auto score = [&](std::size_t l) {
      return static_cast<double>(scores[row * width + l]) +
             (updated ? static_cast<double>(update[codes[row] * width + l]) : 0.0);
    };
    const double weight = weights.empty() ? 1.0 : static_cast<double>(weights[row]);
    if (((in_bag[row] >> (lane % lanes)) & 1) == 0) return {0, 0};
    const auto y = static_cast<double>(targets[row]);
    if (loss == Loss::squared_error) return {weight * (score(lane) - y), weight};
    if (loss == Loss::poisson) return {weight * (std::exp(score(lane)) - y), weight * std::exp(score(lane))};
    double p = 1 / (1 + std::exp(-score(lane)));
    bool hit = y == 1;
    if (loss == Loss::softmax) {
      const std::size_t first = lane - lane % per_bag;
      double sum = 0;
      for (std::size_t k = 0; k < classes; ++k) sum += std::exp(score(first + k));
      p = std::exp(score(lane)) / sum;
      hit = static_cast<std::size_t>(y) == lane % per_bag;
    }
    return {weight * (p - (hit ? 1.0 : 0.0)), weight * p * (1 - p)};
  }

  Loss loss;
  std::size_t classes, vectors = 1, per_bag = 1;
  std::vector<float> scores, targets, weights, state, update, g, h;
  std::vector<std::uint16_t> codes;
  std::vector<std::uint8_t> in_bag;
};

std::vector<Problem> problems() {
  std::vector<Problem> all;
  for (const bool weighted : {false, true}) {
    for (Loss loss : {Loss::squared_error, Loss::logistic, Loss::poisson}) all.emplace_back(loss, 1, 77, weighted);
    for (std::size_t classes : {3U, 4U, 5U, 8U, 9U, 20U}) all.emplace_back(Loss::softmax, classes, 77, weighted);
  }
  return all;
}

/// Single precision, and series that end: 2e-6 of values of order 1, times weights below 2 and rates below e^6.
TEST(AdditiveKernels, StepsAreDerivativesOfTheLoss) {
  for (Problem& p : problems()) {
    double losses[lanes] = {};
    for (const LaneKernels* level : levels())
      for (const bool updated : {false, true}) {
        std::fill(p.state.begin(), p.state.end(), 0.0F);
        level->start(p.loss, p.rows(), p.scores.data(), 0xff, losses);
        level->step(p.loss, p.rows(), p.codes.data(), updated ? p.update.data() : nullptr, p.g.data(), p.h.data());
        for (std::size_t i = 0; i < p.g.size(); ++i) {
          const std::size_t row = i / (lanes * p.vectors), lane = i % (lanes * p.vectors);
          if (!p.is_class(lane)) continue;
          const auto [g, h] = p.derivatives(row, lane, updated);
          const double allowed = 4e-6 * (1 + std::abs(g) + std::abs(h));
          ASSERT_NEAR(static_cast<double>(p.g[i]), g, allowed)
              << level->name << " loss " << int(p.loss) << " lane " << lane;
          ASSERT_NEAR(static_cast<double>(p.h[i]), h, allowed)
              << level->name << " loss " << int(p.loss) << " lane " << lane;
        }
      }
  }
}

TEST(AdditiveKernels, StepAndAddIsStepThenAdd) {
  for (Problem& p : problems()) {
    if (p.loss == Loss::softmax) continue;
    for (const LaneKernels* level : levels())
      for (const bool updated : {false, true}) {
        double losses[lanes] = {};
        const float* update = updated ? p.update.data() : nullptr;
        std::vector<std::uint16_t> to(p.codes.rbegin(), p.codes.rend());
        std::vector<float> apart(20 * bin_sums, 0.5F), together = apart;
        level->start(p.loss, p.rows(), p.scores.data(), 0xff, losses);
        level->step(p.loss, p.rows(), p.codes.data(), update, p.g.data(), p.h.data());
        level->add(to.data(), p.g.data(), p.loss == Loss::squared_error ? nullptr : p.h.data(), p.targets.size(), 1, 0,
                   apart.data());
        const std::vector<float> states = p.state;
        level->start(p.loss, p.rows(), p.scores.data(), 0xff, losses);
        level->step_and_add(p.loss, p.rows(), p.codes.data(), update, to.data(), together.data());
        EXPECT_EQ(0, std::memcmp(apart.data(), together.data(), apart.size() * sizeof(float)));
        EXPECT_EQ(0, std::memcmp(states.data(), p.state.data(), states.size() * sizeof(float)));
      }
  }
}

TEST(AdditiveKernels, HeldOutLossesAreThoseOfTheFormulas) {
  for (Problem& p : problems())
    for (const LaneKernels* level : levels()) {
      double losses[lanes] = {}, sum = 0, wanted = 0;
      level->start(p.loss, p.rows(), p.scores.data(), 0xff, losses);
      for (double loss : losses) sum += loss;
      const std::size_t width = lanes * p.vectors;
      for (std::size_t row = 0; row < p.targets.size(); ++row)
        for (std::size_t lane = 0; lane < width; ++lane) {
          if (((p.in_bag[row] >> (lane % lanes)) & 1) != 0) continue;
          const double y = static_cast<double>(p.targets[row]),
                       weight = p.weights.empty() ? 1.0 : static_cast<double>(p.weights[row]);
          const auto s = [&](std::size_t l) { return static_cast<double>(p.scores[row * width + l]); };
          if (p.loss == Loss::squared_error) wanted += weight * (s(lane) - y) * (s(lane) - y);
          else if (p.loss == Loss::poisson) wanted += weight * (std::exp(s(lane)) - y * s(lane));
          else if (p.loss == Loss::logistic) wanted += weight * (std::log1p(std::exp(s(lane))) - y * s(lane));
          else if (lane % p.per_bag == 0) {
            double all = 0;
            for (std::size_t k = 0; k < p.classes; ++k) all += std::exp(s(lane + k));
            wanted += weight * (std::log(all) - s(lane + static_cast<std::size_t>(y)));
          }
        }
      EXPECT_NEAR(sum, wanted, 2e-6 * std::abs(wanted) * 10) << level->name << " loss " << int(p.loss);
    }
}

TEST(AdditiveKernels, AllLevelsGiveTheSameBits) {
  if (levels().size() < 2) GTEST_SKIP() << "one level";
  for (Problem& p : problems()) {
    std::vector<std::vector<float>> seen;
    std::vector<double> sums;
    for (const LaneKernels* level : levels()) {
      double losses[lanes] = {};
      level->start(p.loss, p.rows(), p.scores.data(), 0x7f, losses);
      level->step(p.loss, p.rows(), p.codes.data(), p.update.data(), p.g.data(), p.h.data());
      seen.push_back(p.state);
      seen.push_back(p.g);
      seen.push_back(p.h);
      sums.insert(sums.end(), losses, losses + lanes);
    }
    for (std::size_t k = 0; k < 3; ++k)
      EXPECT_EQ(0, std::memcmp(seen[k].data(), seen[k + 3].data(), seen[k].size() * sizeof(float)));
    EXPECT_EQ(bits_of({sums.begin(), sums.begin() + lanes}), bits_of({sums.begin() + lanes, sums.end()}));
  }
}

// --- searches -------------------------------------------------------------------------------------------------------

struct Sums {
  double g = 0, h = 0, rows = 0;
};
double score(const Sums& s) { return s.h > 0 ? s.g * s.g / s.h : 0; }
Sums minus(const Sums& a, const Sums& b) { return {a.g - b.g, a.h - b.h, a.rows - b.rows}; }

struct Bins {
  Bins(std::size_t count, std::uint64_t seed) : bins(count), g(count * lanes), h(count * lanes), rows(count * lanes) {
    RandomStream random(seed, purpose("bins"));
    for (std::size_t i = 0; i < g.size(); ++i) {
      const double n = static_cast<double>(random.below(6));
      g[i] = n * random.normal();
      h[i] = n * (0.2 + random.uniform());
      rows[i] = n;
      if (i < lanes) continue;
      g[i] += g[i - lanes];
      h[i] += h[i - lanes];
      rows[i] += rows[i - lanes];
    }
  }
  Sums upto(std::size_t bin, std::size_t lane) const {
    return {g[bin * lanes + lane], h[bin * lanes + lane], rows[bin * lanes + lane]};
  }
  CutSearch search(const double* first, int sign) const {
    return {.gradients = g.data(),
            .hessians = h.data(),
            .rows = rows.data(),
            .bins = bins,
            .min_rows = 4,
            .min_hessian = 0.5,
            .sign = sign,
            .first_cut = first};
  }
  std::size_t bins;
  std::vector<double> g, h, rows;
};

bool fits(const Sums& s) { return s.rows >= 4 && s.h >= 0.5; }
double value(const Sums& s) { return -s.g / s.h; }

/// Every cut of every lane by the definition.
TEST(AdditiveKernels, FindsTheBestCuts) {
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (int sign : {0, 1, -1}) {
      const Bins b(3 + 4 * seed, seed);
      const double last = static_cast<double>(b.bins - 1);
      alignas(64) double none[lanes];
      std::fill_n(none, lanes, last);
      for (const LaneKernels* level : levels()) {
        CutFound first, second;
        level->find_cut(b.search(none, sign), first);
        level->find_cut(b.search(first.cut, sign), second);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
          const Sums all = b.upto(b.bins - 1, lane);
          double most = 0, place = last;
          for (std::size_t bin = 0; bin + 1 < b.bins; ++bin) {
            const Sums left = b.upto(bin, lane), right = minus(all, left);
            if (!fits(left) || !fits(right) || sign * (value(right) - value(left)) < 0) continue;
            const double gain = score(left) + score(right) - score(all);
            if (gain > most * (1 + 1e-12)) most = gain, place = static_cast<double>(bin);
          }
          ASSERT_NEAR(first.gain[lane], most, 1e-9 * (1 + most));
          if (most > 0) ASSERT_EQ(first.cut[lane], place);
          if (place == last) continue;
          const auto cut = static_cast<std::size_t>(place);
          double more = 0;
          for (std::size_t bin = 0; bin + 1 < b.bins; ++bin) {
            if (bin == cut) continue;
            const std::size_t low = std::min(bin, cut), high = std::max(bin, cut);
            const Sums a = b.upto(low, lane), c = minus(all, b.upto(high, lane)),
                       m = minus(b.upto(high, lane), b.upto(low, lane));
            const bool ordered = sign * (value(m) - value(a)) >= 0 && sign * (value(c) - value(m)) >= 0;
            if (!fits(a) || !fits(m) || !fits(c) || !ordered) continue;
            more = std::max(more, score(a) + score(m) + score(c) - score(all) - most);
          }
          ASSERT_NEAR(second.gain[lane], more, 1e-9 * (1 + most + more));
        }
      }
    }
}

/// A cut along one axis and one more on either side, by the definition.
TEST(AdditiveKernels, FindsTheBestQuarters) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const std::size_t first = 3 + seed, second = 7 - seed;
    Bins cells(first * second, seed + 50);  // of which only the differences count
    std::vector<double> cumulative[3];
    for (auto& all : cumulative) all.assign(first * second * lanes, 0.0);
    const auto cell = [&](std::size_t a, std::size_t b, std::size_t lane) {
      const std::size_t at = a * second + b;
      return at == 0 ? cells.upto(0, lane) : minus(cells.upto(at, lane), cells.upto(at - 1, lane));
    };
    const auto range = [&](std::size_t a0, std::size_t a1, std::size_t b0, std::size_t b1, std::size_t lane) {
      Sums sum;
      for (std::size_t a = a0; a < a1; ++a)
        for (std::size_t b = b0; b < b1; ++b) {
          const Sums c = cell(a, b, lane);
          sum = {sum.g + c.g, sum.h + c.h, sum.rows + c.rows};
        }
      return sum;
    };
    for (std::size_t lane = 0; lane < lanes; ++lane)
      for (std::size_t a = 0; a < first; ++a)
        for (std::size_t b = 0; b < second; ++b) {
          const Sums s = range(0, a + 1, 0, b + 1, lane);
          const std::size_t at = (a * second + b) * lanes + lane;
          cumulative[0][at] = s.g;
          cumulative[1][at] = s.h;
          cumulative[2][at] = s.rows;
        }
    for (const LaneKernels* level : levels()) {
      GridFound found{};
      alignas(64) double orientation[lanes] = {};
      GridSearch search{.gradients = cumulative[0].data(),
                        .hessians = cumulative[1].data(),
                        .rows = cumulative[2].data(),
                        .outer = first,
                        .inner = second,
                        .outer_stride = second * lanes,
                        .inner_stride = lanes,
                        .min_rows = 4,
                        .min_hessian = 0.5};
      level->find_grid(search, found, 0, orientation);
      std::swap(search.outer, search.inner);
      std::swap(search.outer_stride, search.inner_stride);
      level->find_grid(search, found, 1, orientation);
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        double most = 0;
        const auto side = [&](bool turned, std::size_t o0, std::size_t o1) {
          const auto part = [&](std::size_t i0, std::size_t i1) {
            return turned ? range(i0, i1, o0, o1, lane) : range(o0, o1, i0, i1, lane);
          };
          const std::size_t inner = turned ? first : second;
          double best = score(part(0, inner));
          for (std::size_t i = 1; i < inner; ++i)
            if (fits(part(0, i)) && fits(part(i, inner)))
              best = std::max(best, score(part(0, i)) + score(part(i, inner)));
          return best;
        };
        for (const bool turned : {false, true}) {
          const std::size_t outer = turned ? second : first;
          for (std::size_t o = 1; o < outer; ++o) {
            const Sums below = turned ? range(0, first, 0, o, lane) : range(0, o, 0, second, lane);
            const Sums all = range(0, first, 0, second, lane);
            if (!fits(below) || !fits(minus(all, below))) continue;
            most = std::max(most, side(turned, 0, o) + side(turned, o, outer) - score(all));
          }
        }
        ASSERT_NEAR(found.gain[lane], most, 1e-9 * (1 + most)) << level->name;
      }
    }
  }
}

}  // namespace
}  // namespace automill::additive
