#include "learners/boosting_grower.hpp"

#include "learners/tree/symmetric_grower.hpp"
#include "learners/tree/target_statistics.hpp"
#include "learners/tree/vector_grower.hpp"

namespace automill {

using namespace tree;

namespace {

/// A grower of leaf-wise and depth-wise trees, of one output or of several.
template <class Grower>
class FreeGrower final : public BoostingGrower {
 public:
  FreeGrower(const GrowParameters& grow, std::shared_ptr<const BinnedTable> bins)
      : bins_(std::move(bins)), grower_(*bins_, grow) {}
  bool grow(const TreeRequest& request, const RunContext& context) override {
    const auto& gradients = [&]() -> const auto& {
      if constexpr (std::is_same_v<Grower, VectorGrower>) return *request.vectors;
      else return request.gradients[0];
    }
    ();
    return grower_.grow(gradients, *request.rows, context.seed, request.index, context);
  }
  GrownTree& tree() override { return grower_.tree(); }
  std::span<const std::uint32_t> leaf_rows(std::size_t leaf) const override { return grower_.leaf_rows(leaf); }
  const BinnedTable& bins() const override { return *bins_; }
  std::shared_ptr<const BinnedTable> bins_of_others(std::shared_ptr<const BinnedTable> table,
                                                    const RunContext&) const override {
    return table;
  }

 private:
  std::shared_ptr<const BinnedTable> bins_;
  Grower grower_;
};

SymmetricParameters symmetric_parameters(const GradientBoostingParameters& p) {
  return {.depth = static_cast<int>(symmetric_levels(p)),
          .min_rows = static_cast<double>(p.min_child_samples),
          .min_hessian = p.min_child_weight,
          .l2 = p.reg_lambda,
          .min_gain = p.min_split_gain,
          .column_fraction = p.colsample_bytree,
          .max_cat_to_onehot = static_cast<int>(p.max_cat_to_onehot)};
}

StatisticsOptions statistics_options(const GradientBoostingParameters& p) {
  StatisticsOptions options{.min_categories = static_cast<std::size_t>(p.max_cat_to_onehot) + 1};
  options.crosses.min_bins = options.min_categories + 1;
  if (p.max_crossed_categories < 3) options.crosses.most_triples = 0;
  if (p.max_crossed_categories < 2) options.crosses.most_pairs = 0;
  return options;
}

class LevelGrower final : public BoostingGrower {
 public:
  LevelGrower(const GradientBoostingParameters& parameters, const BoostingRows& rows, const RunContext& context)
      : parameters_(parameters),
        learning_rate_(rows.learning_rate),
        rows_(static_cast<double>(rows.rows.size())),
        bins_(rows.bins),
        statistics_(bins_, rows.rows, rows.keys, *rows.targets, statistics_options(parameters), context),
        grower_(symmetric_parameters(parameters)) {
    if (!statistics_.empty()) bins_ = statistics_.ordered(0);
  }

  bool grow(const TreeRequest& request, const RunContext& context) override {
    if (!statistics_.empty()) {
      RandomStream random(context.seed, purpose("order of a tree"), request.index);
      bins_ = statistics_.ordered(static_cast<std::size_t>(random.below(statistics_.orders())));
    }
    return grower_.grow(*bins_, request.gradients, *request.rows, noise(request), context.seed, request.index, context);
  }
  GrownTree& tree() override { return grower_.tree(); }
  std::span<const std::uint32_t> leaf_rows(std::size_t leaf) const override { return grower_.leaf_rows(leaf); }
  const BinnedTable& bins() const override { return *bins_; }
  std::shared_ptr<const BinnedTable> bins_of_others(std::shared_ptr<const BinnedTable> table,
                                                    const RunContext& context) const override {
    return statistics_.empty() ? table : statistics_.complete(std::move(table), context);
  }

 private:
  /// random_strength times the size of a gradient, dying out once the rounds have made exp(rounds * rate) > rows.
  double noise(const TreeRequest& request) const {
    const double strength = parameters_.random_strength.value_or(1.0);
    if (strength <= 0) return 0;
    double squares = 0, hessians = 0;
    std::vector<double> own;
    for (const QuantisedGradients& g : request.gradients) {
      own.clear();
      for (double gradient : g.gradients) own.push_back(gradient * gradient);
      squares += order_free_sum(own);
      hessians += g.kind == HessianKind::constant ? rows_ : order_free_sum(g.hessians);
    }
    hessians /= static_cast<double>(request.gradients.size());
    if (!(hessians > 0)) return 0;
    const double left = math::exp(math::log(rows_) - static_cast<double>(request.round) * learning_rate_);
    return strength * std::sqrt(squares / hessians) * left / (1 + left);
  }

  const GradientBoostingParameters& parameters_;
  double learning_rate_, rows_;
  std::shared_ptr<const BinnedTable> bins_;
  TargetStatistics statistics_;
  SymmetricGrower grower_;
};

bool symmetric(const GradientBoostingParameters& parameters) { return parameters.growth == "symmetric"; }

}  // namespace

std::int64_t symmetric_levels(const GradientBoostingParameters& parameters) {
  return parameters.max_depth > 0 ? std::min<std::int64_t>(parameters.max_depth, SymmetricGrower::most_levels) : 6;
}

bool has_vector_leaves(const GradientBoostingParameters& parameters, std::size_t outputs) {
  return outputs > 1 && parameters.multi_strategy == "multi_output_tree";
}

std::unique_ptr<BoostingGrower> make_boosting_grower(const GradientBoostingParameters& parameters,
                                                     const GrowParameters& grow, const BoostingRows& rows,
                                                     const RunContext& context) {
  if (symmetric(parameters)) return std::make_unique<LevelGrower>(parameters, rows, context);
  if (has_vector_leaves(parameters, rows.outputs)) return std::make_unique<FreeGrower<VectorGrower>>(grow, rows.bins);
  return std::make_unique<FreeGrower<TreeGrower>>(grow, rows.bins);
}

std::uint64_t boosting_grower_bytes(const GradientBoostingParameters& parameters, const GrowParameters& grow,
                                    const BinnedTable& bins, std::size_t rows, std::size_t outputs) {
  const bool vectors = has_vector_leaves(parameters, outputs);
  if (symmetric(parameters))
    return SymmetricGrower::estimate_bytes(rows, bins.histogram_size(), vectors ? outputs : 1,
                                           symmetric_parameters(parameters).depth) +
           (vectors ? outputs * (16 * rows + 16 * bins.rows()) : 0) +
           TargetStatistics::estimate_bytes(bins, outputs, statistics_options(parameters));
  if (vectors)
    return VectorGrower::estimate_bytes(rows, bins.histogram_size(), outputs, grow) +
           VectorGradients::estimate_bytes(rows, bins.rows(), outputs);
  return TreeGrower::estimate_bytes(rows, bins.histogram_size(), static_cast<int>(parameters.num_leaves),
                                    grow.histogram_bytes);
}

}  // namespace automill
