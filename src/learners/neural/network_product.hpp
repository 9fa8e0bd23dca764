#pragma once
// The product of activations and weights, in tiles that stay in registers. Each output is one sum over the inputs in
// their order, whatever the shape of the tile.
// Included once a level, as network_vectors.hpp is.

#include "network_vectors.hpp"

namespace automill::neural {
namespace {

#if AUTOMILL_VECTOR_BYTES == 64
constexpr std::size_t tile_rows = 8, tile_panels = 2, row_panels = 8;
#elif AUTOMILL_VECTOR_BYTES == 32
constexpr std::size_t tile_rows = 4, tile_panels = 1, row_panels = 4;
#else
constexpr std::size_t tile_rows = 2, tile_panels = 1, row_panels = 2;
#endif
constexpr std::size_t inputs_at_once = 256;  // their weights, of the panels of a tile, stay in the first cache

/// Rows x Panels of the product from input `begin` to `end`; `begin` is a multiple of 16.
template <std::size_t Rows, std::size_t Panels>
AUTOMILL_INLINE void product_tile(const Product& product, std::size_t row, std::size_t first, std::size_t begin,
                                  std::size_t end) {
  constexpr std::size_t vectors = Panels * vectors_a_panel;
  Floats sums[Rows][vectors];
  AUTOMILL_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
    const std::size_t p = first + v / vectors_a_panel, lane = v % vectors_a_panel * lanes;
    AUTOMILL_UNROLL for (std::size_t r = 0; r < Rows; ++r) {
      if (begin > 0) sums[r][v] = load(product.out + (p * product.out_stride + row + r) * panel + lane);
      else sums[r][v] = product.start != nullptr ? load(product.start + p * panel + lane) : Floats{};
    }
  }
  const float* weights = product.w + (first * product.inner + begin) * panel;
  for (std::size_t k = begin; k < end; k += panel) {
    const float* a = product.a + (k / panel * product.a_stride + row) * panel;
    const std::size_t count = end - k < panel ? end - k : panel;
    for (std::size_t i = 0; i < count; ++i) {
      Floats w[vectors];
      AUTOMILL_UNROLL for (std::size_t v = 0; v < vectors; ++v) w[v] =
          load(weights + v / vectors_a_panel * product.inner * panel + v % vectors_a_panel * lanes);
      weights += panel;
      AUTOMILL_UNROLL for (std::size_t r = 0; r < Rows; ++r) {
        const Floats x = all(a[r * panel + i]);
        AUTOMILL_UNROLL for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = add_product(x, w[v], sums[r][v]);
      }
    }
  }
  AUTOMILL_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
    const std::size_t p = first + v / vectors_a_panel, lane = v % vectors_a_panel * lanes;
    AUTOMILL_UNROLL for (std::size_t r = 0; r < Rows; ++r)
        store(product.out + (p * product.out_stride + row + r) * panel + lane, sums[r][v]);
  }
}

/// Some panels of all rows from input `begin` to `end`.
template <std::size_t Panels>
AUTOMILL_INLINE void product_panels(const Product& product, std::size_t first, std::size_t begin, std::size_t end) {
  std::size_t row = 0;
  for (; row + tile_rows <= product.rows; row += tile_rows)
    product_tile<tile_rows, Panels>(product, row, first, begin, end);
  for (; row < product.rows; ++row) product_tile<1, Panels>(product, row, first, begin, end);
}

AUTOMILL_TARGET void multiply(const Product& product) {
  std::size_t begin = 0;
  do {  // once at least: without inputs, the outputs are the start
    const std::size_t end = product.inner - begin < inputs_at_once ? product.inner : begin + inputs_at_once;
    std::size_t p = 0;
    if (product.rows == 1)
      for (; p + row_panels <= product.panels; p += row_panels) product_tile<1, row_panels>(product, 0, p, begin, end);
    for (; p + tile_panels <= product.panels; p += tile_panels) product_panels<tile_panels>(product, p, begin, end);
    for (; p < product.panels; ++p) product_panels<1>(product, p, begin, end);
    begin = end;
  } while (begin < product.inner);
}

}  // namespace
}  // namespace automill::neural
