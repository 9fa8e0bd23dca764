#include <automill/ensemble/weighted_ensemble.hpp>

#include "../everything.hpp"
#include "golden_rows.hpp"

namespace {

/// A learner of the program's own, used by the library through its base classes.
class Zero final : public automill::Model {
 public:
  void predict_aligned(const automill::TableView& rows, automill::PredictionsView out,
                       const automill::RunContext&) const override {
    for (std::size_t i = 0; i < rows.rows(); ++i) out.row(i)[0] = 0;
  }
  std::string type() const override { return "zero"; }
  void save(automill::ArchiveWriter&) const override {}
};

void load_own_component(const std::string& file) {
  automill::Registry registry(&automill::builtin_models());
  registry.add_model_loader("zero", [](const automill::ArchiveReader&, const automill::ModelContext&, int,
                                       const automill::Registry&) { return std::make_unique<Zero>(); });
  const Numbers numbers = make_numbers();
  const automill::Table table = numbers.table().without({"y"});
  auto model = std::make_shared<Zero>();
  model->set_context({table.schema(), automill::OutputSpec{}});
  automill::ModelParts parts;
  parts.schema = table.schema();
  parts.target.name = "y";
  parts.model = model;
  automill::ServedModel(std::make_shared<const automill::ModelParts>(std::move(parts))).save(file);
  const automill::ServedModel served = automill::load(file, &registry);
  CHECK(dynamic_cast<const Zero*>(served.parts().model.get()) != nullptr);
  CHECK(served.row_predictor().predict()[0] == 0);
  std::string code;
  try {
    automill::load(file);
  } catch (const automill::Error& error) {
    code = error.code();
  }
  CHECK(code == "model_file.unknown_component");
}

}  // namespace

int main(int, char** arguments) {
  const std::string folder = arguments[2];
  use_everything(folder + "/shared.automill");
  load_own_component(folder + "/own.automill");
  const automill::ServedModel served = automill::load(folder + "/shared.automill");
  CHECK(dynamic_cast<const automill::WeightedEnsemble*>(served.parts().model.get()) != nullptr);
  CHECK(golden::count_differences(arguments[1], stderr) == 0);
  std::puts("shared: ok");
}
