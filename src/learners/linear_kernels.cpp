#include "linear_kernels.hpp"

namespace automill::linear {
namespace {

// Four doubles as one value: two SSE2 registers, one AVX2 register. The compiler lowers it to what a level has, lane by
// lane, so that every level computes the same. Loads and stores need no more than the alignment of a double.
typedef double Lanes __attribute__((vector_size(32)));
typedef double StoredLanes __attribute__((vector_size(32), aligned(8), may_alias));
constexpr std::size_t lanes = 4;

#define AUTOMILL_INLINE inline __attribute__((always_inline))
#define AUTOMILL_UNROLL _Pragma("GCC unroll 8")

/// Columns [c, c + Columns) of add_product, Vectors * 4 rows at a time.
template <std::size_t Vectors, std::size_t Columns>
AUTOMILL_INLINE void product_columns(const double* a, std::size_t inner, const double* b, std::size_t b_stride,
                                     double* out) {
  for (std::size_t row = 0; row < tile_rows; row += Vectors * lanes) {
    Lanes sums[Vectors][Columns];
    AUTOMILL_UNROLL for (std::size_t v = 0; v < Vectors; ++v) AUTOMILL_UNROLL for (std::size_t c = 0; c < Columns; ++c)
        sums[v][c] = *reinterpret_cast<const StoredLanes*>(out + c * tile_rows + row + v * lanes);
    for (std::size_t k = 0; k < inner; ++k) {
      const double* column = a + k * tile_rows + row;
      AUTOMILL_UNROLL for (std::size_t v = 0; v < Vectors; ++v) {
        const Lanes x = *reinterpret_cast<const StoredLanes*>(column + v * lanes);
        AUTOMILL_UNROLL for (std::size_t c = 0; c < Columns; ++c) sums[v][c] += x * b[k * b_stride + c];
      }
    }
    AUTOMILL_UNROLL for (std::size_t v = 0; v < Vectors; ++v)
            AUTOMILL_UNROLL for (std::size_t c = 0; c < Columns; ++c) *
        reinterpret_cast<StoredLanes*>(out + c * tile_rows + row + v * lanes) = sums[v][c];
  }
}

AUTOMILL_INLINE void product(const double* a, std::size_t inner, const double* b, std::size_t b_stride, double* out,
                             std::size_t columns) {
  std::size_t c = 0;
  for (; c + 4 <= columns; c += 4) product_columns<2, 4>(a, inner, b + c, b_stride, out + c * tile_rows);
  for (; c < columns; ++c) product_columns<8, 1>(a, inner, b + c, b_stride, out + c * tile_rows);
}

/// Rows x Columns results of add_transposed_product. Each is one sum over four lanes, added up in pairs.
template <std::size_t Rows, std::size_t Columns>
AUTOMILL_INLINE void transposed_cells(const double* a, const double* b, double* out, std::size_t out_stride) {
  Lanes sums[Rows][Columns] = {};
  for (std::size_t row = 0; row < tile_rows; row += lanes) {
    Lanes y[Columns];
    AUTOMILL_UNROLL for (std::size_t c = 0; c < Columns; ++c) y[c] =
        *reinterpret_cast<const StoredLanes*>(b + c * tile_rows + row);
    AUTOMILL_UNROLL for (std::size_t r = 0; r < Rows; ++r) {
      const Lanes x = *reinterpret_cast<const StoredLanes*>(a + r * tile_rows + row);
      AUTOMILL_UNROLL for (std::size_t c = 0; c < Columns; ++c) sums[r][c] += x * y[c];
    }
  }
  AUTOMILL_UNROLL for (std::size_t r = 0; r < Rows; ++r) AUTOMILL_UNROLL for (std::size_t c = 0; c < Columns; ++c) {
    const Lanes& s = sums[r][c];
    out[r * out_stride + c] += (s[0] + s[2]) + (s[1] + s[3]);
  }
}

AUTOMILL_INLINE void transposed(const double* a, std::size_t a_columns, const double* b, std::size_t b_columns,
                                double* out, std::size_t out_stride, Part part) {
  for (std::size_t r = 0; r < a_columns; r += 2) {
    const double* rows = a + r * tile_rows;
    double* at = out + r * out_stride;
    std::size_t c = part == Part::upper ? r : 0;
    if (r + 2 <= a_columns) {
      for (; c + 4 <= b_columns; c += 4) transposed_cells<2, 4>(rows, b + c * tile_rows, at + c, out_stride);
      for (; c < b_columns; ++c) transposed_cells<2, 1>(rows, b + c * tile_rows, at + c, out_stride);
    } else {
      for (; c + 4 <= b_columns; c += 4) transposed_cells<1, 4>(rows, b + c * tile_rows, at + c, out_stride);
      for (; c < b_columns; ++c) transposed_cells<1, 1>(rows, b + c * tile_rows, at + c, out_stride);
    }
  }
}

AUTOMILL_INLINE void forms(const double* z, std::size_t size, const double* ratios, const double* inverse_pivots,
                           const double* target, double* quadratic, double* linear) {
  constexpr std::size_t vectors = 4;
  for (std::size_t row = 0; row < tile_rows; row += vectors * lanes) {
    Lanes half[vectors] = {}, squares[vectors] = {}, products[vectors] = {};  // half: an element of L^-1 z
    for (std::size_t k = 0; k < size; ++k) {
      const double* column = z + k * tile_rows + row;
      const double ratio = ratios[k], inverse = inverse_pivots[k], t = target[k];
      AUTOMILL_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
        half[v] = *reinterpret_cast<const StoredLanes*>(column + v * lanes) - half[v] * ratio;
        squares[v] += half[v] * half[v] * inverse;
        products[v] += half[v] * t;
      }
    }
    AUTOMILL_UNROLL for (std::size_t v = 0; v < vectors; ++v) {
      *reinterpret_cast<StoredLanes*>(quadratic + row + v * lanes) = squares[v];
      *reinterpret_cast<StoredLanes*>(linear + row + v * lanes) = products[v];
    }
  }
}

void product_baseline(const double* a, std::size_t inner, const double* b, std::size_t b_stride, double* out,
                      std::size_t columns) {
  product(a, inner, b, b_stride, out, columns);
}
void transposed_baseline(const double* a, std::size_t a_columns, const double* b, std::size_t b_columns, double* out,
                         std::size_t out_stride, Part part) {
  transposed(a, a_columns, b, b_columns, out, out_stride, part);
}
void forms_baseline(const double* z, std::size_t size, const double* ratios, const double* inverse_pivots,
                    const double* target, double* quadratic, double* linear) {
  forms(z, size, ratios, inverse_pivots, target, quadratic, linear);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void product_avx2(const double* a, std::size_t inner, const double* b,
                                                  std::size_t b_stride, double* out, std::size_t columns) {
  product(a, inner, b, b_stride, out, columns);
}
__attribute__((target("avx2"))) void transposed_avx2(const double* a, std::size_t a_columns, const double* b,
                                                     std::size_t b_columns, double* out, std::size_t out_stride,
                                                     Part part) {
  transposed(a, a_columns, b, b_columns, out, out_stride, part);
}
__attribute__((target("avx2"))) void forms_avx2(const double* z, std::size_t size, const double* ratios,
                                                const double* inverse_pivots, const double* target, double* quadratic,
                                                double* linear) {
  forms(z, size, ratios, inverse_pivots, target, quadratic, linear);
}
bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}
#endif

}  // namespace

void add_product(const double* a, std::size_t inner, const double* b, std::size_t b_stride, double* out,
                 std::size_t columns) {
#if defined(__x86_64__)
  if (has_avx2()) return product_avx2(a, inner, b, b_stride, out, columns);
#endif
  product_baseline(a, inner, b, b_stride, out, columns);
}

void add_transposed_product(const double* a, std::size_t a_columns, const double* b, std::size_t b_columns, double* out,
                            std::size_t out_stride, Part part) {
#if defined(__x86_64__)
  if (has_avx2()) return transposed_avx2(a, a_columns, b, b_columns, out, out_stride, part);
#endif
  transposed_baseline(a, a_columns, b, b_columns, out, out_stride, part);
}

void tridiagonal_forms(const double* z, std::size_t size, const double* ratios, const double* inverse_pivots,
                       const double* target, double* quadratic, double* linear) {
#if defined(__x86_64__)
  if (has_avx2()) return forms_avx2(z, size, ratios, inverse_pivots, target, quadratic, linear);
#endif
  forms_baseline(z, size, ratios, inverse_pivots, target, quadratic, linear);
}

}  // namespace automill::linear
