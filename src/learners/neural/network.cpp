#include "network.hpp"

#include <cmath>

namespace automill::neural {
namespace {

constexpr std::int64_t most_width = 1 << 16;

bool all_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

std::vector<float> load_finite(const ArchiveReader& in, const char* key, std::size_t size) {
  std::vector<float> values = in.array<float>(key, size);
  if (!all_finite(values)) in.fail(std::string("'") + key + "' holds a number that is not finite");
  return values;
}

/// The panels of a saved layer, without what is beyond its last output.
template <class Visit>
void for_each_weight(std::size_t inputs, std::size_t outputs, const Visit& visit) {
  for (std::size_t k = 0; k < inputs; ++k)
    for (std::size_t o = 0; o < outputs; ++o) visit(k * outputs + o, (o / panel * inputs + k) * panel + o % panel);
}

void save_layer(ArchiveWriter& out, const DenseLayer& layer) {
  out.set("outputs", static_cast<std::int64_t>(layer.outputs));
  std::vector<float> weights(layer.inputs * layer.outputs);
  for_each_weight(layer.inputs, layer.outputs,
                  [&](std::size_t to, std::size_t from) { weights[to] = layer.weights[from]; });
  out.array("weights", weights);
  const auto first = [&](const std::vector<float>& values) {
    return std::span<const float>(values).first(std::min(values.size(), layer.outputs));
  };
  out.array("bias", first(layer.bias));
  out.array("slopes", first(layer.slopes));
}

DenseLayer load_layer(const ArchiveReader& in, std::size_t inputs, bool last) {
  DenseLayer layer{.inputs = inputs, .outputs = static_cast<std::size_t>(in.integer("outputs", 1, most_width))};
  const std::vector<float> weights = load_finite(in, "weights", inputs * layer.outputs);
  in.charge(4 * padded(layer.outputs) * (inputs + 2));
  layer.weights.assign(padded(layer.outputs) * inputs, 0.0F);
  for_each_weight(inputs, layer.outputs, [&](std::size_t from, std::size_t to) { layer.weights[to] = weights[from]; });
  layer.bias = load_finite(in, "bias", layer.outputs);
  layer.bias.resize(padded(layer.outputs));
  layer.slopes = load_finite(in, "slopes", last ? 0 : layer.outputs);
  if (!last) layer.slopes.resize(padded(layer.outputs));
  return layer;
}

}  // namespace

bool Network::finite() const {
  for (const DenseLayer& layer : layers)
    if (!all_finite(layer.weights) || !all_finite(layer.bias) || !all_finite(layer.slopes)) return false;
  for (const auto& table : tables)
    if (!all_finite(table)) return false;
  return all_finite(frequency) && all_finite(phase) && all_finite(embedding_weight) && all_finite(embedding_bias);
}

void Network::save(ArchiveWriter& out) const {
  out.set("activation", static_cast<std::int64_t>(activation));
  out.set("frequencies", static_cast<std::int64_t>(frequencies));
  out.set("number_width", static_cast<std::int64_t>(number_width));
  out.array("frequency", frequency);
  out.array("phase", phase);
  out.array("embedding_weight", embedding_weight);
  out.array("embedding_bias", embedding_bias);
  out.children("tables", tables.size(), [&](ArchiveWriter& part, std::size_t i) { part.array("values", tables[i]); });
  out.children("layers", layers.size(), [&](ArchiveWriter& part, std::size_t i) { save_layer(part, layers[i]); });
}

Network Network::load(const ArchiveReader& in, const NetworkInput& input, std::size_t outputs) {
  Network network{.activation = static_cast<Activation>(in.integer("activation", 0, 2)),
                  .frequencies = static_cast<std::size_t>(in.integer("frequencies", 1, 1024)),
                  .number_width = static_cast<std::size_t>(in.integer("number_width", 1, 64))};
  const std::size_t numbers = input.numbers.size(), made = numbers * (network.number_width - 1);
  network.frequency = load_finite(in, "frequency", numbers * network.frequencies);
  network.phase = load_finite(in, "phase", numbers * network.frequencies);
  network.embedding_weight = load_finite(in, "embedding_weight", made * network.frequencies);
  network.embedding_bias = load_finite(in, "embedding_bias", made);
  const auto tables = in.children("tables");
  for (const CategoryInput& category : input.categories) {
    if (!category.learned()) continue;
    if (network.tables.size() == tables.size()) in.fail("a table is missing");
    network.tables.push_back(load_finite(tables[network.tables.size()], "values", category.rows * category.width));
  }
  if (network.tables.size() != tables.size()) in.fail("there are more tables than learned categories");
  const auto layers = in.children("layers");
  if (layers.empty()) in.fail("'layers' is empty");
  std::size_t width = input.width(network.number_width);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    network.layers.push_back(load_layer(layers[i], width, i + 1 == layers.size()));
    width = network.layers.back().outputs;
  }
  if (width != outputs) in.fail("the last layer gives " + std::to_string(width) + " outputs");
  return network;
}

void put_categories(const NetworkInput& input, const std::vector<const float*>& tables, std::size_t first_column,
                    const std::uint32_t* table_rows, std::size_t table_stride, std::size_t rows, float* panels,
                    std::size_t stride) {
  std::size_t column = first_column;
  for (std::size_t c = 0; c < input.categories.size(); ++c) {
    const std::size_t width = input.categories[c].width;
    for (std::size_t row = 0; row < rows; ++row) {
      const float* values = tables[c] + table_rows[c * table_stride + row] * width;
      for (std::size_t i = 0; i < width; ++i) cell_of(panels, stride, row, column + i) = values[i];
    }
    column += width;
  }
}

NetworkPass::NetworkPass(const NetworkInput& input, const Network& network, std::size_t most_rows)
    : stride_(stride_of(most_rows)), tables_(input.categories.size()) {
  std::size_t widest = 0;
  for (const DenseLayer& layer : network.layers) widest = std::max(widest, padded(layer.outputs));
  input_.resize(padded(network.layers.front().inputs) * stride_);
  first_.resize(widest * stride_);
  second_.resize(widest * stride_);
}

void NetworkPass::run(const NetworkInput& input, const Network& network, const EncodedRows& rows, float* out) {
  const NetworkKernels& kernels = network_kernels();
  const std::size_t numbers = input.numbers.size();
  for (std::size_t c = 0, learned = 0; c < tables_.size(); ++c)
    tables_[c] = input.categories[c].learned() ? network.tables[learned++].data() : input.categories[c].table.data();
  kernels.embed(network.embedding(numbers), rows.numbers.data(), stride_, rows.rows, input_.data());
  put_categories(input, tables_, numbers * network.number_width, rows.table_rows.data(), stride_, rows.rows,
                 input_.data(), stride_);
  const float* from = input_.data();
  float* to = first_.data();
  for (const DenseLayer& layer : network.layers) {
    const std::size_t panels = panels_of(layer.outputs);
    kernels.multiply(
        {from, stride_, rows.rows, layer.inputs, layer.weights.data(), layer.bias.data(), to, stride_, panels});
    if (!layer.slopes.empty())
      kernels.activate(network.activation, layer.slopes.data(), to, stride_, rows.rows, panels);
    from = to;
    to = to == first_.data() ? second_.data() : first_.data();
  }
  const std::size_t outputs = network.outputs();
  for (std::size_t row = 0; row < rows.rows; ++row)
    for (std::size_t o = 0; o < outputs; ++o)
      out[row * outputs + o] = from[(o / panel * stride_ + row) * panel + o % panel];
}

}  // namespace automill::neural
