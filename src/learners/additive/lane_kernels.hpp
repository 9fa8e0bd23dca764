#pragma once
// The inner loops of additive models. Eight models that see the same rows - bags, or classes of a bag - are boosted
// side by side: "lanes" of one vector. Compiled once for each SIMD level and picked once at run time; a lane is never
// added to another one but in the softmax, so every level gives the same bits.

#include <cstddef>
#include <cstdint>

namespace automill::additive {

constexpr std::size_t lanes = 8;

enum class Loss : std::uint8_t { squared_error, logistic, softmax, poisson };

/// Some neighbouring rows and where each lane stands in them. `vectors` vectors of eight lanes a row: 1 but for more
/// than eight classes.
struct LaneRows {
  float* state = nullptr;                ///< [row][vectors][lanes]: residual, probability or rate
  const float* targets = nullptr;        ///< [row]: value, 0 or 1, or the class
  const float* weights = nullptr;        ///< [row]; null: all one
  const std::uint8_t* in_bag = nullptr;  ///< [row]: a bit a lane; with several vectors, all or none
  std::size_t count = 0, vectors = 1;
  std::size_t lanes_per_bag = 1;  ///< softmax: 4, or all of the row
  std::size_t classes = 1;        ///< softmax
};

/// Sums of the bins of one term for eight lanes: [bin][gradient, Hessian][lanes].
constexpr std::size_t bin_sums = 2 * lanes;

/// Prefix sums of the bins of an ordered column and where they are cut. Sums of lane l of bin b: sums[b * stride + l].
struct CutSearch {
  const double* gradients = nullptr;
  const double* hessians = nullptr;
  const double* rows = nullptr;  ///< in bag
  std::size_t stride = lanes;    ///< of all three, between bins
  std::size_t bins = 0;          ///< cut b parts bins up to b from the others, b < bins - 1
  double min_rows = 1, min_hessian = 0, l2 = 0;
  int sign = 0;  ///< 1: values may only rise with the bin, -1: only fall
  /// A cut that is there already, whose better side is cut again; bins - 1: none.
  const double* first_cut = nullptr;
};
struct CutFound {
  alignas(64) double gain[lanes];  ///< beyond the score of what is cut; 0: no cut is allowed
  alignas(64) double cut[lanes];   ///< bins - 1 where none is
};

/// Cumulative sums of a grid, [first][second][lanes], and a first cut along one of its axes.
struct GridSearch {
  const double* gradients = nullptr;
  const double* hessians = nullptr;
  const double* rows = nullptr;
  std::size_t outer = 0, inner = 0;                ///< cells along the first cut's axis and along the other one
  std::size_t outer_stride = 0, inner_stride = 0;  ///< in doubles
  double min_rows = 1, min_hessian = 0, l2 = 0;
};
/// The best of all: cut `outer`, and on either side a cut of the other axis (inner - 1: none).
struct GridFound {
  alignas(64) double gain[lanes];
  alignas(64) double outer[lanes], below[lanes], above[lanes];
};

struct LaneKernels {
  const char* name;
  /// Adds update[codes[row]] to the scores behind `rows.state` (null: nothing is added; |update| <= most_step), then
  /// gives gradients and Hessians, 0 where a lane does not train on the row.
  void (*step)(Loss loss, const LaneRows& rows, const std::uint16_t* codes, const float* update, float* gradients,
               float* hessians);
  /// `step`, then histogram[to[row]] += (gradient, Hessian), for rows of one vector and no softmax. Squared errors have
  /// constant Hessians, which are not added.
  void (*step_and_add)(Loss loss, const LaneRows& rows, const std::uint16_t* codes, const float* update,
                       const std::uint16_t* to, float* histogram);
  /// histogram[codes[row]] += (gradients[row], hessians[row]) for vector `vector` of the rows; null: no Hessians.
  void (*add)(const std::uint16_t* codes, const float* gradients, const float* hessians, std::size_t count,
              std::size_t vectors, std::size_t vector, float* histogram);
  /// scores[row] += table[codes[row]], `width` floats each, a multiple of eight.
  void (*add_table)(const std::uint16_t* codes, const float* table, std::size_t count, std::size_t width,
                    float* scores);
  /// States from scores, and sums of the loss of rows that a lane does not train on, for lanes of `counted`:
  /// losses[lane] += weight * loss.
  void (*start)(Loss loss, const LaneRows& rows, const float* scores, std::uint8_t counted, double* losses);
  /// sums[i] += histogram[i], which becomes 0.
  void (*flush)(float* histogram, double* sums, std::size_t size);
  void (*find_cut)(const CutSearch& search, CutFound& found);
  /// `found` must hold what was found before, or gains of 0.
  void (*find_grid)(const GridSearch& search, GridFound& found, double orientation, double* orientations);
};

/// Beyond it the series in `step` are not exact enough: states are then made anew by `start`.
constexpr float most_step = 0.25F;

const LaneKernels& baseline_lane_kernels();
const LaneKernels& avx2_lane_kernels();
/// Of the best level of this processor.
const LaneKernels& lane_kernels();

}  // namespace automill::additive
