#include "features/distinct_rows.hpp"

#include "data/column_content.hpp"
#include "preprocess/column_statistics.hpp"
#include "preprocess/columnwise.hpp"

namespace automill::features {
namespace {

/// Rows of a dataset in the given order, with these weights and keys.
std::shared_ptr<const Dataset> take(const std::shared_ptr<const Dataset>& data, std::vector<std::uint32_t> rows,
                                    const RunContext& context) {
  const std::size_t columns = data->features.size();
  const MemoryClaim claim(context.memory, 8 * columns * rows.size(), "different rows");
  std::vector<ColumnPtr> taken(columns);
  context.executor().run(columns, [&](std::size_t c) {
    context.stop.throw_if_requested();
    taken[c] = copy_column(TableView(data->features, rows), c);
  });
  const std::size_t count = rows.size();
  const DatasetView view(data, RowSet{std::make_shared<const std::vector<std::uint32_t>>(std::move(rows)), 1});
  return view.with_features(Table::with_rows(std::move(taken), count)).shared();
}

}  // namespace

std::shared_ptr<const Dataset> DistinctRows::first(std::size_t rows) const {
  if (rows >= data->rows()) return data;
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0U);
  return take(data, std::move(order), {});
}

DistinctRows distinct_rows(const DatasetView& train, const RunContext& context) {
  const Table& all = train.dataset().features;
  const std::vector<double> counts = row_counts(train);
  const bool whole = is_whole(train.features());
  const MemoryClaim claim(context.memory, whole ? 0 : 8 * all.size() * train.rows(), "training columns");
  std::vector<ColumnPtr> columns(all.size());
  std::vector<ColumnContent> contents(all.size());
  for_each_column(train, context, [&](std::size_t c) {
    if (all[c].kind() == ColumnKind::text || all[c].sparse()) return;
    columns[c] = whole ? all.columns()[c] : copy_column(train.features(), c);
    contents[c] = ColumnContents().of(*columns[c], counts);
  });
  DistinctRows result;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> known;
  for (std::uint32_t c = 0; c < all.size(); ++c) {
    if (columns[c] == nullptr) continue;
    if (contents[c].constant) {
      result.constant.push_back(c);
      continue;
    }
    std::vector<std::uint32_t>& alike = known[contents[c].hash];
    const auto original = std::find_if(alike.begin(), alike.end(), [&](std::uint32_t other) {
      return same_content(*columns[c], *columns[other], counts);
    });
    if (original != alike.end()) {
      result.copies.emplace_back(c, *original);
      continue;
    }
    alike.push_back(c);
    result.columns.push_back(c);
  }
  std::sort(result.columns.begin(), result.columns.end(),
            [&](auto a, auto b) { return all[a].name() < all[b].name(); });
  std::vector<ColumnPtr> kept;
  for (std::uint32_t c : result.columns) kept.push_back(columns[c]);
  const DatasetView rows = train.with_features(Table::with_rows(std::move(kept), train.rows()));

  std::vector<std::uint64_t> hashes = row_content_hashes(rows.dataset().features, rows.target());
  for (std::size_t i = 0; i < hashes.size() && !rows.dataset().groups.empty(); ++i)
    hashes[i] = combine_hashes(hashes[i], rows.dataset().groups[i]);
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < hashes.size(); ++i)
    if (counts.empty() || counts[i] > 0) order.push_back(i);
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return hashes[a] != hashes[b] ? hashes[a] < hashes[b] : a < b; });
  context.stop.throw_if_requested();
  Dataset changed = rows.dataset();
  changed.keys = hashes;
  changed.initial_scores.clear();
  changed.times.clear();
  changed.weights.assign(hashes.size(), 0.0);
  std::vector<std::uint32_t> different;
  bool all_one = true;
  for (std::uint32_t row : order) {
    if (different.empty() || hashes[different.back()] != hashes[row]) different.push_back(row);
    double& copies = changed.weights[different.back()];
    copies += counts.empty() ? 1.0 : counts[row];
    all_one = all_one && copies == 1;
  }
  if (all_one) changed.weights.clear();
  result.data = take(make_dataset(std::move(changed)), std::move(different), context);
  return result;
}

}  // namespace automill::features
