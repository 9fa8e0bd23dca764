#include <automill/learners/gradient_boosting.hpp>

#include "boosting_run.hpp"
#include "learners/quantile_levels.hpp"
#include "learners/tree/linear_fit.hpp"

namespace automill {
namespace {

constexpr std::int64_t rounds_in_memory_estimate = 200;

/// What linear leaves add: operations of a tree, bytes of a fit and of a node. A leaf's path has a few columns.
struct LinearCost {
  double operations = 0, bytes = 0, node = 0;
};
LinearCost linear_cost(const GradientBoostingParameters& p, const DataShape& shape) {
  if (!p.linear_tree) return {};
  const auto rows = static_cast<double>(shape.rows), leaves = static_cast<double>(p.num_leaves);
  const double columns = std::min(static_cast<double>(shape.columns), 2 * math::log(leaves));
  const auto bytes = tree::linear_fit_bytes(shape.rows, shape.columns, static_cast<std::size_t>(p.num_leaves));
  return {rows * columns * (columns + 4), static_cast<double>(bytes),
          sizeof(LinearLeaf) + sizeof(LinearTerm) * columns};
}

}  // namespace

EstimatorTraits GradientBoosting::traits() const {
  return {.missing = true,
          .categories = true,
          .several_outputs = true,
          .weights = true,
          .weights_repeat_rows = false,
          .early_stopping = true,
          .resumes = true};
}

OutputSpec GradientBoosting::output_spec(const Target& target) const {
  OutputSpec output = output_of(target);
  if (own_objective_ != nullptr || parameters_.quantiles.is_null()) return output;
  const std::string owner = registered_name;
  if (parameters_.objective != "quantile")
    throw Error("fit.quantiles", owner + ".quantiles",
                "levels are given where the objective is " + parameters_.objective,
                "set objective to quantile, or leave them out");
  if (is_classification(target.task)) return output;  // the objective is refused with the task
  if (!target.outputs.empty())
    throw Error("fit.quantiles", owner + ".quantiles",
                "levels of " + std::to_string(target.outputs.size()) + " outputs (" + target.name +
                    ") cannot be learned together",
                "fit one model an output");
  return output_of_levels(std::move(output), quantile_levels(parameters_.quantiles, owner));
}

/// Operations: histogram additions of about two passes over the rows a tree, two scans a leaf of all bins, and the work
/// a row. Bytes: bins, scores, gradients, histograms, the trees of some rounds: early stopping ends most fits long
/// before `n_estimators`, and trees beyond the memory that is left end a fit.
CostEstimate GradientBoosting::cost(const DataShape& shape) const {
  const GradientBoostingParameters& p = parameters_;
  const auto rows = static_cast<double>(shape.rows),
             columns = static_cast<double>(std::max<std::size_t>(1, shape.columns));
  const std::size_t levels = p.quantiles.is_array() ? p.quantiles.array().size() : 1;
  const std::size_t width = shape.classes > 2 ? shape.classes : std::max(shape.outputs, levels);
  const auto outputs = static_cast<double>(width);
  const auto leaves =
      static_cast<double>(p.growth == "symmetric" ? std::int64_t{1} << symmetric_levels(p) : p.num_leaves);
  const double bins = std::min(rows / 3 + 2, static_cast<double>(p.max_bin));
  const LinearCost linear = linear_cost(p, shape);
  const double cells = rows * shape.filled();  // of sparse columns: while they are sorted by row
  const double cell_bytes = shape.nonzeros > 0 ? 18 : 1.4;
  // of several outputs: four or eight sums side by side, which are added in the time of three
  const bool vectors = has_vector_leaves(p, width);
  const double sums = vectors ? static_cast<double>(tree::VectorGradients::entry_size_of(width)) : 1;
  const double tree = (vectors ? 6 : 2) * cells * p.subsample * p.colsample_bytree +
                      2 * leaves * columns * bins * sums + rows * (10 + 2 * math::log(leaves)) + linear.operations;
  const double own = own_objective_ == nullptr ? 0 : static_cast<double>(own_objective_bytes(width));
  const double histograms = std::min(8.0 * sums * bins * columns * (leaves + 1), 256.0 * (1 << 20));
  const double nodes = 2 * std::min(leaves, rows) * outputs *
                       static_cast<double>(std::min<std::int64_t>(p.n_estimators, rounds_in_memory_estimate));
  const double trees = nodes * 2 * (sizeof(TreeNode) + 12 + linear.node);  // vectors double
  return {cells * 4 + static_cast<double>(p.n_estimators) * (vectors ? tree + 20 * rows * outputs : outputs * tree),
          cells * cell_bytes + rows * (60 + 20 * outputs + own + (vectors ? 24 * sums : 0)) + histograms + trees +
              linear.bytes + static_cast<double>(CheckpointGrid(width, shape.validation_rows).bytes())};
}

FitResult GradientBoosting::fit_checked(const FitInput& input, const RunContext& context) const {
  output_spec(input.train.target());  // whether levels and target go together
  return BoostingRun(parameters_, own_objective_.get(), input, context).run();
}

GradientBoosting GradientBoosting::with_objective(OwnObjective own) const {
  GradientBoosting copy = *this;
  copy.own_objective_ = std::make_shared<const OwnObjective>(std::move(own));
  return copy;
}

Object GradientBoosting::parameters() const {
  Object values = Learner::parameters();
  if (own_objective_ != nullptr) values["objective"] = own_objective_->label();
  return values;
}

std::unique_ptr<Estimator> GradientBoosting::with_parameters(const Object& values) const {
  auto copy = std::make_unique<GradientBoosting>(*this);
  Object declared = values;
  const Value* objective = values.find("objective");
  constexpr std::string_view prefix = OwnObjective::label_prefix;
  if (objective != nullptr && objective->is_text() && objective->text().starts_with(prefix)) {
    declared["objective"] = "auto";
    if (own_objective_ == nullptr || own_objective_->label() != objective->text())
      copy->own_objective_ =
          std::make_shared<const OwnObjective>(OwnObjective{.name = objective->text().substr(prefix.size())});
  } else if (objective != nullptr) {
    copy->own_objective_.reset();
  }
  assign_parameters(copy->parameters_, declared, registered_name);
  return copy;
}

std::vector<FitResult> GradientBoosting::fit_folds(const FoldedDataset& folded, const RunContext& context) const {
  if (context.cache != nullptr) return Estimator::fit_folds(folded, context);
  SharedCache cache(std::numeric_limits<std::uint64_t>::max(), context.memory);
  RunContext shared = context;
  shared.cache = &cache;
  return Estimator::fit_folds(folded, shared);
}

}  // namespace automill
