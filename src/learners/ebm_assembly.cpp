#include "learners/ebm_assembly.hpp"

#include "learners/additive/purify.hpp"

namespace automill {

using namespace additive;

namespace {

/// Training weight of each bin.
std::vector<double> weights_of(const Term& term, const BagProblem& problem) {
  std::vector<double> weights(term.bins, 0.0);
  for (std::size_t i = 0; i < term.codes.size(); ++i)
    weights[term.codes[i]] += problem.weights.empty() ? 1.0 : static_cast<double>(problem.weights[i]);
  return weights;
}

/// Where scores of a bag are in the tables of its group.
struct BagLanes {
  std::size_t width, per_bag, bags_of_group;
  explicit BagLanes(const BagProblem& problem)
      : width(problem.width()), per_bag(problem.lanes_per_bag()), bags_of_group(problem.bags_per_group()) {}
  std::size_t group(std::size_t bag) const { return bag / bags_of_group; }
  std::size_t lane(std::size_t bag, std::size_t score) const { return bag % bags_of_group * per_bag + score; }
};

/// Moves what the columns of each bag's pairs add by themselves to their own tables.
void purify_bags(const Term& grid, const TermPair& pair, const std::vector<Groups>& groupings,
                 const std::vector<double>& weights, const BagLanes& lanes_of, std::size_t pair_number,
                 EBMTables& tables) {
  const Groups &first = groupings[pair.first], &second = groupings[pair.second];
  const Purifier purifier(weights, first.count, second.count);
  std::vector<double> own(grid.bins);
  for (std::size_t bag = 0; bag < tables.bags; ++bag) {
    const std::size_t group = lanes_of.group(bag), lane = lanes_of.lane(bag, 0), width = lanes_of.width;
    double* values = tables.grids[group][pair_number].data();
    for (std::size_t bin = 0; bin < own.size(); ++bin) own[bin] = values[bin * width + lane];
    const Margins margins = purifier.purify(own);
    for (std::size_t bin = 0; bin < own.size(); ++bin) values[bin * width + lane] = own[bin];
    const auto move = [&](std::uint32_t term, const Groups& to, const std::vector<double>& effects) {
      double* table = tables.mains[group][term].data();
      for (std::size_t bin = 0; bin < to.of_bin.size(); ++bin) table[bin * width + lane] += effects[to.of_bin[bin]];
    };
    move(pair.first, first, margins.first);
    move(pair.second, second, margins.second);
  }
}

/// Means and standard errors of a term over the bags.
struct Averaged {
  std::vector<double> values{}, errors{};
};

/// A term of each bag is centred; the means that were taken out go to the intercepts.
class Average {
 public:
  Average(const BagLanes& lanes_of, const EBMTables& tables, std::vector<double>& intercepts)
      : lanes_of_(lanes_of), tables_(tables), intercepts_(intercepts) {}

  Averaged of(const std::vector<std::vector<std::vector<double>>>& terms, std::size_t term,
              const std::vector<double>& weights) {
    const std::size_t scores = intercepts_.size(), bins = weights.size();
    Averaged all{std::vector<double>(bins * scores, 0.0), std::vector<double>(bins * scores, 0.0)};
    std::vector<double> own(bins * tables_.bags);
    for (std::size_t k = 0; k < scores; ++k) {
      for (std::size_t bag = 0; bag < tables_.bags; ++bag)
        take(terms[lanes_of_.group(bag)][term].data() + lanes_of_.lane(bag, k), weights, k, own.data() + bag * bins);
      summarise(own, bins, k, all);
    }
    return all;
  }

 private:
  /// One bag's table, centred.
  void take(const double* table, const std::vector<double>& weights, std::size_t score, double* own) {
    double sum = 0, weight = 0;
    for (std::size_t bin = 0; bin < weights.size(); ++bin) {
      own[bin] = table[bin * lanes_of_.width];
      sum += weights[bin] * own[bin];
      weight += weights[bin];
    }
    const double mean = sum / weight;
    for (std::size_t bin = 0; bin < weights.size(); ++bin) own[bin] -= mean;
    intercepts_[score] += tables_.scale * mean / static_cast<double>(tables_.bags);
  }
  void summarise(const std::vector<double>& own, std::size_t bins, std::size_t score, Averaged& all) const {
    const auto bags = static_cast<double>(tables_.bags);
    std::vector<double> means(bins, 0.0), squares(bins, 0.0);
    for (std::size_t i = 0; i < own.size(); i += bins)
      for (std::size_t bin = 0; bin < bins; ++bin) means[bin] += own[i + bin];
    for (double& mean : means) mean /= bags;
    for (std::size_t i = 0; i < own.size(); i += bins)
      for (std::size_t bin = 0; bin < bins; ++bin)
        squares[bin] += (own[i + bin] - means[bin]) * (own[i + bin] - means[bin]);
    for (std::size_t bin = 0; bin < bins; ++bin) {
      all.values[bin * intercepts_.size() + score] = tables_.scale * means[bin];
      if (tables_.bags > 1)
        all.errors[bin * intercepts_.size() + score] =
            tables_.scale * std::sqrt(squares[bin] / (bags - 1)) / std::sqrt(bags);
    }
  }

  const BagLanes& lanes_of_;
  const EBMTables& tables_;
  std::vector<double>& intercepts_;
};

/// Bin 0, which no training row may have had, says nothing then.
void clear_unseen(Averaged& of, const std::vector<double>& weights, std::size_t scores) {
  if (weights[0] > 0) return;
  std::fill_n(of.values.begin(), scores, 0.0);
  std::fill_n(of.errors.begin(), scores, 0.0);
}

/// The same for the first group of either column of a grid.
void clear_unseen(AdditivePair& pair) {
  double first = 0, second = 0;
  for (std::size_t b = 0; b < pair.second_groups; ++b) first += pair.weights[b];
  for (std::size_t a = 0; a < pair.first_groups; ++a) second += pair.weights[a * pair.second_groups];
  const auto clear = [&](std::size_t cell) { pair.values[cell] = pair.errors[cell] = 0; };
  for (std::size_t b = 0; b < pair.second_groups && !(first > 0); ++b) clear(b);
  for (std::size_t a = 0; a < pair.first_groups && !(second > 0); ++a) clear(a * pair.second_groups);
}

AdditiveBins bins_of(const tree::BinMapping& mapping, std::uint32_t column) {
  return {.column = column,
          .categorical = mapping.categorical,
          .edges = mapping.edges,
          .bin_of_code = mapping.bin_of_code,
          .missing_bin = mapping.categorical ? mapping.missing_bin : std::uint16_t{0},
          .bins = static_cast<std::uint32_t>(mapping.bins)};
}

}  // namespace

AdditiveState assemble_additive(const BagProblem& problem, const tree::BinnedTable& bins,
                                const std::vector<std::uint32_t>& columns, const std::vector<Term>& mains,
                                const std::vector<Term>& grids, const std::vector<TermPair>& pairs,
                                const std::vector<Groups>& groupings, EBMTables& tables, ScoreTransform transform) {
  const BagLanes lanes_of(problem);
  AdditiveState state{.transform = transform};
  for (double base : problem.base) state.intercepts.push_back(tables.center + tables.scale * base);
  Average averages(lanes_of, tables, state.intercepts);
  std::vector<std::vector<double>> grid_weights;
  for (std::size_t p = 0; p < grids.size(); ++p) {
    grid_weights.push_back(weights_of(grids[p], problem));
    purify_bags(grids[p], pairs[p], groupings, grid_weights[p], lanes_of, p, tables);
  }
  for (std::size_t t = 0; t < mains.size(); ++t) {
    std::vector<double> weights = weights_of(mains[t], problem);
    Averaged of = averages.of(tables.mains, t, weights);
    clear_unseen(of, weights, problem.classes);
    state.columns.push_back(bins_of(bins.mappings()[columns[t]], columns[t]));
    state.mains.push_back({std::move(of.values), std::move(of.errors), std::move(weights)});
  }
  for (std::size_t p = 0; p < grids.size(); ++p) {
    const TermPair& pair = pairs[p];
    const Groups &first = groupings[pair.first], &second = groupings[pair.second];
    Averaged of = averages.of(tables.grids, p, grid_weights[p]);
    state.pairs.push_back({.first = pair.first,
                           .second = pair.second,
                           .first_group = first.of_bin,
                           .second_group = second.of_bin,
                           .first_groups = static_cast<std::uint32_t>(first.count),
                           .second_groups = static_cast<std::uint32_t>(second.count),
                           .values = std::move(of.values),
                           .errors = std::move(of.errors),
                           .weights = std::move(grid_weights[p])});
    clear_unseen(state.pairs.back());
  }
  return state;
}

}  // namespace automill
