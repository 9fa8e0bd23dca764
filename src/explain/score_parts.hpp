#pragma once
// A served model taken apart into the models whose scores it adds up.

#include <automill/core/pipeline.hpp>
#include <automill/predict/served_model.hpp>

#include "explain/column_origins.hpp"

namespace automill {

/// One model that is a sum of trees or of columns, and the way that rows take to it.
struct ScorePart {
  const Model* model = nullptr;
  double weight = 1;
  bool tempered = false;                          ///< a temperature was applied: to scores it is part of the weight
  std::vector<const FittedTransformer*> steps{};  ///< in front of the model
  std::vector<ColumnOrigin> origins{};            ///< of each column of the model, among those of the table
  bool transformed = false;                       ///< the model learned a transformed target
  std::string name{};                             ///< as AutoMLModel::member takes it; empty: the whole

  /// Rows as the model sees them.
  Table transform(const TableView& rows, const RunContext& context) const;
};

struct ScoreParts {
  std::string scale{};
  std::vector<std::string> outputs{};
  std::vector<ScorePart> parts{};
};

/// Of what is explained: two classes have the positive one, more a class each, several outputs one each.
std::vector<std::string> explained_names(const TargetInfo& target);

/// Errors: explain.not_additive, explain.model, explain.transformer.
ScoreParts score_parts(const ServedModel& model);

}  // namespace automill
