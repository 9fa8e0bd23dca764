#include "target_means.hpp"

namespace automill {

TargetProblem::TargetProblem(const OuterFolds& outer, std::size_t inner_count, bool in_order, const RunContext& context)
    : rows(outer, inner_count, in_order, context), priors(outer.folds()) {
  PartSums sums(rows, outer.parts(), context.stop);
  sums.sum(rows, 0, rows.size());
  std::vector<TargetMoments> inner;
  for (std::size_t fold = 0; fold < outer.folds(); ++fold) {
    context.stop.throw_if_requested();
    const EncodedFold& encoded = folds.emplace_back(rows, outer, fold, inner_count);
    sums.add_up(encoded, inner);
    for (std::size_t j = 0; j <= inner_count; ++j)
      for (std::size_t m = 0; m < rows.signals; ++m) priors[fold].emplace_back(encoded.without(inner, m, j));
  }
}

namespace {

/// The means of one code in one outer fold, from its sums by inner fold. Those that leave out an inner fold without
/// rows of the code are not needed, unless `all_inner`.
void set_means(const EncodedFold& fold, const std::vector<TargetPrior>& priors, const std::vector<TargetMoments>& inner,
               std::size_t code, bool all_inner, std::optional<double> smoothing, CategoryMeans& means) {
  const std::size_t signals = fold.signals;
  const auto mean = [&](std::size_t m, std::size_t left_out) {
    return shrunk_mean(fold.without(inner, m, left_out).moments, priors[left_out * signals + m], smoothing);
  };
  for (std::size_t m = 0; m < signals; ++m) means.means[code * signals + m] = mean(m, fold.inner_count);
  for (std::size_t j = 0; j < means.of_inner.size(); ++j)
    for (std::size_t m = 0; m < signals && (all_inner || inner[j * signals].count > 0); ++m)
      means.of_inner[j][code * signals + m] = mean(m, j);
}

}  // namespace

std::vector<CategoryMeans> category_means(const TargetProblem& problem, const OuterFolds& outer,
                                          const GroupedRows& grouped, std::size_t first, std::size_t count,
                                          bool of_inner, std::optional<double> smoothing, const StopToken& stop) {
  const std::size_t signals = problem.rows.signals, cells = grouped.codes() * signals;
  std::vector<CategoryMeans> means(count);
  for (std::size_t f = 0; f < count; ++f) {
    means[f].means.resize(cells);
    if (of_inner) means[f].of_inner.assign(problem.folds[first + f].inner_count, std::vector<double>(cells));
  }
  PartSums sums(problem.rows, outer.parts(), stop);
  std::vector<TargetMoments> inner;
  std::size_t since_asked = 0;
  for (std::size_t code = 0; code < grouped.codes(); ++code) {
    const std::size_t begin = grouped.first[code],
                      end = code == grouped.unseen() ? begin : grouped.first[code + 1];  // no sums of unseen ones
    since_asked += end - begin + count;
    if (since_asked > 20000) {
      stop.throw_if_requested();
      since_asked = 0;
    }
    sums.sum(grouped.cells, begin, end);
    const bool all_inner = code == grouped.unseen() || !problem.rows.weights.empty();  // rows may weigh nothing
    for (std::size_t f = 0; f < count; ++f) {
      sums.add_up(problem.folds[first + f], inner);
      set_means(problem.folds[first + f], problem.priors[first + f], inner, code, all_inner, smoothing, means[f]);
      bool any = false;
      for (std::size_t j = 0; j < inner.size(); j += signals) any = any || inner[j].count > 0;
      if (any && code < grouped.unseen()) ++means[f].categories;
    }
  }
  return means;
}

std::vector<double> ordered_means(const TargetProblem& problem, const OuterFolds& outer, const GroupedRows& grouped,
                                  std::size_t fold, double smoothing, const StopToken& stop) {
  const TargetRows& rows = problem.rows;
  const Dataset& dataset = outer.dataset();
  const std::size_t signals = rows.signals;
  const double scale = problem.folds[fold].scale;
  std::vector<double> sums((grouped.codes() + 1) * signals, 0.0), counts(grouped.codes() + 1, 0.0);  // last: all rows
  std::vector<double> encoded(dataset.rows() * signals);
  std::vector<std::uint32_t> group;  // rows that are encoded and not added yet
  const auto add = [&](std::uint32_t position) {
    const std::uint32_t row = rows.rows[position];
    const double weight = rows.weights.empty() ? 1.0 : scale * rows.weights[position];
    const auto code = static_cast<std::size_t>(grouped.code_of_row[row]);
    for (std::size_t at : {code, grouped.codes()}) {
      counts[at] += weight;
      for (std::size_t m = 0; m < signals; ++m) {
        const double value = rows.classes ? (rows.labels[position] == static_cast<std::int32_t>(m) ? 1.0 : 0.0)
                                          : dataset.target.row(row)[m];
        sums[at * signals + m] += weight * value;
      }
    }
  };
  const auto encode = [&](std::uint32_t position) {
    const std::uint32_t row = rows.rows[position];
    const auto code = static_cast<std::size_t>(grouped.code_of_row[row]);
    const double count = code == grouped.unseen() ? 0.0 : counts[code];
    for (std::size_t m = 0; m < signals; ++m) {
      const TargetPrior before({{counts.back(), sums[grouped.codes() * signals + m], 0}, 0});
      encoded[row * signals + m] = shrunk_mean({count, sums[code * signals + m], 0}, before, smoothing);
    }
  };
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    if (i % 16384 == 0) stop.throw_if_requested();
    if (!outer.trains(rows.part(i), fold)) continue;
    const bool same = !group.empty() && !dataset.groups.empty() &&
                      dataset.groups[rows.rows[group.front()]] == dataset.groups[rows.rows[i]];
    if (!same) {
      for (std::uint32_t position : group) add(position);
      group.clear();
    }
    encode(i);
    group.push_back(i);
  }
  return encoded;
}

}  // namespace automill
