#pragma once
// Fitted combinations of models of the same input: the mean of fold models, and a weighted mean of members.

#include <automill/core/registry.hpp>

namespace automill {

/// sum_m weight_m prediction_m. Weights are positive and sum to 1. Members share the input schema and the output. Class
/// probabilities are scaled by a temperature (temperature.hpp) where it is not 1.
class AUTOMILL_EXPORT WeightedEnsemble final : public Model {
 public:
  static constexpr const char* registered_name = "weighted_ensemble";
  struct Member {
    std::string name;
    double weight = 1;
    std::shared_ptr<const Model> model{};
  };
  explicit WeightedEnsemble(std::vector<Member> members, double temperature = 1)
      : members_(std::move(members)), temperature_(temperature) {}
  const std::vector<Member>& members() const { return members_; }
  double temperature() const { return temperature_; }

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return registered_name; }
  int state_version() const override { return 2; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  std::vector<Member> members_;
  double temperature_;
};

std::unique_ptr<Model> load_weighted_ensemble(const ArchiveReader& in, const ModelContext& context, int state_version,
                                              const Registry& registry);

}  // namespace automill
