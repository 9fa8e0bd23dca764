#include <automill/learners/baseline.hpp>
#include <cmath>

#include "state_check.hpp"

namespace automill {
namespace {

class ConstantRows final : public RowPredictor {
 public:
  explicit ConstantRows(const std::vector<double>& output) : output_(&output) {}
  void predict(const RowView&, std::span<double> out) noexcept override {
    std::copy(output_->begin(), output_->end(), out.begin());
  }

 private:
  const std::vector<double>* output_;
};

}  // namespace

ConstantModel::ConstantModel(std::vector<double> output) : output_(std::move(output)) {}

void ConstantModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext&) const {
  for (std::size_t i = 0; i < rows.rows(); ++i) std::copy(output_.begin(), output_.end(), out.row(i).begin());
}

std::unique_ptr<RowPredictor> ConstantModel::row_predictor() const { return std::make_unique<ConstantRows>(output_); }

void ConstantModel::save(ArchiveWriter& out) const { out.array("output", output_); }

std::string ConstantModel::describe(int indent) const {
  std::string text = std::string(static_cast<std::size_t>(indent), ' ') + "constant:";
  for (double value : output_) text += " " + param_detail::number_text(value);
  return text + "\n";
}

std::unique_ptr<Model> load_constant_model(const ArchiveReader& in, const ModelContext& context, int state_version,
                                           const Registry&) {
  check_state_version(in, state_version, 1);
  auto output = in.array<double>("output", context.output.width);
  check_finite(in, "output", output);
  return std::make_unique<ConstantModel>(std::move(output));
}

}  // namespace automill
