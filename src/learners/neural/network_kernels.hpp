#pragma once
// The inner loops of a network that predicts, compiled once for each SIMD level and picked once at run time. Every
// level gives the same bits: an output is one sum in the order of the inputs, and the rest is the same IEEE expression
// per element (no fused multiply-add). So do a row alone and the same row in a batch.
//
// Activations lie in panels of 16 columns: column c of row r at [(c / 16) * stride + r] * 16 + c % 16, with `stride`
// rows a panel. Weights lie in panels of 16 outputs: [outputs / 16][inputs][16]. Columns beyond the last are 0.

#include <automill/core/export.hpp>
#include <cstddef>
#include <cstdint>

namespace automill::neural {

constexpr std::size_t panel = 16;
constexpr std::size_t panels_of(std::size_t columns) { return (columns + panel - 1) / panel; }
constexpr std::size_t padded(std::size_t columns) { return panels_of(columns) * panel; }

/// Rows a panel for so many rows: not a power of two, so that panels do not fall on the same lines of the cache.
constexpr std::size_t stride_of(std::size_t rows) {
  return rows < 32 ? (rows + 15) / 16 * 16 : (rows + 15) / 16 * 16 + 8;
}

enum class Activation : std::uint8_t { selu, mish, relu };

/// out = start + a w, for some rows.
struct Product {
  const float* a = nullptr;  ///< panels of `inner` columns
  std::size_t a_stride = 0, rows = 0, inner = 0;
  const float* w = nullptr;      ///< [panels][inner][16]
  const float* start = nullptr;  ///< [panels][16], or null: 0
  float* out = nullptr;
  std::size_t out_stride = 0, panels = 0;
};

/// Periodic embeddings of numbers (Gorishniy et al. 2022, with the bias and the shortcut of RealMLP): number j becomes
/// `width` columns: width - 1 linear combinations of cos(2 pi x w + b) at some frequencies, and x itself.
struct NumberEmbedding {
  std::size_t numbers = 0, frequencies = 0, width = 1;
  const float* frequency = nullptr;  ///< w: [numbers][frequencies]
  const float* phase = nullptr;      ///< b, radians
  const float* weight = nullptr;     ///< [numbers][width - 1][frequencies]
  const float* bias = nullptr;       ///< [numbers][width - 1]

  /// Of `count` numbers from `first` on, a multiple of 16: their columns begin with a panel.
  NumberEmbedding part(std::size_t first, std::size_t count) const {
    const std::size_t made = width - 1;
    return {count,
            frequencies,
            width,
            frequency + first * frequencies,
            phase + first * frequencies,
            weight + first * made * frequencies,
            bias + first * made};
  }
};

struct NetworkKernels {
  const char* name;
  void (*multiply)(const Product& product);
  /// x <- x + slope (activation(x) - x), in place; a slope a column.
  void (*activate)(Activation activation, const float* slopes, float* values, std::size_t stride, std::size_t rows,
                   std::size_t panels);
  /// `numbers`: [numbers][stride], readable up to the next multiple of 16 rows; columns 0 ... numbers * width - 1 of
  /// `out` are written.
  void (*embed)(const NumberEmbedding& embedding, const float* numbers, std::size_t stride, std::size_t rows,
                float* out);
};

const NetworkKernels& baseline_network_kernels();
const NetworkKernels& avx2_network_kernels();
const NetworkKernels& avx512_network_kernels();

/// Kernels of the best level; picked at the first call.
AUTOMILL_EXPORT const NetworkKernels& network_kernels();

}  // namespace automill::neural
