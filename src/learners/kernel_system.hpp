#pragma once
// The equations of kernel ridge regression over some landmarks: similarities of rows to them, and what is known of
// these for all strengths of the penalty.

#include <automill/learners/kernel_model.hpp>

#include "linear_design.hpp"
#include "linear_tridiagonal.hpp"

namespace automill::linear {

/// Landmarks, and the map T from similarities to coordinates in which |f|^2 is a sum of squares: T'T = K^-1 for the
/// similarities K of the landmarks to each other.
class KernelBasis {
 public:
  /// `landmarks`: positions among the design's rows. Stopped leaves it. O(landmarks^2 (columns + landmarks)).
  KernelBasis(const Design& design, const Table& features, const std::vector<std::uint32_t>& landmarks, Kernel kernel,
              double length, const StopToken& stop);

  std::size_t size() const { return squares_.size(); }
  double length() const { return length_; }
  /// Landmarks x columns, row-major.
  std::vector<double> landmarks() const;
  /// Similarities of the rows of a tile, tile_rows x size, column by column; 0 beyond the rows. False: stopped.
  bool similarities(const Tile& tile, const StopToken& stop, std::vector<double>& out) const;
  /// T times these, in the same shape. (T times sums of products of similarities would be cheaper, and lose half of the
  /// digits: landmarks that are near each other make T large.)
  bool coordinates(const Tile& tile, const StopToken& stop, std::vector<double>& out) const;
  /// T'x.
  std::vector<double> map_back(const std::vector<double>& x) const;

 private:
  Kernel kernel_;
  double length_;
  std::size_t columns_;
  std::vector<double> transposed_{};  ///< columns x landmarks
  std::vector<double> squares_{};     ///< of each landmark's length
  std::vector<double> upper_{};       ///< T', row by row
};

/// Targets of the design's rows: outputs side by side, rows x outputs.
struct KernelTargets {
  std::vector<double> values{};
  std::size_t outputs = 1;
};

class KernelSystem {
 public:
  /// Over some rows, by position. Stopped leaves it. O(rows landmarks (columns + landmarks) + landmarks^3).
  KernelSystem(const Design& design, const Table& features, const KernelBasis& basis,
               const std::vector<std::uint32_t>& positions, const KernelTargets& targets, const RunContext& context);

  /// Mean of the diagonal of the coordinates' products: the unit of penalties.
  double unit() const { return unit_; }
  /// Generalised cross-validation, added up over outputs. O(landmarks outputs).
  double generalised_error(double penalty) const;
  /// Weights of the landmarks for an output, and the constant that goes with them.
  struct Function {
    std::vector<double> weights{};
    double offset = 0;
  };
  Function solve(double penalty, std::size_t output) const;
  /// What the fit without a row says of it, for at most 2 tiles of rows: rows x outputs. Nothing when stopped.
  std::optional<std::vector<double>> left_out(double penalty, const std::vector<std::uint32_t>& positions,
                                              const RunContext& context) const;
  double mean(std::size_t output) const { return target_means_[output]; }

 private:
  struct Sums;
  void add_rows(const std::vector<std::uint32_t>& positions, const RunContext& context, Sums& total) const;

  const Design* design_;
  const Table* features_;
  const KernelBasis* basis_;
  const KernelTargets* targets_;
  double rows_ = 0, total_weight_ = 0, unit_ = 0;
  std::vector<double> means_{};                     ///< of the coordinates
  std::vector<double> target_means_{}, squares_{};  ///< squares: of centred targets, by weight
  Tridiagonal reduced_{};
  std::vector<std::vector<double>> rotated_{};  ///< products of coordinates and targets, in the basis of `reduced_`
};

}  // namespace automill::linear
