#pragma once
// The fitted half of GenerateFeatures, type "generate_features": the columns as they are, then the generated ones.

#include <automill/core/transformer.hpp>

#include "features/feature_program.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedGenerateFeatures final : public FittedTransformer {
 public:
  /// The program is without fault for this input.
  FittedGenerateFeatures(const Schema& input, features::FeatureProgram program);

  Table transform_aligned(const TableView& rows, const RunContext& context) const override;
  std::unique_ptr<RowTransformer> row_transformer() const override;
  std::string type() const override { return "generate_features"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;
  const features::FeatureProgram& program() const { return program_; }

 protected:
  Schema make_output_schema(const Schema& input) const override;

 private:
  class Rows;
  /// A generated column as learners see it: groups of a cross are in the order of their names.
  double cell(std::size_t output, double value) const noexcept;

  features::FeatureProgram program_;
  std::size_t input_size_ = 0;
  std::vector<ColumnSchema> generated_{};
  std::vector<std::vector<double>> codes_{};  ///< of crosses: the code of each group, and of unseen ones
  std::vector<std::string> words_{};
};

}  // namespace automill
