// One step of training: the way forward, the loss, the way back.

#include "network_trainer.hpp"

namespace automill::neural {

bool NetworkTrainer::step(std::span<const std::uint32_t> batch, std::uint64_t number, double done) {
  constexpr double beta1 = 0.9;
  const double count = static_cast<double>(number + 1);
  rate_ = options_.learning_rate * coslog4(done);
  decay_ = rate_ * options_.weight_decay * flat_cos(done);
  adam_.beta2 = static_cast<float>(options_.beta2);
  adam_.root_scale = static_cast<float>(1 / std::sqrt(1 - math::exp(count * math::log(options_.beta2))));
  rate_ /= 1 - math::exp(count * math::log(beta1));
  if (!gather(batch)) return false;
  if (!forward(number, options_.dropout * flat_cos(done))) return false;
  loss_gradient();
  return backward();
}

double NetworkTrainer::loss(std::span<const std::uint32_t> batch) {
  gather(batch);
  forward(0, 0);
  return loss_gradient();
}

std::vector<float> NetworkTrainer::gradient(std::span<const std::uint32_t> batch) {
  std::vector<float> all(values_.size());
  loss(batch);
  keep_gradient_ = &all;
  backward();
  keep_gradient_ = nullptr;
  return all;
}

bool NetworkTrainer::forward(std::uint64_t number, double dropout) {
  kernels_.scale(raw_.data(), at(scales_), stride_, batch_rows_, panels_of(width_), scaled_.data());
  const float* from = scaled_.data();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const TrainerLayer& layer = layers_[i];
    float* to = activations_[i].values.data();
    if (!multiply(
            {from, stride_, batch_rows_, layer.inputs, at(layer.weights), at(layer.bias), to, stride_, layer.panels}))
      return false;
    from = to;
    if (i + 1 == layers_.size()) break;
    Dropout drop;
    if (dropout > 0) {
      drop.key = static_cast<std::uint32_t>(
          combine_hashes(combine_hashes(seed_, purpose("network dropout")), number * 64 + i));
      drop.kept = static_cast<std::uint32_t>((1 - dropout) * (1U << 24));
      drop.scale = static_cast<float>(1 / (1 - dropout));
    }
    kernels_.activate(options_.activation, drop, hidden(i));
  }
  return !stop_.stop_requested();
}

/// Mean loss of the batch; its gradient to the outputs goes to `above_`.
double NetworkTrainer::loss_gradient() {
  const std::size_t outputs = options_.outputs;
  std::fill_n(above_.begin(), static_cast<std::ptrdiff_t>(padded(outputs) * stride_), 0.0F);
  std::vector<double> scores(outputs);
  const double share = 1 / static_cast<double>(batch_rows_), smooth = options_.label_smoothing;
  double loss = 0;
  for (std::size_t row = 0; row < batch_rows_; ++row) {
    const std::uint32_t i = batch_[row];
    const double weight = share * (rows_.weights.empty() ? 1.0 : static_cast<double>(rows_.weights[i]));
    for (std::size_t o = 0; o < outputs; ++o)
      scores[o] = static_cast<double>(cell_of(activations_.back().values.data(), stride_, row, o));
    if (options_.classes) math::softmax(scores.data(), outputs);
    for (std::size_t o = 0; o < outputs; ++o) {
      double slope = 0;
      if (options_.classes) {
        const double truth =
            smooth / static_cast<double>(outputs) + (static_cast<std::size_t>(rows_.labels[i]) == o ? 1 - smooth : 0.0);
        slope = scores[o] - truth;
        if (truth > 0) loss -= weight * truth * math::log(std::max(scores[o], 1e-300));
      } else {
        slope = scores[o] - static_cast<double>(rows_.values[i * outputs + o]);
        loss += 0.5 * weight * slope * slope;
      }
      cell_of(above_.data(), stride_, row, o) = static_cast<float>(weight * slope);
    }
  }
  return loss;
}

void NetworkTrainer::transpose(const TrainerLayer& layer) {
  const float* weights = at(layer.weights);
  const std::size_t outputs = layer.panels * panel;
  for (std::size_t p = 0; p < layer.panels; ++p)
    for (std::size_t k = 0; k < layer.inputs; ++k) {
      float* to = transposed_.data() + (k / panel * outputs + p * panel) * panel + k % panel;
      const float* from = weights + (p * layer.inputs + k) * panel;
      for (std::size_t o = 0; o < panel; ++o) to[o * panel] = from[o];
    }
  for (std::size_t k = layer.inputs; k < padded(layer.inputs); ++k)
    for (std::size_t o = 0; o < outputs; ++o) transposed_[(k / panel * outputs + o) * panel + k % panel] = 0;
}

/// Adam on a kind of parameters; in tests the gradient is kept instead.
void NetworkTrainer::move(const ParameterSegment& part, const float* gradient) {
  if (keep_gradient_ != nullptr) {
    std::copy_n(gradient, part.size, keep_gradient_->begin() + static_cast<std::ptrdiff_t>(part.begin));
    return;
  }
  AdamStep step = adam_;
  step.rate = static_cast<float>(rate_) * part.rate;
  step.epsilon *= part.epsilon;
  step.decay = 1 - static_cast<float>(decay_) * part.decay;
  kernels_.adam(step, gradient, part.size, at(part), first_.data() + part.begin, second_.data() + part.begin);
}

/// Gradients of a layer's weights, panel by panel, each used while it is in the cache.
void NetworkTrainer::back_layer(std::size_t number, const float* from, const float* g) {
  const TrainerLayer& layer = layers_[number];
  for (std::size_t p = 0; p < layer.panels; p += 2) {
    const std::size_t panels = std::min<std::size_t>(2, layer.panels - p), size = panels * layer.inputs * panel;
    kernels_.weight_gradient(from, g + p * stride_ * panel, stride_, batch_rows_, layer.inputs, panels,
                             panel_gradient_.data());
    ParameterSegment part = layer.weights;
    part.begin += p * layer.inputs * panel;
    part.size = size;
    move(part, panel_gradient_.data());
  }
}

bool NetworkTrainer::backward() {
  float *g = above_.data(), *other = below_.data();
  const TrainerLayer& last = layers_.back();
  float* bias = small_gradient_.data();
  for (std::size_t o = 0; o < last.panels * panel; ++o) {
    bias[o] = 0;
    for (std::size_t row = 0; row < batch_rows_; ++row) bias[o] += cell_of(g, stride_, row, o);
  }
  move(last.bias, bias);
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const TrainerLayer& layer = layers_[i];
    const std::size_t outputs = layer.panels * panel;
    transpose(layer);
    if (!multiply(
            {g, stride_, batch_rows_, outputs, transposed_.data(), nullptr, other, stride_, panels_of(layer.inputs)}))
      return false;
    back_layer(i, i > 0 ? activations_[i - 1].values.data() : scaled_.data(), g);
    std::swap(g, other);
    if (i == 0 || stop_.stop_requested()) break;
    float* slopes = small_gradient_.data() + padded(layer.inputs);
    kernels_.back(hidden(i - 1), g, bias, slopes);
    move(layers_[i - 1].bias, bias);
    move(layers_[i - 1].slopes, slopes);
  }
  return !stop_.stop_requested() && back_input(g);
}

/// `g`: gradients to the scaled input. False: stopped.
bool NetworkTrainer::back_input(float* g) {
  float* gradient = small_gradient_.data();
  kernels_.back_scale(raw_.data(), at(scales_), stride_, batch_rows_, panels_of(width_), g, gradient + scales_.begin);
  const NumberEmbedding all = embedding();
  const std::size_t made = all.width - 1;
  for (std::size_t first = 0; first < all.numbers; first += numbers_at_once) {
    if (stop_.stop_requested()) return false;
    const NumberGradients numbers{gradient + frequency_.begin + first * all.frequencies,
                                  gradient + phase_.begin + first * all.frequencies,
                                  gradient + embedding_weight_.begin + first * made * all.frequencies,
                                  gradient + embedding_bias_.begin + first * made};
    kernels_.back_embed(all.part(first, std::min(numbers_at_once, all.numbers - first)),
                        numbers_.data() + first * stride_, stride_, batch_rows_, g + first * all.width * stride_,
                        numbers, scratch_.data());
  }
  std::size_t column = input_.numbers.size() * options_.number_width, learned = 0;
  for (std::size_t c = 0; c < input_.categories.size(); ++c) {
    const CategoryInput& category = input_.categories[c];
    if (category.learned()) {
      float* table = gradient + tables_[learned].begin;
      std::fill_n(table, tables_[learned].size, 0.0F);
      for (std::size_t row = 0; row < batch_rows_; ++row) {
        float* to = table + table_rows_[c * stride_ + row] * category.width;
        for (std::size_t i = 0; i < category.width; ++i) to[i] += cell_of(g, stride_, row, column + i);
      }
      ++learned;
    }
    column += category.width;
  }
  for (const ParameterSegment* part : {&frequency_, &phase_, &embedding_weight_, &embedding_bias_, &scales_})
    move(*part, gradient + part->begin);
  for (const ParameterSegment& part : tables_) move(part, gradient + part.begin);
  return true;
}

}  // namespace automill::neural
