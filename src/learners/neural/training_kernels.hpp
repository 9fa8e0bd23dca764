#pragma once
// The inner loops of training a network, compiled once for each SIMD level. Products and sums are fused where the level
// has that instruction, so levels differ in the last bits; at one level the bits do not depend on threads. Layouts are
// those of network_kernels.hpp.

#include "network_kernels.hpp"

namespace automill::neural {

/// Which elements an inverted dropout keeps: element i where the upper 24 bits of a hash of i and `key` are below
/// `kept`; what is kept is multiplied by `scale`.
struct Dropout {
  std::uint32_t key = 0;
  std::uint32_t kept = 1U << 24;
  float scale = 1;
};

/// A hidden layer after its product: outputs, and what the way back needs of them.
struct HiddenLayer {
  std::size_t stride = 0, rows = 0, panels = 0;
  const float* slopes = nullptr;
  float* values = nullptr;       ///< in: products with bias; out: outputs
  float* derivatives = nullptr;  ///< of the outputs to the products
  float* differences = nullptr;  ///< of the outputs to the slopes
};

/// One step of Adam (Kingma & Ba 2015) on some parameters, after they were multiplied by `decay` (decoupled weight
/// decay, Loshchilov & Hutter 2019).
struct AdamStep {
  float rate = 0;        ///< with the correction of the first moment's bias
  float root_scale = 1;  ///< 1 / sqrt(1 - beta2^t)
  float beta1 = 0.9F, beta2 = 0.95F, epsilon = 1e-8F;
  float decay = 1;
};

/// Gradients of the parameters of embedded numbers; sizes as in NumberEmbedding.
struct NumberGradients {
  float* frequency = nullptr;
  float* phase = nullptr;
  float* weight = nullptr;
  float* bias = nullptr;
};

struct TrainingKernels {
  const char* name;
  void (*multiply)(const Product& product);
  /// out[panels][inner][16] = a' g, for `panels` panels of g; a has `inner` columns.
  void (*weight_gradient)(const float* a, const float* g, std::size_t stride, std::size_t rows, std::size_t inner,
                          std::size_t panels, float* out);
  void (*activate)(Activation activation, const Dropout& dropout, const HiddenLayer& layer);
  /// g <- g * derivatives; bias[c] = sum of the new g over rows, slopes[c] = sum of g * differences.
  void (*back)(const HiddenLayer& layer, float* g, float* bias, float* slopes);
  /// out = a * scale; a scale a column.
  void (*scale)(const float* a, const float* scales, std::size_t stride, std::size_t rows, std::size_t panels,
                float* out);
  /// scales[c] = sum over rows of g * a; then g <- g * scale.
  void (*back_scale)(const float* a, const float* scales, std::size_t stride, std::size_t rows, std::size_t panels,
                     float* g, float* gradient);
  void (*adam)(const AdamStep& step, const float* gradient, std::size_t size, float* values, float* first,
               float* second);
  /// Gradients of embedded numbers from `g`, panels as `embed` writes; `scratch` holds width * stride floats.
  void (*back_embed)(const NumberEmbedding& embedding, const float* numbers, std::size_t stride, std::size_t rows,
                     const float* g, const NumberGradients& gradients, float* scratch);
};

const TrainingKernels& baseline_training_kernels();
const TrainingKernels& avx2_training_kernels();
const TrainingKernels& avx512_training_kernels();

/// Kernels of the best level; picked at the first call.
const TrainingKernels& training_kernels();

}  // namespace automill::neural
