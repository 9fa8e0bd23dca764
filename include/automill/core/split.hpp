#pragma once
// How rows are divided into folds. A fold depends on a row's content and the seed, not on its position: a shuffled file
// gives every row the same fold. Classes are spread evenly, numeric targets by rank.
//
//   SplitPlan plan = make_folds(*dataset, 8, seed);
//   FoldedDataset folded(dataset, plan);   folded.train(3);  folded.held_out(3);

#include <automill/core/dataset.hpp>
#include <unordered_set>

namespace automill {

/// fold_of[row]: the fold in which the row is held out; `never_held_out` rows are trained on in every fold;
/// `never_used` rows in none.
struct SplitPlan {
  static constexpr std::int32_t never_held_out = -1, never_used = -2;
  std::size_t folds = 0;
  std::vector<std::int32_t> fold_of{};
  bool forward = false;        ///< time order: fold k trains on folds before it and on never_held_out rows
  std::string protocol{};      ///< for people: "8-fold", "holdout 20 %", "5-fold by group"
  std::uint64_t identity = 0;  ///< content hash, part of cache keys

  bool trains(std::size_t row, std::size_t fold) const {
    const std::int32_t f = fold_of[row];
    if (f == never_used) return false;
    if (f == never_held_out) return true;
    return forward ? f < static_cast<std::int32_t>(fold) : f != static_cast<std::int32_t>(fold);
  }
  void finish() {
    identity = folds * 2 + (forward ? 1 : 0);
    for (std::int32_t fold : fold_of) identity = combine_hashes(identity, static_cast<std::uint64_t>(fold + 8));
    if (identity == 0) identity = 1;
  }
};

namespace split_detail {

inline std::uint64_t keyed(std::uint64_t seed, std::uint64_t key) {
  return combine_hashes(combine_hashes(seed, purpose("folds")), key);
}

}  // namespace split_detail

/// Stratified folds by keyed hash. `folds` >= 2. Groups, where the dataset has them, stay together (largest groups
/// first, each to the fold with the fewest rows so far; equal sizes in the order of the hash). O(n log n).
inline SplitPlan make_folds(const Dataset& dataset, std::size_t folds, std::uint64_t seed) {
  if (folds < 2)
    throw Error("option.out_of_range", "folds", std::to_string(folds) + " is not allowed: it must be at least 2");
  const std::size_t n = dataset.rows();
  SplitPlan plan{.folds = folds, .fold_of = std::vector<std::int32_t>(n, 0)};
  plan.protocol = std::to_string(folds) + "-fold";
  using split_detail::keyed;
  if (!dataset.groups.empty()) {
    std::unordered_map<std::uint64_t, std::size_t> sizes;
    for (std::uint64_t group : dataset.groups) ++sizes[group];
    struct Group {
      std::size_t rows;
      std::uint64_t rank, id;
    };
    std::vector<Group> order;
    for (const auto& [id, rows] : sizes) order.push_back({rows, keyed(seed, id), id});
    std::sort(order.begin(), order.end(),
              [](const Group& a, const Group& b) { return a.rows != b.rows ? a.rows > b.rows : a.rank < b.rank; });
    if (order.size() < folds)
      throw Error("data.too_few_groups", "groups",
                  std::to_string(order.size()) + " groups for " + std::to_string(folds) + " folds", "use fewer folds");
    std::vector<std::size_t> filled(folds, 0);
    std::unordered_map<std::uint64_t, std::int32_t> fold_of_group;
    for (const Group& group : order) {
      const auto fold = static_cast<std::size_t>(std::min_element(filled.begin(), filled.end()) - filled.begin());
      filled[fold] += group.rows;
      fold_of_group[group.id] = static_cast<std::int32_t>(fold);
    }
    for (std::size_t i = 0; i < n; ++i) plan.fold_of[i] = fold_of_group[dataset.groups[i]];
    plan.protocol += " by group";
    plan.finish();
    return plan;
  }
  std::vector<std::uint64_t> rank(n);
  for (std::size_t i = 0; i < n; ++i) rank[i] = keyed(seed, dataset.keys[i]);
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  const Target& target = dataset.target;
  if (is_classification(target.task)) {
    std::sort(order.begin(), order.end(), [&](auto a, auto b) {
      return target.labels[a] != target.labels[b] ? target.labels[a] < target.labels[b] : rank[a] < rank[b];
    });
    for (std::size_t i = 0; i < n; ++i) plan.fold_of[order[i]] = static_cast<std::int32_t>(i % folds);
  } else {
    const std::size_t width = target.width();  // of several outputs, the first counts
    std::sort(order.begin(), order.end(), [&](auto a, auto b) {
      const double of_a = target.values[a * width], of_b = target.values[b * width];
      return of_a != of_b ? of_a < of_b : rank[a] < rank[b];
    });
    for (std::size_t i = 0; i < n;
         i += folds) {  // neighbours in value go to different folds, in an order drawn by content
      const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(n, i + folds));
      std::sort(order.begin() + static_cast<std::ptrdiff_t>(i), end, [&](auto a, auto b) { return rank[a] < rank[b]; });
      const std::size_t turn = static_cast<std::size_t>(rank[order[i]] >> 8) % folds;
      for (std::size_t j = i; j < std::min(n, i + folds); ++j)
        plan.fold_of[order[j]] = static_cast<std::int32_t>((j - i + turn) % folds);
    }
  }
  plan.finish();
  return plan;
}

/// One fold that holds out about `fraction` of the rows, stratified; the others always train.
inline SplitPlan make_holdout(const Dataset& dataset, double fraction, std::uint64_t seed) {
  if (!(fraction > 0 && fraction < 1)) throw Error("option.out_of_range", "holdout", "it must lie between 0 and 1");
  const std::unordered_set<std::uint64_t> groups(dataset.groups.begin(), dataset.groups.end());
  const std::size_t most = std::max<std::size_t>(2, groups.empty() ? dataset.rows() : groups.size());
  const double wanted = std::round(1.0 / std::min(fraction, 1 - fraction));
  // more parts than rows or groups would leave the part that is held out (or the other one) empty
  const auto parts = static_cast<std::size_t>(std::clamp(wanted, 2.0, static_cast<double>(most)));
  SplitPlan plan = make_folds(dataset, parts, seed);
  const bool few = fraction <= 0.5;
  for (auto& fold : plan.fold_of) fold = (fold == 0) == few ? 0 : SplitPlan::never_held_out;
  plan.folds = 1;
  plan.protocol = "holdout";
  plan.finish();
  return plan;
}

/// Forward validation: rows in order of time are cut into folds + 1 blocks; fold k trains on the blocks before block k
/// + 1. Equal times stay together.
inline SplitPlan make_time_folds(const Dataset& dataset, std::size_t folds) {
  const std::size_t n = dataset.rows();
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return dataset.times[a] < dataset.times[b]; });
  SplitPlan plan{.folds = folds, .fold_of = std::vector<std::int32_t>(n, 0), .forward = true};
  for (std::size_t i = 0, first = 0; i < n; ++i) {
    if (i == 0 || dataset.times[order[i - 1]] != dataset.times[order[i]]) first = i;  // first row with the same time
    plan.fold_of[order[i]] = static_cast<std::int32_t>(first * (folds + 1) / n) - 1;
  }
  plan.protocol = std::to_string(folds) + "-fold forward in time";
  plan.finish();
  return plan;
}

/// Folds that the caller numbered: 0 .. folds-1, or SplitPlan::never_held_out.
inline SplitPlan predefined_folds(std::vector<std::int32_t> fold_of) {
  SplitPlan plan;
  for (std::int32_t fold : fold_of) plan.folds = std::max(plan.folds, static_cast<std::size_t>(std::max(fold, -1) + 1));
  plan.fold_of = std::move(fold_of);
  plan.protocol = std::to_string(plan.folds) + (plan.folds == 1 ? " predefined fold" : " predefined folds");
  if (plan.folds == 0) throw Error("option.invalid", "folds", "no row is held out in any fold");
  plan.finish();
  return plan;
}

/// A dataset with its plan: the views of every fold, made once.
class FoldedDataset {
 public:
  FoldedDataset(std::shared_ptr<const Dataset> dataset, SplitPlan plan)
      : dataset_(std::move(dataset)), plan_(std::move(plan)) {
    for (std::size_t fold = 0; fold < plan_.folds; ++fold) {
      auto train = std::make_shared<std::vector<std::uint32_t>>();
      auto held_out = std::make_shared<std::vector<std::uint32_t>>();
      for (std::uint32_t row = 0; row < dataset_->rows(); ++row) {
        if (plan_.fold_of[row] == static_cast<std::int32_t>(fold)) held_out->push_back(row);
        else if (plan_.trains(row, fold)) train->push_back(row);
      }
      train_.emplace_back(dataset_, RowSet{train, combine_hashes(plan_.identity, 2 * fold)});
      held_out_.emplace_back(dataset_, RowSet{held_out, combine_hashes(plan_.identity, 2 * fold + 1)});
    }
  }
  /// The same folds of other columns of the same rows.
  FoldedDataset with_columns(Table features) const {
    Dataset other = *dataset_;
    other.features = std::move(features);
    FoldedDataset copy = *this;
    copy.dataset_ = make_dataset(std::move(other));
    for (auto* views : {&copy.train_, &copy.held_out_})
      for (DatasetView& view : *views) view = DatasetView(copy.dataset_, view.row_set());
    return copy;
  }
  std::size_t folds() const { return plan_.folds; }
  const SplitPlan& plan() const { return plan_; }
  const std::shared_ptr<const Dataset>& dataset() const { return dataset_; }
  const DatasetView& train(std::size_t fold) const { return train_[fold]; }
  const DatasetView& held_out(std::size_t fold) const { return held_out_[fold]; }

 private:
  std::shared_ptr<const Dataset> dataset_;
  SplitPlan plan_;
  std::vector<DatasetView> train_, held_out_;
};

}  // namespace automill
