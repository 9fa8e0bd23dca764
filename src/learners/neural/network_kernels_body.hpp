// The bodies of the kernels of networks that predict; included by one translation unit a level, which also defines
// AUTOMILL_KERNELS (name of the function that returns the table) and AUTOMILL_LEVEL (a name).

#define AUTOMILL_FUSED 0
#include "network_product.hpp"

namespace automill::neural {
namespace {

template <Activation kind>
AUTOMILL_INLINE void activate_panels(const float* slopes, float* values, std::size_t stride, std::size_t rows,
                                     std::size_t panels) {
  for (std::size_t p = 0; p < panels; ++p)
    for (std::size_t v = 0; v < vectors_a_panel; ++v) {
      const Floats slope = load(slopes + p * panel + v * lanes);
      float* at = values + p * stride * panel + v * lanes;
      for (std::size_t row = 0; row < rows; ++row, at += panel) {
        const Floats x = load(at);
        store(at, x + slope * (activated<kind>(x).value - x));
      }
    }
}

AUTOMILL_TARGET void activate(Activation kind, const float* slopes, float* values, std::size_t stride, std::size_t rows,
                              std::size_t panels) {
  if (kind == Activation::selu) activate_panels<Activation::selu>(slopes, values, stride, rows, panels);
  else if (kind == Activation::mish) activate_panels<Activation::mish>(slopes, values, stride, rows, panels);
  else activate_panels<Activation::relu>(slopes, values, stride, rows, panels);
}

/// Column `column` of some rows, a vector of them, to where it lies in panels.
AUTOMILL_INLINE void put_column(Floats values, float* out, std::size_t stride, std::size_t column, std::size_t row,
                                std::size_t rows) {
  float* at = out + (column / panel * stride + row) * panel + column % panel;
  const std::size_t count = rows - row < lanes ? rows - row : lanes;
  for (std::size_t i = 0; i < count; ++i) at[i * panel] = values[i];
}

constexpr std::size_t outputs_at_once = 3;

/// Outputs [first, first + Outputs) of number `j` for a vector of rows.
template <std::size_t Outputs>
AUTOMILL_INLINE void embed_outputs(const NumberEmbedding& embedding, std::size_t j, std::size_t first, Floats x,
                                   Floats* sums) {
  const std::size_t frequencies = embedding.frequencies, outputs = embedding.width - 1;
  for (std::size_t o = 0; o < Outputs; ++o) sums[o] = all(embedding.bias[j * outputs + first + o]);
  for (std::size_t f = 0; f < frequencies; ++f) {
    const float phase = embedding.phase[j * frequencies + f] * turns_a_radian;
    const Floats wave = cosine_of_turns(x * embedding.frequency[j * frequencies + f] + phase);
    for (std::size_t o = 0; o < Outputs; ++o)
      sums[o] = sums[o] + wave * embedding.weight[(j * outputs + first + o) * frequencies + f];
  }
}

AUTOMILL_TARGET void embed(const NumberEmbedding& embedding, const float* numbers, std::size_t stride, std::size_t rows,
                           float* out) {
  const std::size_t outputs = embedding.width - 1;
  for (std::size_t j = 0; j < embedding.numbers; ++j)
    for (std::size_t row = 0; row < rows; row += lanes) {
      const Floats x = load(numbers + j * stride + row);
      Floats sums[outputs_at_once];
      std::size_t o = 0;
      for (; o + outputs_at_once <= outputs; o += outputs_at_once) {
        embed_outputs<outputs_at_once>(embedding, j, o, x, sums);
        for (std::size_t i = 0; i < outputs_at_once; ++i)
          put_column(sums[i], out, stride, j * embedding.width + o + i, row, rows);
      }
      for (; o < outputs; ++o) {
        embed_outputs<1>(embedding, j, o, x, sums);
        put_column(sums[0], out, stride, j * embedding.width + o, row, rows);
      }
      put_column(x, out, stride, j * embedding.width + outputs, row, rows);
    }
}

}  // namespace

const NetworkKernels& AUTOMILL_KERNELS() {
  static const NetworkKernels table{AUTOMILL_LEVEL, multiply, activate, embed};
  return table;
}

}  // namespace automill::neural
