// The body of the panel kernels; included by one translation unit a level, which defines Vec (a vector of floats), how
// it is computed with (Lanes), AUTOMILL_TARGET (function attribute), AUTOMILL_GROUP (queries held in registers at a
// time) and AUTOMILL_KERNELS (name of the function).

namespace automill::neighbors {
namespace {

constexpr std::size_t lanes = sizeof(Vec) / sizeof(float);
constexpr std::size_t step = 2 * lanes;  // points held in registers at a time

/// Scores and masks of queries [first, first + Queries) and points [row, row + step).
template <std::size_t Queries>
AUTOMILL_TARGET inline __attribute__((always_inline)) void score_block(const PanelInput& in, std::size_t first,
                                                                       std::size_t row) {
  Vec sums[Queries][2], a, b, x;
  Lanes::load(in.starts + row, a);
  Lanes::load(in.starts + row + lanes, b);
#pragma GCC unroll 8
  for (std::size_t q = 0; q < Queries; ++q) {
    sums[q][0] = a;
    sums[q][1] = b;
  }
  for (std::size_t d = 0; d < in.coordinates; ++d) {
    Lanes::load(in.points + d * panel_rows + row, a);
    Lanes::load(in.points + d * panel_rows + row + lanes, b);
#pragma GCC unroll 8
    for (std::size_t q = 0; q < Queries; ++q) {
      Lanes::spread(in.queries[d * group_rows + first + q], x);
      Lanes::add_product(x, a, sums[q][0]);
      Lanes::add_product(x, b, sums[q][1]);
    }
  }
  for (std::size_t c = 0; c < in.categories; ++c) {
    Vec weight;
    Lanes::load(in.point_codes + c * panel_rows + row, a);
    Lanes::load(in.point_codes + c * panel_rows + row + lanes, b);
    Lanes::spread(in.code_weights[c], weight);
#pragma GCC unroll 8
    for (std::size_t q = 0; q < Queries; ++q) {
      Lanes::spread(in.query_codes[c * group_rows + first + q], x);
      Lanes::add_where_different(x, a, weight, sums[q][0]);
      Lanes::add_where_different(x, b, weight, sums[q][1]);
    }
  }
#pragma GCC unroll 8
  for (std::size_t q = 0; q < Queries; ++q) {
    float* out = in.scores + (first + q) * panel_rows + row;
    Lanes::store(sums[q][0], out);
    Lanes::store(sums[q][1], out + lanes);
    Lanes::spread(in.limits[first + q], x);
    in.masks[first + q] |= Lanes::at_most(sums[q][0], x) << row | Lanes::at_most(sums[q][1], x) << (row + lanes);
  }
}

template <std::size_t Queries, std::size_t AtOnce>
AUTOMILL_TARGET void score_panel(const PanelInput& in) {
  for (std::size_t q = 0; q < Queries; ++q) in.masks[q] = 0;
  for (std::size_t first = 0; first < Queries; first += AtOnce)
    for (std::size_t row = 0; row < panel_rows; row += step) score_block<AtOnce>(in, first, row);
}

}  // namespace

const PanelKernels& AUTOMILL_KERNELS() {
  static constexpr PanelKernels kernels{score_panel<group_rows, AUTOMILL_GROUP>, score_panel<1, 1>};
  return kernels;
}

}  // namespace automill::neighbors
