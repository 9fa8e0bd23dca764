#pragma once
// The two products that linear learners spend their time in, on tiles of 256 rows stored column by column. Every result
// is a sum in an order that does not depend on the processor: vector lanes are fixed in number and sums of lanes too,
// and nothing is contracted, so that AVX2, AVX-512 and baseline code give the same bits.

#include <cstddef>

namespace automill::linear {

constexpr std::size_t tile_rows = 256;

/// out[., c] += sum_k a[., k] b[k, c] for c < columns. `a`: tile_rows x inner, `out`: tile_rows x columns, both column
/// by column; b[k, c] at b[k * b_stride + c].
void add_product(const double* a, std::size_t inner, const double* b, std::size_t b_stride, double* out,
                 std::size_t columns);

/// out[r, c] += a[., r]' b[., c]: out[r * out_stride + c] for r < a_columns, c < b_columns; with `upper`, at least
/// those with c >= r (a and b then have the same number of columns).
enum class Part { all, upper };
void add_transposed_product(const double* a, std::size_t a_columns, const double* b, std::size_t b_columns, double* out,
                            std::size_t out_stride, Part part = Part::all);

/// For each row z of a tile (256 x size, column by column) and M = L D L', L with ones on and `ratios` below its
/// diagonal: quadratic = z' M^-1 z, and linear = z' M^-1 t where `target` is D^-1 L^-1 t.
void tridiagonal_forms(const double* z, std::size_t size, const double* ratios, const double* inverse_pivots,
                       const double* target, double* quadratic, double* linear);

}  // namespace automill::linear
