#pragma once
// The inner loops of the tree learners, compiled once for each SIMD level and picked once at run time. Every level
// gives the same bits: histograms are integer sums, and the rest is the same IEEE expression per element (no fused
// multiply-add; the build sets -ffp-contract=off).

#include <automill/learners/tree/simd_level.hpp>
#include <cstddef>
#include <cstdint>

namespace automill::tree {

/// Features that lie side by side in one 64-bit word of bin codes.
constexpr int lanes_per_block = 8;

/// How a histogram entry is packed: see QuantisedGradients. The gradient is the signed top field, the Hessian the low
/// one; wide sums have them in two planes.
struct FieldLayout {
  int gradient_shift = 32;
  std::uint64_t hessian_mask = 0xffffffff;  ///< wide: of the second plane
  bool wide = false;
};

/// One search for the best numeric threshold of eight features. All amounts are in integer units of the histogram.
struct ScanInput {
  FieldLayout fields;
  const std::int64_t* histogram = nullptr;  ///< [bins][8]; bin 0 holds missing values
  const std::int64_t* second = nullptr;     ///< second plane where fields.wide
  int bins = 0;
  double gradient = 0, hessian = 0;  ///< totals of the node
  double l1 = 0, l2 = 0;
  double parent_score = 0;                 ///< taken from every gain
  double lowest = 0, highest = 0;          ///< the left side's Hessian must lie in [lowest, highest]; lowest > 0
  const std::int64_t* only_bin = nullptr;  ///< eight bins, the single threshold that is tried of each feature; or null
};

/// Best threshold of each lane: gain is the sum of both children's scores less the parent's, -infinity where no
/// threshold is allowed.
struct LaneBest {
  alignas(64) double gain[lanes_per_block];
  alignas(64) double bin[lanes_per_block];           ///< last bin of the left side
  alignas(64) double missing_left[lanes_per_block];  ///< 1 or 0
};

/// What one node adds to the scores of all numeric thresholds of eight features, where all nodes of a level share one.
/// Missing values lie below all numbers. In integer units of the histogram.
struct LevelInput {
  FieldLayout fields;
  const std::int64_t* histogram = nullptr;  ///< [bins][8]
  const std::int64_t* second = nullptr;     ///< second plane where fields.wide
  int bins = 0;
  double gradient = 0, hessian = 0;  ///< totals of the node
  double l2 = 0;                     ///< above 0
  double lowest = 0, highest = 0;    ///< else the node stays whole: the left side's Hessian lies in [lowest, highest]
};

/// The choice of a threshold of each of eight features from the scores of a level.
struct LevelChoice {
  const double* scores = nullptr;  ///< [bins][8]
  int bins = 0;
  double unit = 1;   ///< a score in units of the loss
  double noise = 0;  ///< standard deviation of what is added to the root of each score; 0: none
  std::uint64_t seeds[lanes_per_block] = {};  ///< of each lane's noise; not 0
  double ends[lanes_per_block] = {};          ///< each lane's thresholds are those below
};

/// One search for the best numeric threshold of a column whose histogram entries are sums of several outputs: 4 or 8
/// integers, gradients and last the Hessian that all outputs share.
struct OutputsScan {
  const std::int64_t* histogram = nullptr;  ///< [bins][entry_size]; bin 0 holds missing values; sums are below 2^51
  int entry_size = 8, bins = 0;
  const double* totals = nullptr;  ///< entry_size sums of the node
  double l2 = 0, node_score = 0;
  double lowest = 0, highest = 0;  ///< the left side's Hessian must lie in [lowest, highest]; lowest > 0
};
struct OutputsBest {
  double gain = 0;  ///< of both children less the node's score; -infinity where no threshold is allowed
  int bin = 0;      ///< last bin of the left side
  bool missing_left = false;
};

struct RoundingInput {
  const double* gradients = nullptr;
  const double* hessians = nullptr;  ///< null: constant
  const std::uint64_t* keys = nullptr;
  std::size_t size = 0;
  double gradient_scale = 1, hessian_scale = 1;  ///< powers of two: integer = value * scale, rounded at random
  std::uint64_t multiplier = 1;                  ///< odd; drawn for each tree
  FieldLayout fields;
};

struct Kernels {
  const char* name;
  /// histogram[code][lane] += gradients[i] for the chosen lanes of rows[i] (rows null: row i). `gradients` is in the
  /// order of `rows`; lanes ascend.
  void (*build)(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size, const std::int64_t* gradients,
                std::int64_t* histogram, const std::uint8_t* lanes, int lane_count);
  /// The same with lanes apart: histogram[starts[lane] + code] += gradients[i].
  void (*build_categories)(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                           const std::int64_t* gradients, std::int64_t* histogram, const std::uint32_t* starts,
                           const std::uint8_t* lanes, int lane_count);
  void (*build_wide)(const std::uint16_t* codes, const std::uint32_t* rows, std::size_t size,
                     const std::int64_t* gradients, std::int64_t* histogram);
  void (*subtract)(std::int64_t* parent, const std::int64_t* child, std::size_t size);
  void (*scan)(const ScanInput& input, LaneBest& best);
  /// scores[bin][lane] += GL^2 / (HL + l2) + GR^2 / (HR + l2), bins up to `bin` on the left; G^2 / (H + l2) for a node
  /// that stays whole. The last bin is left alone.
  void (*add_level)(const LevelInput& input, double* scores);
  /// The same for one category column, each bin by itself on the left; bins lie side by side.
  void (*add_level_bins)(const LevelInput& input, double* scores);
  /// best[lane] = the threshold with the largest root of its score plus noise; the first of equal ones. The noise is a
  /// sum of four uniform numbers, which is nearly normal.
  void (*choose)(const LevelChoice& input, double* best);
  /// Stable partition of rows by goes_left[code]; returns how many go left. `scratch` holds `size` rows.
  std::size_t (*partition)(const std::uint64_t* words, int lane, const std::uint8_t* goes_left, std::uint32_t* rows,
                           std::uint32_t* scratch, std::size_t size);
  std::size_t (*partition_wide)(const std::uint16_t* codes, const std::uint8_t* goes_left, std::uint32_t* rows,
                                std::uint32_t* scratch, std::size_t size);
  /// Stochastic rounding of gradients to packed integers: E[integer] = value * scale. first: packed; second: wide only.
  void (*round_gradients)(const RoundingInput& input, std::int64_t* first, std::int64_t* second);
  /// Logistic loss: positive[i] is 0 or 1; weights may be null.
  void (*logistic)(const double* scores, const double* positive, const double* weights, std::size_t size,
                   double* gradients, double* hessians);
  void (*logistic_loss)(const double* scores, const double* positive, std::size_t size, double* losses);
  /// Softmax over `classes` arrays of `size` values that lie `stride` apart, in place; log_sums may be null:
  /// log of the sum of exponentials (for the loss).
  void (*softmax)(double* scores, std::size_t classes, std::size_t stride, std::size_t size, double* log_sums);
  double (*largest)(const double* values, std::size_t size);  ///< max |value|; NaN or infinity if there is one
  /// Sum of |value| * scale, each rounded to an integer; the products must be below 2^51.
  std::uint64_t (*sum_magnitudes)(const double* values, std::size_t size, double scale);
  /// histogram[starts[lane] + code][entry_size] += the entry of rows[i], for the chosen lanes. `entries` are in the
  /// order of `rows`.
  void (*build_outputs)(const std::uint64_t* words, const std::uint32_t* rows, std::size_t size,
                        const std::int64_t* entries, int entry_size, std::int64_t* histogram,
                        const std::uint32_t* starts, const std::uint8_t* lanes, int lane_count);
  void (*build_outputs_wide)(const std::uint16_t* codes, const std::uint32_t* rows, std::size_t size,
                             const std::int64_t* entries, int entry_size, std::int64_t* histogram);
  void (*scan_outputs)(const OutputsScan& input, OutputsBest& best);
};

const Kernels& baseline_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();

const Kernels& kernels_for(SimdLevel level);
/// Kernels of the best level; picked at the first call.
const Kernels& kernels();

}  // namespace automill::tree
