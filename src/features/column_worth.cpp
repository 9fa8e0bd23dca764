#include "features/column_worth.hpp"

#include "features/quick_model.hpp"

namespace automill::features {
namespace {

/// The columns, then shuffled copies of them.
std::shared_ptr<const Dataset> with_shadows(const Dataset& data, std::size_t fit, const RunContext& context) {
  const std::size_t columns = data.features.size();
  std::vector<ColumnPtr> all = data.features.columns();
  all.resize(2 * columns);
  context.executor().run(columns, [&](std::size_t c) {
    context.stop.throw_if_requested();
    std::vector<std::uint32_t> rows(data.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    context.random("shadows", combine_hashes(fit, hash_text(data.features[c].name()))).shuffle(rows);
    const ColumnPtr copy = copy_column(TableView(data.features, rows), c);
    ColumnSchema schema = copy->schema();
    schema.name = std::to_string(c);  // never seen, and no column's name twice
    while (data.features.contains(schema.name)) schema.name += "_";
    all[columns + c] = std::make_shared<const Column>(std::move(schema), copy->chunks());
  });
  Dataset wide = data;
  wide.features = Table(std::move(all));
  return make_dataset(std::move(wide));
}

/// Codes of the target in bins: the classes, or those of one output.
std::vector<BinnedCandidate> bin_target(const Target& target) {
  if (is_classification(target.task)) {
    const std::vector<double> labels(target.labels.begin(), target.labels.end());
    return {bin_groups(labels, target.classes.size())};
  }
  std::vector<BinnedCandidate> outputs;
  for (std::size_t k = 0; k < target.width(); ++k) {
    std::vector<double> values(target.rows());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = target.row(i)[k];
    outputs.push_back(bin_numbers(values));
  }
  return outputs;
}

/// Sum of n log n.
double sum_of_logs(const std::vector<double>& counts) {
  double sum = 0;
  for (double count : counts)
    if (count > 0) sum += count * math::log(count);
  return sum;
}

/// Mutual information of two codes in nats a row, up to terms that shuffling does not change.
class Information {
 public:
  Information(const BinnedCandidate& target, const std::vector<double>& weights) : target_(target), weights_(weights) {}
  double with(const BinnedCandidate& column, std::span<const std::uint32_t> order) const {
    std::vector<double> joint(column.bins * target_.bins, 0.0), single(column.bins, 0.0), classes(target_.bins, 0.0);
    double total = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const double weight = weights_.empty() ? 1.0 : weights_[i];
      joint[column.codes[order[i]] * target_.bins + target_.codes[i]] += weight;
      single[column.codes[order[i]]] += weight;
      classes[target_.codes[i]] += weight;
      total += weight;
    }
    const double own = sum_of_logs(single) + sum_of_logs(classes) - total * math::log(total);
    return (sum_of_logs(joint) - own) / total;
  }

 private:
  const BinnedCandidate& target_;
  const std::vector<double>& weights_;
};

}  // namespace

ColumnWorth worth_by_shadows(const std::shared_ptr<const Dataset>& data, std::size_t fits, const RunContext& context) {
  const std::size_t columns = data->features.size();
  ColumnWorth worth{std::vector<double>(columns, 0.0), std::vector<std::uint8_t>(columns, 0)};
  double best_shadow = 0;
  RunContext own = context;
  own.cache = nullptr;
  for (std::size_t fit = 0; fit < fits; ++fit) {
    own.seed = combine_hashes(context.seed, fit);
    const MemoryClaim claim(context.memory, 8 * data->rows() * columns, "shuffled columns");
    const GradientBoosting boosting(
        {.num_leaves = 16, .multi_strategy = "multi_output_tree", .early_stopping_rounds = 0});
    const FitResult result = boosting.fit(with_shadows(*data, fit, context), own);
    context.stop.throw_if_requested();
    std::vector<double> gains(2 * columns, 0.0);
    add_importance(result.require_model("select_features"), gains);
    best_shadow =
        std::max(best_shadow, *std::max_element(gains.begin() + static_cast<std::ptrdiff_t>(columns), gains.end()));
    for (std::size_t c = 0; c < columns; ++c) worth.importance[c] += gains[c] / static_cast<double>(fits);
  }
  for (std::size_t c = 0; c < columns; ++c) worth.signal[c] = worth.importance[c] > best_shadow ? 1 : 0;
  return worth;
}

std::vector<BinnedCandidate> bin_columns(const Dataset& data, const RunContext& context) {
  std::vector<BinnedCandidate> binned(data.features.size());
  context.executor().run(binned.size(), [&](std::size_t c) {
    context.stop.throw_if_requested();
    std::vector<double> values(data.rows());
    data.features[c].numbers(0, values.size(), values.data());
    const ColumnSchema& schema = data.features[c].schema();
    binned[c] =
        schema.kind == ColumnKind::category ? bin_groups(values, schema.dictionary->size()) : bin_numbers(values);
  });
  return binned;
}

ColumnWorth worth_by_information(const Dataset& data, const RunContext& context) {
  constexpr std::size_t shuffled = 19;
  const std::size_t columns = data.features.size();
  ColumnWorth worth{std::vector<double>(columns, 0.0), std::vector<std::uint8_t>(columns, 0)};
  const std::vector<BinnedCandidate> binned = bin_columns(data, context), targets = bin_target(data.target);
  context.executor().run(columns, [&](std::size_t c) {
    std::vector<std::uint32_t> order(data.rows());
    std::iota(order.begin(), order.end(), 0U);
    RandomStream random = context.random("shuffled columns", hash_text(data.features[c].name()));
    double most = 0;
    for (std::size_t s = 0; s <= shuffled; ++s) {
      context.stop.throw_if_requested();
      double sum = 0;
      for (const BinnedCandidate& target : targets) sum += Information(target, data.weights).with(binned[c], order);
      if (s == 0) worth.importance[c] = sum;
      else most = std::max(most, sum);
      random.shuffle(order);
    }
    worth.signal[c] = worth.importance[c] > most ? 1 : 0;
  });
  return worth;
}

}  // namespace automill::features
