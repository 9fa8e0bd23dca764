#include "network_model.hpp"

#include <automill/core/math.hpp>
#include <automill/learners/neural_model.hpp>

#include "state_check.hpp"

namespace automill {
namespace neural {

constexpr std::size_t block_rows = 64;

Predictor::Predictor(const FittedNetworks& networks, std::size_t most_rows)
    : networks_(&networks),
      rows_(networks.input, most_rows),
      pass_(networks.input, networks.members.front(), most_rows),
      outputs_(most_rows * networks.outputs()),
      scores_(networks.outputs()) {}

void Predictor::predict(double* out) {
  const std::size_t outputs = networks_->outputs(), cells = rows_.rows * outputs;
  const double share = 1.0 / static_cast<double>(networks_->members.size());
  std::fill_n(out, cells, 0.0);
  for (const Network& member : networks_->members) {
    pass_.run(networks_->input, member, rows_, outputs_.data());
    for (std::size_t row = 0; row < rows_.rows; ++row) {
      const float* from = outputs_.data() + row * outputs;
      double* to = out + row * outputs;
      std::copy_n(from, outputs, scores_.begin());
      if (networks_->scales.empty()) math::softmax(scores_.data(), outputs);
      for (std::size_t o = 0; o < outputs; ++o) to[o] += share * scores_[o];
    }
  }
  for (std::size_t i = 0; i < cells && !networks_->scales.empty(); ++i) {
    const OutputScale& scale = networks_->scales[i % outputs];
    out[i] = std::clamp(scale.center + scale.scale * out[i], scale.lowest, scale.highest);
  }
}

namespace {

class NeuralRows final : public RowPredictor {
 public:
  explicit NeuralRows(const FittedNetworks& networks) : networks_(&networks), predictor_(networks, 1) {}
  void predict(const RowView& row, std::span<double> out) noexcept override {
    predictor_.rows().encode(networks_->input, row);
    predictor_.predict(out.data());
  }

 private:
  const FittedNetworks* networks_;
  Predictor predictor_;
};

}  // namespace
}  // namespace neural

NeuralModel::NeuralModel(std::shared_ptr<const neural::FittedNetworks> networks) : networks_(std::move(networks)) {}
NeuralModel::~NeuralModel() = default;

void NeuralModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  constexpr std::size_t block = neural::block_rows;
  for_each_block(context.executor(), rows.rows(), 16 * block, [&](std::size_t begin, std::size_t end) {
    neural::Predictor predictor(*networks_, block);
    for (std::size_t first = begin; first < end; first += block) {
      if (context.stop.stop_requested()) {
        std::fill(out.data + first * out.width, out.data + end * out.width, std::numeric_limits<double>::quiet_NaN());
        return;
      }
      predictor.rows().encode(networks_->input, rows.part(first, std::min(block, end - first)));
      predictor.predict(out.data + first * out.width);
    }
  });
}

std::unique_ptr<RowPredictor> NeuralModel::row_predictor() const {
  return std::make_unique<neural::NeuralRows>(*networks_);
}

void NeuralModel::save(ArchiveWriter& out) const {
  out.child("input", [&](ArchiveWriter& part) { networks_->input.save(part); });
  out.children("members", networks_->members.size(),
               [&](ArchiveWriter& part, std::size_t i) { networks_->members[i].save(part); });
  std::vector<double> scales;
  for (const neural::OutputScale& scale : networks_->scales)
    scales.insert(scales.end(), {scale.center, scale.scale, scale.lowest, scale.highest});
  out.array("scales", scales);
}

std::string NeuralModel::describe(int indent) const {
  const neural::Network& network = networks_->members.front();
  std::string text = std::string(static_cast<std::size_t>(indent), ' ') +
                     "neural_model: " + std::to_string(network.layers.front().inputs);
  for (const neural::DenseLayer& layer : network.layers) text += " - " + std::to_string(layer.outputs);
  if (networks_->members.size() > 1) text += ", " + std::to_string(networks_->members.size()) + " networks";
  return text + "\n";
}

namespace {

std::vector<neural::OutputScale> load_scales(const ArchiveReader& in, std::size_t outputs) {
  const auto values = in.array<double>("scales", 4 * outputs);
  check_finite(in, "scales", values);
  std::vector<neural::OutputScale> scales;
  for (std::size_t o = 0; o < outputs; ++o) {
    scales.push_back({values[4 * o], values[4 * o + 1], values[4 * o + 2], values[4 * o + 3]});
    if (scales.back().lowest > scales.back().highest) in.fail("'scales' has bounds in the wrong order");
  }
  return scales;
}

}  // namespace

std::unique_ptr<Model> load_neural_model(const ArchiveReader& in, const ModelContext& context, int state_version,
                                         const Registry&) {
  check_state_version(in, state_version, 1);
  auto networks = std::make_shared<neural::FittedNetworks>();
  networks->input = neural::NetworkInput::load(in.child("input"), *context.input);
  const std::size_t outputs = context.output.width;
  for (const ArchiveReader& part : in.children("members")) {
    networks->members.push_back(neural::Network::load(part, networks->input, outputs));
    const neural::Network &first = networks->members.front(), &last = networks->members.back();
    bool same = first.layers.size() == last.layers.size() && first.number_width == last.number_width;
    for (std::size_t i = 0; same && i < first.layers.size(); ++i)
      same = first.layers[i].outputs == last.layers[i].outputs;
    if (!same) part.fail("networks of one model have one shape");
  }
  if (networks->members.empty()) in.fail("'members' is empty");
  networks->scales = load_scales(in, is_classification(context.output.task) ? 0 : outputs);
  return std::make_unique<NeuralModel>(std::move(networks));
}

}  // namespace automill
