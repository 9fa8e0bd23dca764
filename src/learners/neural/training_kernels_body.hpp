// The bodies of the kernels of training; included by one translation unit a level, as network_kernels_body.hpp is.

#include "training_kernels.hpp"
#define AUTOMILL_FUSED 1
#include "network_product.hpp"

namespace automill::neural {
namespace {

#if AUTOMILL_VECTOR_BYTES == 64
constexpr std::size_t gradient_inputs = 8, gradient_panels = 2;
#elif AUTOMILL_VECTOR_BYTES == 32
constexpr std::size_t gradient_inputs = 4, gradient_panels = 1;
#else
constexpr std::size_t gradient_inputs = 2, gradient_panels = 1;
#endif

/// Inputs [k, k + gradient_inputs) of one panel of `a` against some panels of g.
template <std::size_t Panels>
AUTOMILL_INLINE void gradient_tile(const float* a, const float* g, std::size_t stride, std::size_t rows,
                                   std::size_t count, float* out, std::size_t out_stride) {
  constexpr std::size_t vectors = Panels * vectors_a_panel;
  Floats sums[gradient_inputs][vectors] = {};
  for (std::size_t row = 0; row < rows; ++row) {
    Floats y[vectors];
    AUTOMILL_UNROLL for (std::size_t v = 0; v < vectors; ++v) y[v] =
        load(g + (v / vectors_a_panel * stride + row) * panel + v % vectors_a_panel * lanes);
    AUTOMILL_UNROLL for (std::size_t i = 0; i < gradient_inputs; ++i) {
      const Floats x = all(a[row * panel + i]);
      AUTOMILL_UNROLL for (std::size_t v = 0; v < vectors; ++v) sums[i][v] = add_product(x, y[v], sums[i][v]);
    }
  }
  AUTOMILL_UNROLL for (std::size_t i = 0; i < gradient_inputs; ++i) {
    if (i >= count) break;
    AUTOMILL_UNROLL for (std::size_t v = 0; v < vectors; ++v)
        store(out + v / vectors_a_panel * out_stride + i * panel + v % vectors_a_panel * lanes, sums[i][v]);
  }
}

template <std::size_t Panels>
AUTOMILL_INLINE void gradient_panels_of(const float* a, const float* g, std::size_t stride, std::size_t rows,
                                        std::size_t inner, float* out) {
  for (std::size_t k = 0; k < inner; k += gradient_inputs)
    gradient_tile<Panels>(a + k / panel * stride * panel + k % panel, g, stride, rows, inner - k, out + k * panel,
                          inner * panel);
}

AUTOMILL_TARGET void weight_gradient(const float* a, const float* g, std::size_t stride, std::size_t rows,
                                     std::size_t inner, std::size_t panels, float* out) {
  std::size_t p = 0;
  for (; p + gradient_panels <= panels; p += gradient_panels)
    gradient_panels_of<gradient_panels>(a, g + p * stride * panel, stride, rows, inner, out + p * inner * panel);
  for (; p < panels; ++p)
    gradient_panels_of<1>(a, g + p * stride * panel, stride, rows, inner, out + p * inner * panel);
}

/// 32 bits that look random, of each element (the multipliers are those of Wellons' hash prospector).
AUTOMILL_INLINE Words hashes(Words x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  x ^= x >> 16;
  return x;
}

template <Activation kind>
AUTOMILL_INLINE void activate_panels(const Dropout& dropout, const HiddenLayer& layer) {
  Words first;
  for (unsigned i = 0; i < lanes; ++i) first[i] = i;
  const int kept = static_cast<int>(dropout.kept);
  for (std::size_t p = 0; p < layer.panels; ++p)
    for (std::size_t v = 0; v < vectors_a_panel; ++v) {
      const Floats slope = load(layer.slopes + p * panel + v * lanes);
      for (std::size_t row = 0; row < layer.rows; ++row) {
        const std::size_t at = (p * layer.stride + row) * panel + v * lanes;
        const auto element = static_cast<std::uint32_t>((p * layer.rows + row) * panel + v * lanes);
        const Words hash = hashes((first + element) ^ dropout.key);
        const Ints beyond = (Ints)(hash >> 8) - kept;  // below 0 where it is kept
        const Floats scale = (Floats)((Ints)all(dropout.scale) & (beyond >> 31));
        const Floats x = load(layer.values + at);
        const Activated f = activated<kind>(x);
        const Floats difference = f.value - x;
        store(layer.values + at, add_product(slope, difference, x) * scale);
        store(layer.derivatives + at, add_product(slope, f.derivative - 1.0F, all(1.0F)) * scale);
        store(layer.differences + at, difference * scale);
      }
    }
}

AUTOMILL_TARGET void activate(Activation kind, const Dropout& dropout, const HiddenLayer& layer) {
  if (kind == Activation::selu) activate_panels<Activation::selu>(dropout, layer);
  else if (kind == Activation::mish) activate_panels<Activation::mish>(dropout, layer);
  else activate_panels<Activation::relu>(dropout, layer);
}

AUTOMILL_TARGET void back(const HiddenLayer& layer, float* g, float* bias, float* slopes) {
  for (std::size_t p = 0; p < layer.panels; ++p)
    for (std::size_t v = 0; v < vectors_a_panel; ++v) {
      Floats bias_sum{}, slope_sum{};
      for (std::size_t row = 0; row < layer.rows; ++row) {
        const std::size_t at = (p * layer.stride + row) * panel + v * lanes;
        const Floats above = load(g + at), below = above * load(layer.derivatives + at);
        slope_sum = add_product(above, load(layer.differences + at), slope_sum);
        bias_sum = bias_sum + below;
        store(g + at, below);
      }
      store(bias + p * panel + v * lanes, bias_sum);
      store(slopes + p * panel + v * lanes, slope_sum);
    }
}

AUTOMILL_TARGET void scale(const float* a, const float* scales, std::size_t stride, std::size_t rows,
                           std::size_t panels, float* out) {
  for (std::size_t p = 0; p < panels; ++p)
    for (std::size_t v = 0; v < vectors_a_panel; ++v) {
      const Floats s = load(scales + p * panel + v * lanes);
      for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t at = (p * stride + row) * panel + v * lanes;
        store(out + at, load(a + at) * s);
      }
    }
}

AUTOMILL_TARGET void back_scale(const float* a, const float* scales, std::size_t stride, std::size_t rows,
                                std::size_t panels, float* g, float* gradient) {
  for (std::size_t p = 0; p < panels; ++p)
    for (std::size_t v = 0; v < vectors_a_panel; ++v) {
      const Floats s = load(scales + p * panel + v * lanes);
      Floats sum{};
      for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t at = (p * stride + row) * panel + v * lanes;
        const Floats above = load(g + at);
        sum = add_product(above, load(a + at), sum);
        store(g + at, above * s);
      }
      store(gradient + p * panel + v * lanes, sum);
    }
}

AUTOMILL_TARGET void adam(const AdamStep& step, const float* gradient, std::size_t size, float* values, float* first,
                          float* second) {
  const Floats beta1 = all(step.beta1), beta2 = all(step.beta2);
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    const Floats g = load(gradient + i);
    const Floats m = add_product(load(first + i) - g, beta1, g);
    const Floats square = g * g, s = add_product(load(second + i) - square, beta2, square);
    store(first + i, m);
    store(second + i, s);
    const Floats change = m / (root(s) * step.root_scale + step.epsilon);
    store(values + i, add_product(change, all(-step.rate), load(values + i) * step.decay));
  }
  for (; i < size; ++i) {
    const float g = gradient[i], square = g * g;
    first[i] = (first[i] - g) * step.beta1 + g;
    second[i] = (second[i] - square) * step.beta2 + square;
    const float change = first[i] / (__builtin_sqrtf(second[i]) * step.root_scale + step.epsilon);
    values[i] = values[i] * step.decay - change * step.rate;
  }
}

AUTOMILL_INLINE float sum_of(Floats v) {
  float sum = 0;
  for (std::size_t i = 0; i < lanes; ++i) sum += v[i];
  return sum;
}

/// One frequency of one number: g holds the gradients of the number's outputs, [outputs][stride].
template <std::size_t Outputs>
AUTOMILL_INLINE void back_frequency(const NumberEmbedding& embedding, std::size_t j, std::size_t f, const float* x,
                                    std::size_t stride, std::size_t rows, const float* g,
                                    const NumberGradients& gradients) {
  constexpr std::size_t most = Outputs > 0 ? Outputs : 63;
  const std::size_t outputs = Outputs > 0 ? Outputs : embedding.width - 1;
  const std::size_t at = j * embedding.frequencies + f;
  const Floats frequency = all(embedding.frequency[at]), phase = all(embedding.phase[at] * turns_a_radian);
  Floats weights[most] = {}, frequency_sum{}, phase_sum{};
  for (std::size_t row = 0; row < rows; row += lanes) {
    const Floats number = load(x + row), turns = add_product(number, frequency, phase);
    const Floats cosine = cosine_of_turns(turns);
    Floats below{};
    for (std::size_t o = 0; o < outputs; ++o) {
      const Floats above = load(g + o * stride + row);
      weights[o] = add_product(cosine, above, weights[o]);
      below = add_product(above, all(embedding.weight[(j * outputs + o) * embedding.frequencies + f]), below);
    }
    below = below * sine_of_turns(turns);
    phase_sum = phase_sum - below;
    frequency_sum = frequency_sum - below * number;
  }
  for (std::size_t o = 0; o < outputs; ++o)
    gradients.weight[(j * outputs + o) * embedding.frequencies + f] = sum_of(weights[o]);
  gradients.phase[at] = sum_of(phase_sum);
  gradients.frequency[at] = sum_of(frequency_sum) / turns_a_radian;
}

AUTOMILL_TARGET void back_embed(const NumberEmbedding& embedding, const float* numbers, std::size_t stride,
                                std::size_t rows, const float* g, const NumberGradients& gradients, float* scratch) {
  const std::size_t outputs = embedding.width - 1;
  for (std::size_t j = 0; j < embedding.numbers; ++j) {
    for (std::size_t o = 0; o < outputs; ++o) {
      const std::size_t column = j * embedding.width + o;
      const float* from = g + column / panel * stride * panel + column % panel;
      float* to = scratch + o * stride;
      Floats sum{};
      for (std::size_t row = 0; row < rows; ++row) to[row] = from[row * panel];
      for (std::size_t row = rows; row % lanes != 0; ++row) to[row] = 0;
      for (std::size_t row = 0; row < rows; row += lanes) sum = sum + load(to + row);
      gradients.bias[j * outputs + o] = sum_of(sum);
    }
    const float* x = numbers + j * stride;
    for (std::size_t f = 0; f < embedding.frequencies; ++f) {
      if (outputs == 3) back_frequency<3>(embedding, j, f, x, stride, rows, scratch, gradients);
      else back_frequency<0>(embedding, j, f, x, stride, rows, scratch, gradients);
    }
  }
}

}  // namespace

const TrainingKernels& AUTOMILL_KERNELS() {
  static const TrainingKernels table{AUTOMILL_LEVEL, multiply, weight_gradient, activate, back, scale,
                                     back_scale,     adam,     back_embed};
  return table;
}

}  // namespace automill::neural
