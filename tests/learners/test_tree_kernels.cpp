// The inner loops against plain ones and long doubles, and every SIMD level against the baseline, bit for bit.

#include <gtest/gtest.h>

#include "tree_tools.hpp"

using namespace tree_tools;

namespace {

constexpr long double rounding = 0x1p-53L;  // of one operation, relative

/// Row numbers that jump, some twice.
std::vector<std::uint32_t> jumping_rows(std::size_t count, std::size_t table_rows, RandomStream& random) {
  std::vector<std::uint32_t> rows(count);
  for (auto& row : rows) row = static_cast<std::uint32_t>(random.below(table_rows));
  return rows;
}

std::vector<std::int64_t> random_integers(std::size_t count, RandomStream& random) {
  std::vector<std::int64_t> values(count);
  for (auto& value : values) value = static_cast<std::int64_t>(random.next()) >> 14;  // thousands fit into 63 bits
  return values;
}

/// Integers as the kernels add them: modulo 2^64.
void add_to(std::int64_t& sum, std::int64_t value) {
  sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(value));
}

TEST(TreeKernels, EveryLevelOfThisProcessorIsThere) {
  const auto levels = kernel_levels();
  EXPECT_STREQ(levels[0]->name, "baseline");
  EXPECT_EQ(levels.back(), &kernels());
  EXPECT_EQ(&kernels_for(best_simd_level()), &kernels());
  for (std::size_t i = 1; i < levels.size(); ++i) EXPECT_STRNE(levels[i]->name, levels[i - 1]->name);
}

TEST(TreeKernels, HistogramsAreSumsByCode) {
  RandomStream random = random_of(1);
  const std::size_t table_rows = 3000;
  std::vector<std::uint64_t> words(table_rows);
  for (auto& word : words) word = random.next();
  for (const std::size_t size : {0, 1, 5, 23, 24, 25, 300, 3000})
    for (const bool listed : {false, true})
      for (int lane_count = 1; lane_count <= 8; ++lane_count) {
        std::vector<std::uint8_t> lanes{0, 1, 2, 3, 4, 5, 6, 7};
        if (size % 2 == 0) random.shuffle(lanes);  // else the first ones, which take another path
        lanes.resize(static_cast<std::size_t>(lane_count));
        std::sort(lanes.begin(), lanes.end());
        const auto rows = jumping_rows(size, table_rows, random);
        const auto gradients = random_integers(size, random), before = random_integers(256 * 8, random);
        auto expected = before;
        for (std::size_t i = 0; i < size; ++i)
          for (std::uint8_t lane : lanes) {
            const std::uint64_t code = (words[listed ? rows[i] : i] >> (8 * lane)) & 255;
            add_to(expected[code * 8 + lane], gradients[i]);
          }
        for (const Kernels* level : kernel_levels()) {
          auto histogram = before;
          level->build(words.data(), listed ? rows.data() : nullptr, size, gradients.data(), histogram.data(),
                       lanes.data(), lane_count);
          EXPECT_EQ(histogram, expected) << level->name << " size " << size << " lanes " << lane_count;
        }
      }
}

TEST(TreeKernels, HistogramsOfCategoriesAreSumsByCodeLaneByLane) {
  RandomStream random = random_of(12);
  const std::array<std::uint32_t, 8> starts{0, 256, 500, 1'000, 1'300, 1'600, 1'900, 2'200};
  std::vector<std::uint64_t> words(700);
  for (auto& word : words) word = random.next();
  const std::vector<std::uint8_t> all{0, 1, 2, 3, 4, 5, 6, 7};
  for (const bool listed : {false, true})
    for (const auto& lanes : {std::vector<std::uint8_t>{3}, std::vector<std::uint8_t>{0, 4, 7}, all}) {
      const auto rows = jumping_rows(700, 700, random);
      const auto gradients = random_integers(700, random), before = random_integers(2'456, random);
      auto expected = before;
      for (std::size_t i = 0; i < 700; ++i)
        for (std::uint8_t lane : lanes)
          add_to(expected[starts[lane] + ((words[listed ? rows[i] : i] >> (8 * lane)) & 255)], gradients[i]);
      for (const Kernels* level : kernel_levels()) {
        auto histogram = before;
        level->build_categories(words.data(), listed ? rows.data() : nullptr, 700, gradients.data(), histogram.data(),
                                starts.data(), lanes.data(), static_cast<int>(lanes.size()));
        EXPECT_EQ(histogram, expected) << level->name;
      }
    }
}

TEST(TreeKernels, WideHistogramsAreSumsByCode) {
  RandomStream random = random_of(2);
  std::vector<std::uint16_t> codes(900);
  for (auto& code : codes) code = static_cast<std::uint16_t>(random.below(700));
  for (const bool listed : {false, true}) {
    const auto rows = jumping_rows(900, 900, random);
    const auto gradients = random_integers(900, random), before = random_integers(700, random);
    auto expected = before;
    for (std::size_t i = 0; i < 900; ++i) add_to(expected[codes[listed ? rows[i] : i]], gradients[i]);
    for (const Kernels* level : kernel_levels()) {
      auto histogram = before;
      level->build_wide(codes.data(), listed ? rows.data() : nullptr, 900, gradients.data(), histogram.data());
      EXPECT_EQ(histogram, expected) << level->name;
    }
  }
}

TEST(TreeKernels, SubtractTakesEachEntryAway) {
  RandomStream random = random_of(3);
  for (std::size_t size = 0; size < 40; ++size) {
    auto parent = random_integers(size + 1, random);
    const auto child = random_integers(size + 1, random);
    auto expected = parent;
    for (std::size_t i = 0; i < size; ++i)  // the last entry is not asked for
      expected[i] =
          static_cast<std::int64_t>(static_cast<std::uint64_t>(parent[i]) - static_cast<std::uint64_t>(child[i]));
    for (const Kernels* level : kernel_levels()) {
      auto result = parent;
      level->subtract(result.data(), child.data(), size);
      EXPECT_EQ(result, expected) << level->name << " size " << size;
    }
  }
}

TEST(TreeKernels, PartitionIsStable) {
  RandomStream random = random_of(4);
  const std::size_t table_rows = 20'000;
  std::vector<std::uint64_t> words(table_rows);
  std::vector<std::uint16_t> codes(table_rows);
  for (auto& word : words) word = random.next();
  for (auto& code : codes) code = static_cast<std::uint16_t>(random.below(1000));
  std::vector<std::uint8_t> goes_left(1000);
  for (auto& side : goes_left) side = random.below(3) == 0 ? 1 : 0;
  for (const std::size_t size : {0, 1, 2, 100, 4096, 4097, 9001}) {
    const auto rows = jumping_rows(size, table_rows, random);
    for (int lane = -1; lane < 8; ++lane) {  // -1: wide codes
      const auto left = [&](std::uint32_t row) {
        return goes_left[lane < 0 ? codes[row] : (words[row] >> (8 * lane)) & 255] != 0;
      };
      auto expected = rows;
      const auto middle = std::stable_partition(expected.begin(), expected.end(), left);
      for (const Kernels* level : kernel_levels()) {
        auto result = rows;
        std::vector<std::uint32_t> scratch(size);
        const std::size_t count =
            lane < 0 ? level->partition_wide(codes.data(), goes_left.data(), result.data(), scratch.data(), size)
                     : level->partition(words.data(), lane, goes_left.data(), result.data(), scratch.data(), size);
        EXPECT_EQ(count, static_cast<std::size_t>(middle - expected.begin())) << level->name;
        EXPECT_EQ(result, expected) << level->name << " size " << size << " lane " << lane;
      }
    }
  }
}

/// A histogram of eight features over the same rows, whose Hessians are at least one a row.
struct ScanProblem {
  FieldLayout fields;
  int bins = 0;
  std::vector<std::int64_t> gradients, hessians, first, second, only;
  double gradient = 0, hessian = 0, l1 = 0, l2 = 0, lowest = 1;

  ScanInput input() const {
    const double t = std::max(std::abs(gradient) - l1, 0.0);
    return {.fields = fields,
            .histogram = first.data(),
            .second = fields.wide ? second.data() : nullptr,
            .bins = bins,
            .gradient = gradient,
            .hessian = hessian,
            .l1 = l1,
            .l2 = l2,
            .parent_score = t * t / (hessian + l2),
            .lowest = lowest,
            .highest = hessian - lowest,
            .only_bin = only.empty() ? nullptr : only.data()};
  }
};

ScanProblem random_scan(std::uint64_t seed) {
  RandomStream random = random_of(1000 + seed);
  ScanProblem problem;
  problem.fields = seed % 3 == 0   ? FieldLayout{.gradient_shift = 12, .hessian_mask = (1ULL << 52) - 1, .wide = true}
                   : seed % 3 == 1 ? FieldLayout{}
                                   : FieldLayout{.gradient_shift = 14, .hessian_mask = (1ULL << 14) - 1};
  problem.bins = 2 + static_cast<int>(random.below(30));
  const auto entries = static_cast<std::size_t>(problem.bins) * 8;
  problem.gradients.assign(entries, 0);
  problem.hessians.assign(entries, 0);
  const bool with_missing = seed % 2 == 0;
  for (int row = 0; row < 200; ++row) {
    const auto g = static_cast<std::int64_t>(random.below(2001)) - 1000,
               h = 1 + static_cast<std::int64_t>(random.below(9));
    for (std::size_t lane = 0; lane < 8; ++lane) {
      const std::size_t own = 1 + (lane * static_cast<std::size_t>(problem.bins - 1)) / 8;  // lanes differ in bins
      const std::size_t bin = with_missing && random.below(6) == 0 ? 0 : 1 + random.below(own);
      problem.gradients[bin * 8 + lane] += g;
      problem.hessians[bin * 8 + lane] += h;
    }
    problem.gradient += static_cast<double>(g);
    problem.hessian += static_cast<double>(h);
  }
  for (std::size_t e = 0; e < entries; ++e) {
    const std::int64_t high = problem.gradients[e] * (std::int64_t{1} << problem.fields.gradient_shift);
    problem.first.push_back(problem.fields.wide ? high : high + problem.hessians[e]);
    problem.second.push_back(problem.hessians[e]);
  }
  problem.l1 = seed % 5 < 2 ? 300.0 * random.uniform() : 0;
  problem.l2 = seed % 7 < 3 ? 100 * random.uniform() : 1e-15;
  problem.lowest = 0.5 + static_cast<double>(random.below(60));
  if (seed % 4 == 3)
    for (int lane = 0; lane < 8; ++lane)
      problem.only.push_back(1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(problem.bins))));
  return problem;
}

long double score_of(long double gradient, long double hessian, const ScanProblem& problem) {
  const long double t = std::max<long double>(std::abs(gradient) - problem.l1, 0);
  return t * t / (hessian + problem.l2);
}

/// Gain of a threshold; -infinity where it is not allowed.
long double gain_at(const ScanProblem& problem, std::size_t lane, std::size_t last_bin, bool missing_left) {
  if (!problem.only.empty() && static_cast<std::size_t>(problem.only[lane]) != last_bin) return -infinite;
  long double gradient = 0, hessian = 0;
  for (std::size_t bin = missing_left ? 0 : 1; bin <= last_bin; ++bin) {
    gradient += problem.gradients[bin * 8 + lane];
    hessian += problem.hessians[bin * 8 + lane];
  }
  if (hessian < problem.lowest || hessian > problem.hessian - problem.lowest) return -infinite;
  return score_of(gradient, hessian, problem) +
         score_of(problem.gradient - gradient, problem.hessian - hessian, problem) -
         score_of(problem.gradient, problem.hessian, problem);
}

TEST(TreeKernels, ScanFindsTheBestOfAllThresholds) {
  int found = 0, none = 0, to_the_left = 0;
  for (std::uint64_t seed = 0; seed < 420; ++seed) {
    const ScanProblem problem = random_scan(seed);
    LaneBest best;
    baseline_kernels().scan(problem.input(), best);
    for (std::size_t lane = 0; lane < 8; ++lane) {
      long double expected = -infinite;
      for (std::size_t bin = 1; bin < static_cast<std::size_t>(problem.bins); ++bin)
        for (const bool missing_left : {false, true})
          expected = std::max(expected, gain_at(problem, lane, bin, missing_left));
      if (std::isinf(expected)) {
        EXPECT_EQ(best.gain[lane], -infinite) << seed;
        ++none;
        continue;
      }
      ++found;
      to_the_left += best.missing_left[lane] != 0 ? 1 : 0;
      // scores of a side are at most about G^2 / lowest; a dozen operations on them
      const long double size = 1 + 200.0L * 1000 * 1000 * 200 / problem.lowest, tolerance = 16 * rounding * size;
      EXPECT_NEAR(static_cast<double>(best.gain[lane] - expected), 0, static_cast<double>(tolerance)) << seed;
      const long double chosen =
          gain_at(problem, lane, static_cast<std::size_t>(best.bin[lane]), best.missing_left[lane] != 0);
      EXPECT_NEAR(static_cast<double>(chosen - expected), 0, static_cast<double>(tolerance)) << seed;
    }
  }
  EXPECT_GT(found, 2000);  // the cases do cover both outcomes and both directions
  EXPECT_GT(none, 50);
  EXPECT_GT(to_the_left, 100);
}

TEST(TreeKernels, ScanGivesTheSameBitsAtEveryLevel) {
  for (std::uint64_t seed = 0; seed < 420; ++seed) {
    const ScanProblem problem = random_scan(seed);
    LaneBest expected;
    baseline_kernels().scan(problem.input(), expected);
    for (const Kernels* level : kernel_levels()) {
      LaneBest best;
      level->scan(problem.input(), best);
      for (std::size_t lane = 0; lane < 8; ++lane) {
        EXPECT_EQ(std::bit_cast<std::uint64_t>(best.gain[lane]), std::bit_cast<std::uint64_t>(expected.gain[lane]));
        EXPECT_EQ(best.bin[lane], expected.bin[lane]) << level->name << " seed " << seed;
        EXPECT_EQ(best.missing_left[lane], expected.missing_left[lane]) << level->name << " seed " << seed;
      }
    }
  }
}

struct Rounded {
  std::vector<std::int64_t> first, second;
  bool operator==(const Rounded&) const = default;
};

TEST(TreeKernels, RoundingIsUnbiasedAndWithinOneUnit) {
  const std::size_t size = 40'003;  // not a multiple of any vector
  const auto keys = random_keys(size, 5);
  std::vector<double> gradients(size), hessians(size);
  for (std::size_t i = 0; i < size; ++i) {
    gradients[i] = static_cast<double>(i % 17) * 0.37 - 3;
    hessians[i] = static_cast<double>(i % 5) * 0.21;
  }
  for (const bool wide : {false, true})
    for (const bool constant : {false, true}) {
      RoundingInput input{.gradients = gradients.data(),
                          .hessians = constant ? nullptr : hessians.data(),
                          .keys = keys.data(),
                          .size = size,
                          .gradient_scale = 4,
                          .hessian_scale = 8,
                          .multiplier = mix64(77) | 1,
                          .fields = {}};
      if (wide) input.fields = {.gradient_shift = 12, .hessian_mask = (1ULL << 52) - 1, .wide = true};
      const auto run = [&](const Kernels& level) {
        Rounded rounded{std::vector<std::int64_t>(size), std::vector<std::int64_t>(wide ? size : 0)};
        level.round_gradients(input, rounded.first.data(), rounded.second.data());
        return rounded;
      };
      const Rounded rounded = run(baseline_kernels());
      for (const Kernels* level : kernel_levels()) EXPECT_TRUE(run(*level) == rounded) << level->name;
      const GradientScale scale{.fields = input.fields};
      double gradient_error = 0, hessian_error = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const Moments one = scale.moments({rounded.first[i], wide ? rounded.second[i] : 0});
        const double hessian = constant ? 1 : hessians[i] * 8;
        ASSERT_LT(std::abs(one.gradient - gradients[i] * 4), 1) << i;
        ASSERT_LT(std::abs(one.hessian - hessian), 1) << i;
        gradient_error += one.gradient - gradients[i] * 4;
        hessian_error += one.hessian - hessian;
      }
      // independent errors of at most 1/2 standard deviation: six standard deviations of the sum are 3 sqrt(size)
      EXPECT_LT(std::abs(gradient_error), 3 * std::sqrt(static_cast<double>(size)));
      EXPECT_LT(std::abs(hessian_error), 3 * std::sqrt(static_cast<double>(size)));
    }
}

/// Scores of every size that matters, with weights and classes beside them.
struct LogisticRows {
  std::vector<double> scores{0.0,  -0.0, 1e-300, -1e-20, 1e-9, 0.5, -0.5, 36.0, -36.0,
                             37.5, 300,  -300,   707,    -707, 800, -800, 1e5,  -1e5};
  std::vector<double> positive, weights;
  LogisticRows() {
    for (double value : random_numbers(500, 6)) scores.push_back(6 * value);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      positive.push_back(i % 3 == 0 ? 1 : 0);
      weights.push_back(0.5 + static_cast<double>(i % 4));
    }
  }
};

TEST(TreeKernels, LogisticAgreesWithLongDouble) {
  const LogisticRows rows;
  const std::size_t size = rows.scores.size();
  for (const bool weighted : {false, true}) {
    std::vector<double> gradients(size), hessians(size), losses(size);
    kernels().logistic(rows.scores.data(), rows.positive.data(), weighted ? rows.weights.data() : nullptr, size,
                       gradients.data(), hessians.data());
    kernels().logistic_loss(rows.scores.data(), rows.positive.data(), size, losses.data());
    for (std::size_t i = 0; i < size; ++i) {
      const long double s = rows.scores[i], weight = weighted ? rows.weights[i] : 1.0;
      const long double p = 1 / (1 + std::exp(-s)), q = 1 / (1 + std::exp(s));
      // probabilities are at most 1 and pass through about eight rounded operations
      EXPECT_NEAR(gradients[i], static_cast<double>((rows.positive[i] == 1 ? -q : p) * weight), 9e-16 * 4)
          << rows.scores[i];
      EXPECT_NEAR(hessians[i], static_cast<double>(p * q * weight), 9e-16 * 4) << rows.scores[i];
      EXPECT_GE(hessians[i], 0);
      const long double loss = rows.positive[i] == 1 ? std::log1p(std::exp(-std::abs(s))) + std::max(-s, 0.0L)
                                                     : std::log1p(std::exp(-std::abs(s))) + std::max(s, 0.0L);
      EXPECT_NEAR(losses[i], static_cast<double>(loss),
                  static_cast<double>(8 * rounding * std::max(1.0L, std::abs(s))));
    }
  }
  // a small probability keeps its relative precision
  const double score = -30, negative = 0;
  double gradient = 0, hessian = 0;
  kernels().logistic(&score, &negative, nullptr, 1, &gradient, &hessian);
  const long double p = 1 / (1 + std::exp(30.0L));
  EXPECT_NEAR(gradient / static_cast<double>(p), 1, 1e-15);
  EXPECT_NEAR(hessian / static_cast<double>(p * (1 - p)), 1, 1e-15);
}

TEST(TreeKernels, LogisticGivesTheSameBitsAtEveryLevelAndForAnyNumberOfRows) {
  const LogisticRows rows;
  const std::size_t all = rows.scores.size();
  const auto run = [&](const Kernels& level, std::size_t size) {
    std::vector<double> out(3 * all + 3, -7.0);  // what is beyond the rows stays
    level.logistic(rows.scores.data(), rows.positive.data(), rows.weights.data(), size, out.data(),
                   out.data() + all + 1);
    level.logistic_loss(rows.scores.data(), rows.positive.data(), size, out.data() + 2 * all + 2);
    return out;
  };
  const auto whole = run(baseline_kernels(), all);
  for (std::size_t size = 0; size <= all; size += size < 40 ? 1 : 97) {
    std::vector<double> expected = whole;
    for (std::size_t part = 0; part < 3; ++part)
      std::fill_n(expected.begin() + static_cast<std::ptrdiff_t>(part * (all + 1) + size), all + 1 - size, -7.0);
    for (const Kernels* level : kernel_levels())
      EXPECT_EQ(bits_of(run(*level, size)), bits_of(expected)) << level->name << " size " << size;
  }
}

TEST(TreeKernels, SoftmaxAgreesWithLongDouble) {
  for (const std::size_t classes : {2, 3, 7}) {
    const std::size_t size = 61, stride = 64;
    const std::vector<double> scores = [&] {
      std::vector<double> values = random_numbers(classes * stride, classes);
      for (double& value : values) value *= 20;
      values[5] = 1000;  // alone
      return values;
    }();
    std::vector<double> p = scores, logs(size);
    kernels().softmax(p.data(), classes, stride, size, logs.data());
    for (std::size_t i = 0; i < size; ++i) {
      long double top = -infinite, sum = 0;
      for (std::size_t k = 0; k < classes; ++k) top = std::max<long double>(top, scores[k * stride + i]);
      for (std::size_t k = 0; k < classes; ++k) sum += std::exp(scores[k * stride + i] - top);
      double total = 0;
      for (std::size_t k = 0; k < classes; ++k) {
        const long double exact = std::exp(scores[k * stride + i] - top) / sum;
        // the difference to the top is rounded, and x e^-x is below 1: a few roundings of 1 and one a class
        EXPECT_NEAR(p[k * stride + i], static_cast<double>(exact), static_cast<double>((10 + classes) * rounding));
        total += p[k * stride + i];
      }
      EXPECT_NEAR(total, 1, static_cast<double>(2 * classes * rounding));
      const long double log_sum = top + std::log(sum);
      EXPECT_NEAR(logs[i], static_cast<double>(log_sum),
                  static_cast<double>((8 + classes) * rounding * std::max(1.0L, std::abs(log_sum))));
    }
  }
}

TEST(TreeKernels, SoftmaxGivesTheSameBitsAtEveryLevelAndForAnyNumberOfRows) {
  const std::size_t classes = 5, stride = 50;
  const std::vector<double> scores = random_numbers(classes * stride, 8);
  std::vector<double> whole = scores, whole_logs(stride);
  baseline_kernels().softmax(whole.data(), classes, stride, stride, whole_logs.data());
  for (std::size_t size = 0; size <= stride; ++size) {
    std::vector<double> expected = scores, expected_logs(stride, -7.0);
    for (std::size_t k = 0; k < classes; ++k)
      for (std::size_t i = 0; i < size; ++i) expected[k * stride + i] = whole[k * stride + i];
    std::copy_n(whole_logs.begin(), size, expected_logs.begin());
    for (const Kernels* level : kernel_levels()) {
      std::vector<double> p = scores, without = scores, logs(stride, -7.0);
      level->softmax(p.data(), classes, stride, size, logs.data());
      level->softmax(without.data(), classes, stride, size, nullptr);
      EXPECT_EQ(bits_of(p), bits_of(expected)) << level->name << " size " << size;
      EXPECT_EQ(bits_of(without), bits_of(expected)) << level->name << " size " << size;
      EXPECT_EQ(bits_of(logs), bits_of(expected_logs)) << level->name << " size " << size;
    }
  }
}

TEST(TreeKernels, LargestIsTheLargestMagnitude) {
  for (const Kernels* level : kernel_levels()) {
    for (std::size_t size = 0; size < 40; ++size) {
      std::vector<double> values = random_numbers(40, size);
      values[39] = 1e9;  // not asked for
      double expected = 0;
      for (std::size_t i = 0; i < size; ++i) expected = std::max(expected, std::abs(values[i]));
      EXPECT_EQ(level->largest(values.data(), size), expected) << level->name << " size " << size;
      for (std::size_t at = 0; at < size; ++at) {
        std::vector<double> bad = values;
        bad[at] = -infinite;
        EXPECT_EQ(level->largest(bad.data(), size), infinite) << level->name;
        bad[at] = missing;
        bad[(at + 1) % size] = size > 1 ? infinite : missing;
        EXPECT_TRUE(std::isnan(level->largest(bad.data(), size))) << level->name;
      }
    }
  }
}

TEST(TreeKernels, SumsOfMagnitudesAreSumsOfRoundedIntegers) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::vector<double> values = random_numbers(40, size);
    const double scale = 0x1p30;
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < size; ++i)
      expected += static_cast<std::uint64_t>(std::nearbyint(std::abs(values[i]) * scale));
    for (const Kernels* level : kernel_levels())
      EXPECT_EQ(level->sum_magnitudes(values.data(), size, scale), expected) << level->name << " size " << size;
  }
  const std::vector<double> largest(1000, 0x1p51 - 1);
  for (const Kernels* level : kernel_levels())
    EXPECT_EQ(level->sum_magnitudes(largest.data(), 1000, 1), 1000 * ((1ULL << 51) - 1)) << level->name;
}

}  // namespace
