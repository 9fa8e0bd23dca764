#pragma once
// The fitted half of the neural learners, type "neural_model": networks whose predictions are averaged, and how cells
// become what they read. Predictions are finite for any input; those of a regressor stay within the range of the
// training targets. A row alone and the same row in a batch give the same bits, on every processor.

#include <automill/core/model.hpp>

namespace automill {

class Registry;

namespace neural {
struct FittedNetworks;
}

class AUTOMILL_EXPORT NeuralModel final : public Model {
 public:
  explicit NeuralModel(std::shared_ptr<const neural::FittedNetworks> networks);
  ~NeuralModel() override;

  const neural::FittedNetworks& networks() const { return *networks_; }
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return "neural_model"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  std::shared_ptr<const neural::FittedNetworks> networks_;
};

/// Loader of "neural_model" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_neural_model(const ArchiveReader& in, const ModelContext& context,
                                                         int state_version, const Registry& registry);

}  // namespace automill
