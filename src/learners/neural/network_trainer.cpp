#include "network_trainer.hpp"

namespace automill::neural {
namespace {

constexpr double operations_between_checks = 6e7;  // about a millisecond

/// Floats of the buffers of a batch.
std::size_t batch_floats(const TrainerOptions& options, std::size_t inputs, std::size_t numbers) {
  const std::size_t stride = stride_of(options.batch);
  std::size_t widest = padded(inputs), sum = 2 * padded(inputs) + padded(options.outputs);
  for (std::size_t width : options.hidden) {
    widest = std::max(widest, padded(width));
    sum += 3 * padded(width);
  }
  return stride * (sum + 2 * std::max(widest, padded(options.outputs)) + numbers + options.number_width + 16);
}

std::size_t dense_parameters(const TrainerOptions& options, std::size_t inputs) {
  std::size_t sum = 0, width = inputs;
  for (std::size_t i = 0; i <= options.hidden.size(); ++i) {
    const std::size_t outputs = padded(i < options.hidden.size() ? options.hidden[i] : options.outputs);
    sum += outputs * (width + 2);
    width = i < options.hidden.size() ? options.hidden[i] : width;
  }
  return sum;
}

std::size_t widest_inputs(const TrainerOptions& options, std::size_t inputs) {
  for (std::size_t width : options.hidden) inputs = std::max(inputs, width);
  return inputs;
}

}  // namespace

std::uint64_t trainer_bytes(const TrainerOptions& options, std::size_t inputs, std::size_t numbers,
                            std::size_t table_values) {
  const std::size_t embedded =
      numbers * (2 * options.frequencies + (options.number_width - 1) * (options.frequencies + 1));
  const std::size_t parameters = dense_parameters(options, inputs) + embedded + padded(inputs) + table_values;
  const std::size_t widest = widest_inputs(options, inputs);
  std::size_t most_outputs = padded(options.outputs);
  for (std::size_t width : options.hidden) most_outputs = std::max(most_outputs, padded(width));
  // values, moments, two networks that are kept; a transposed layer; gradients of two panels and of what is small
  return 4 * std::uint64_t{5 * parameters + padded(widest) * most_outputs + 2 * panel * widest + embedded +
                           padded(inputs) + table_values + batch_floats(options, inputs, numbers)};
}

NetworkTrainer::NetworkTrainer(const NetworkInput& input, const TrainerOptions& options, const TrainingRows& rows,
                               std::uint64_t seed, const StopToken& stop)
    : input_(input),
      options_(options),
      rows_(rows),
      seed_(seed),
      stop_(stop),
      kernels_(training_kernels()),
      width_(input.width(options.number_width)),
      stride_(stride_of(options.batch)) {
  lay_out();
  draw_numbers();
  draw_layers();
}

ParameterSegment NetworkTrainer::segment(std::size_t size, double rate, double decay, double epsilon) {
  const ParameterSegment part{values_.size(), size, static_cast<float>(rate), static_cast<float>(decay),
                              static_cast<float>(epsilon)};
  values_.resize(values_.size() + size);
  return part;
}

/// The recipe multiplies the weight decay by the factor of the learning rate twice.
void NetworkTrainer::lay_out() {
  constexpr double bias_factor = 0.1, slope_factor = 0.1;
  const std::size_t numbers = input_.numbers.size(), made = options_.number_width - 1;
  const double number = options_.number_factor, squared = number * number;
  frequency_ = segment(numbers * options_.frequencies, number, squared);
  phase_ = segment(numbers * options_.frequencies, number, squared);
  embedding_weight_ = segment(numbers * made * options_.frequencies, number, squared);
  embedding_bias_ = segment(numbers * made, number, squared);
  for (const CategoryInput& category : input_.categories)
    if (category.learned()) tables_.push_back(segment(category.rows * category.width, 1, 1));
  scales_ = segment(padded(width_), options_.scale_factor, options_.scale_factor * options_.scale_factor);
  std::size_t inputs = width_, widest = std::max(padded(width_), padded(options_.outputs)), largest = 0;
  for (std::size_t i = 0; i <= options_.hidden.size(); ++i) {
    stop_.throw_if_requested();  // new memory takes milliseconds, too
    const bool last = i == options_.hidden.size();
    TrainerLayer layer{.inputs = inputs, .outputs = last ? options_.outputs : options_.hidden[i]};
    layer.panels = panels_of(layer.outputs);
    const double factor = i == 0 ? options_.first_layer_factor : 1.0,
                 width = static_cast<double>(std::max<std::size_t>(1, inputs));
    layer.weights =
        segment(layer.panels * panel * inputs, factor / std::sqrt(width), factor * factor, std::sqrt(width));
    layer.bias = segment(layer.panels * panel, bias_factor * factor, 0);
    layer.slopes = segment(last ? 0 : layer.panels * panel, slope_factor, slope_factor * slope_factor);
    const std::size_t cells = layer.panels * panel * stride_;
    activations_.push_back({.values = std::vector<float>(cells)});
    if (!last) activations_.back().derivatives.resize(cells);
    if (!last) activations_.back().differences.resize(cells);
    widest = std::max(widest, layer.panels * panel);
    largest = std::max(largest, padded(inputs) * padded(layer.outputs));
    panel_gradient_.resize(std::max(panel_gradient_.size(), 2 * panel * inputs));
    inputs = layer.outputs;
    layers_.push_back(layer);
  }
  for (std::vector<float>* moments : {&first_, &second_}) {
    stop_.throw_if_requested();
    moments->resize(values_.size());
  }
  stop_.throw_if_requested();
  transposed_.resize(largest);
  small_gradient_.resize(layers_[0].weights.begin + 2 * widest);
  above_.resize(widest * stride_);
  below_.resize(widest * stride_);
  stop_.throw_if_requested();
  raw_.resize(padded(width_) * stride_);
  scaled_.resize(padded(width_) * stride_);
  numbers_.resize(numbers * stride_);
  table_rows_.resize(input_.categories.size() * stride_);
  scratch_.resize(options_.number_width * stride_);
}

NumberEmbedding NetworkTrainer::embedding() const {
  return {input_.numbers.size(), options_.frequencies, options_.number_width, at(frequency_), at(phase_),
          at(embedding_weight_), at(embedding_bias_)};
}

std::vector<const float*> NetworkTrainer::tables() const {
  std::vector<const float*> all;
  std::size_t learned = 0;
  for (const CategoryInput& category : input_.categories)
    all.push_back(category.learned() ? at(tables_[learned++]) : category.table.data());
  return all;
}

HiddenLayer NetworkTrainer::hidden(std::size_t number) {
  Activations& each = activations_[number];
  return {stride_,
          batch_rows_,
          layers_[number].panels,
          at(layers_[number].slopes),
          each.values.data(),
          each.derivatives.data(),
          each.differences.data()};
}

/// False: stopped.
bool NetworkTrainer::put_input(std::size_t rows, const float* numbers, const std::uint32_t* table_rows, float* panels,
                               std::size_t stride) {
  const NumberEmbedding all = embedding();
  for (std::size_t first = 0; first < all.numbers; first += numbers_at_once) {
    if (stop_.stop_requested()) return false;
    network_kernels().embed(all.part(first, std::min(numbers_at_once, all.numbers - first)), numbers + first * stride,
                            stride, rows, panels + first * all.width * stride);
  }
  put_categories(input_, tables(), input_.numbers.size() * options_.number_width, table_rows, stride, rows, panels,
                 stride);
  return true;
}

namespace {

/// Rows of the training data as columns.
void read_rows(const TrainingRows& from, std::span<const std::uint32_t> rows, std::size_t stride, float* numbers,
               std::uint32_t* table_rows) {
  if (from.rows == 0) return;
  const std::size_t n = from.numbers.size() / from.rows, m = from.table_rows.size() / from.rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < n; ++j) numbers[j * stride + i] = from.numbers[rows[i] * n + j];
    for (std::size_t c = 0; c < m; ++c) table_rows[c * stride + i] = from.table_rows[rows[i] * m + c];
  }
}

}  // namespace

bool NetworkTrainer::gather(std::span<const std::uint32_t> batch) {
  batch_ = batch;
  batch_rows_ = batch.size();
  read_rows(rows_, batch, stride_, numbers_.data(), table_rows_.data());
  return put_input(batch_rows_, numbers_.data(), table_rows_.data(), raw_.data(), stride_);
}

void NetworkTrainer::draw_numbers() {
  const auto fill = [&](const ParameterSegment& part, const char* what, const auto& draw) {
    RandomStream random(seed_, purpose(what));
    for (std::size_t i = 0; i < part.size; ++i) at(part)[i] = static_cast<float>(draw(random));
  };
  const double bound = 1 / std::sqrt(static_cast<double>(options_.frequencies));
  const auto uniform = [&](RandomStream& random) { return bound * (2 * random.uniform() - 1); };
  fill(frequency_, "network frequencies",
       [&](RandomStream& random) { return options_.frequency_scale * random.normal(); });
  fill(phase_, "network phases", [&](RandomStream& random) { return pi * (2 * random.uniform() - 1); });
  fill(embedding_weight_, "network embedding weights", uniform);
  fill(embedding_bias_, "network embedding biases", uniform);
  std::size_t learned = 0;
  for (const CategoryInput& category : input_.categories) {
    if (!category.learned()) continue;
    RandomStream random(seed_, purpose("network categories"), learned);
    // row 0, of what training did not see, stays neutral
    for (std::size_t i = category.width; i < category.rows * category.width; ++i)
      at(tables_[learned])[i] = static_cast<float>(random.normal());
    ++learned;
  }
  std::fill_n(at(scales_), width_, 1.0F);
}

/// Layer by layer, from what a sample of the rows gives at the layer below.
void NetworkTrainer::draw_layers() {
  constexpr std::size_t most_rows = 1024;
  const std::size_t rows = std::min(rows_.rows, most_rows), stride = stride_of(rows);
  std::vector<std::uint32_t> sample(rows);
  std::iota(sample.begin(), sample.end(), 0U);
  std::vector<float> numbers(input_.numbers.size() * stride), from(padded(width_) * stride), to;
  std::vector<std::uint32_t> table_rows(input_.categories.size() * stride);
  stop_.throw_if_requested();
  read_rows(rows_, sample, stride, numbers.data(), table_rows.data());
  stop_.throw_if_requested();
  if (!put_input(rows, numbers.data(), table_rows.data(), from.data(), stride)) throw Stopped();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    stop_.throw_if_requested();
    to.assign(layers_[i].panels * panel * stride, 0.0F);
    draw_layer(i, from.data(), stride, rows, to.data());
    std::fill_n(at(layers_[i].slopes), std::min(layers_[i].slopes.size, layers_[i].outputs), 1.0F);
    if (layers_[i].slopes.size > 0)
      network_kernels().activate(options_.activation, at(layers_[i].slopes), to.data(), stride, rows,
                                 layers_[i].panels);
    from.swap(to);
  }
}

/// Weights so that each neuron's products have unit variance over the sample; biases put each neuron's zero at a random
/// convex combination of five rows ("he+5").
void NetworkTrainer::draw_layer(std::size_t number, const float* from, std::size_t stride, std::size_t rows,
                                float* products) {
  TrainerLayer& layer = layers_[number];
  float* weights = at(layer.weights);
  RandomStream random(seed_, purpose("network weights"), number);
  const double unit = 1 / std::sqrt(static_cast<double>(std::max<std::size_t>(1, layer.inputs)));
  for (std::size_t k = 0; k < layer.inputs; ++k) {
    if (k % 64 == 0) stop_.throw_if_requested();
    for (std::size_t o = 0; o < layer.outputs; ++o)
      weights[(o / panel * layer.inputs + k) * panel + o % panel] = static_cast<float>(unit * random.normal());
  }
  const Product product{from, stride, rows, layer.inputs, weights, nullptr, products, stride, layer.panels};
  if (!multiply(product)) throw Stopped();
  const auto product_at = [&](std::size_t row, std::size_t o) -> float& { return cell_of(products, stride, row, o); };
  for (std::size_t o = 0; o < layer.outputs; ++o) {
    stop_.throw_if_requested();
    double sum = 0, squares = 0;
    for (std::size_t row = 0; row < rows; ++row) sum += static_cast<double>(product_at(row, o));
    const double mean = sum / static_cast<double>(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      const double difference = static_cast<double>(product_at(row, o)) - mean;
      squares += difference * difference;
    }
    const double deviation = std::sqrt(squares / static_cast<double>(rows));
    const auto factor = static_cast<float>(deviation > 1e-6 ? 1 / deviation : 1.0);
    for (std::size_t k = 0; k < layer.inputs; ++k)
      weights[(o / panel * layer.inputs + k) * panel + o % panel] *= factor;
    RandomStream corners(seed_, purpose("network biases"), (number << 32) + o);
    double total = 0, place = 0;
    for (int corner = 0; corner < 5; ++corner) {
      const std::size_t row = corners.below(rows);
      const double share = -math::log(1 - corners.uniform());
      total += share;
      place += share * static_cast<double>(product_at(row, o) * factor);
    }
    const auto bias = static_cast<float>(total > 0 ? -place / total : 0.0);
    at(layer.bias)[o] = bias;
    for (std::size_t row = 0; row < rows; ++row) product_at(row, o) = product_at(row, o) * factor + bias;
  }
}

Network NetworkTrainer::network() const {
  const auto copy = [&](const ParameterSegment& part) { return std::vector<float>(at(part), at(part) + part.size); };
  Network network{.activation = options_.activation,
                  .frequencies = options_.frequencies,
                  .number_width = options_.number_width,
                  .frequency = copy(frequency_),
                  .phase = copy(phase_),
                  .embedding_weight = copy(embedding_weight_),
                  .embedding_bias = copy(embedding_bias_)};
  for (const ParameterSegment& table : tables_) network.tables.push_back(copy(table));
  for (const TrainerLayer& layer : layers_)
    network.layers.push_back({layer.inputs, layer.outputs, copy(layer.weights), copy(layer.bias), copy(layer.slopes)});
  std::vector<float>& first = network.layers.front().weights;  // takes the scale layer in
  for (std::size_t i = 0; i < first.size(); ++i) first[i] *= at(scales_)[i / panel % width_];
  return network;
}

/// In parts of about a millisecond. False: stopped.
bool NetworkTrainer::multiply(Product product) const {
  const double operations = 2.0 * static_cast<double>(product.rows * panel * std::max<std::size_t>(1, product.inner));
  const auto part = std::max<std::size_t>(2, static_cast<std::size_t>(operations_between_checks / operations) / 2 * 2);
  for (std::size_t left = product.panels; left > 0;) {
    if (stop_.stop_requested()) return false;
    product.panels = std::min(part, left);
    kernels_.multiply(product);
    left -= product.panels;
    product.w += product.panels * product.inner * panel;
    if (product.start != nullptr) product.start += product.panels * panel;
    product.out += product.panels * product.out_stride * panel;
  }
  return true;
}

}  // namespace automill::neural
