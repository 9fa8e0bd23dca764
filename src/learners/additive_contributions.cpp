#include <automill/learners/additive_contributions.hpp>

namespace automill {
namespace {

/// Bins of some rows, [column][row].
std::vector<std::uint16_t> bins_of(const AdditiveState& state, const TableView& rows) {
  const std::size_t n = rows.rows();
  std::vector<std::uint16_t> bins(n * state.columns.size());
  std::vector<double> cells(n);
  for (std::size_t c = 0; c < state.columns.size(); ++c) {
    rows.numbers(state.columns[c].column, cells.data());
    for (std::size_t i = 0; i < n; ++i) bins[c * n + i] = static_cast<std::uint16_t>(state.columns[c].bin(cells[i]));
  }
  return bins;
}

/// Means of the functions over a background: of mains [column][score], of pairs for each group of either column when
/// the other one is that of the background, and for both.
struct Usual {
  std::vector<std::vector<double>> mains{};
  std::vector<std::vector<double>> given_first{}, given_second{};
  std::vector<double> pairs{};
};

Usual usual_of(const AdditiveState& state, const TableView& background) {
  const std::size_t n = background.rows(), scores = state.scores();
  const std::vector<std::uint16_t> bins = bins_of(state, background);
  const double share = 1 / static_cast<double>(n);
  Usual usual;
  for (std::size_t c = 0; c < state.columns.size(); ++c) {
    std::vector<double>& mean = usual.mains.emplace_back(scores, 0.0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < scores; ++k) mean[k] += share * state.mains[c].values[bins[c * n + i] * scores + k];
  }
  for (const AdditivePair& pair : state.pairs) {
    std::vector<double>& first = usual.given_first.emplace_back(pair.first_groups, 0.0);
    std::vector<double>& second = usual.given_second.emplace_back(pair.second_groups, 0.0);
    double both = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t a = pair.first_group[bins[pair.first * n + i]],
                        b = pair.second_group[bins[pair.second * n + i]];
      for (std::size_t g = 0; g < first.size(); ++g) first[g] += share * pair.values[g * pair.second_groups + b];
      for (std::size_t g = 0; g < second.size(); ++g) second[g] += share * pair.values[a * pair.second_groups + g];
      both += share * pair.values[a * pair.second_groups + b];
    }
    usual.pairs.push_back(both);
  }
  return usual;
}

/// `usual`: null: means of 0, which they are over the training rows.
Contributions contributions_against(const AdditiveModel& model, const TableView& rows, const Usual* usual) {
  const AdditiveState& state = model.state();
  const std::size_t n = rows.rows(), scores = state.scores(), columns = model.input_schema().size();
  const std::vector<std::uint16_t> bins = bins_of(state, rows);
  Contributions all{.columns = columns, .outputs = scores};
  all.values.assign(n * scores * (columns + 1), 0.0);
  std::vector<double> bias = state.intercepts;
  const auto put = [&](std::size_t row, std::size_t score, std::size_t column, double value) {
    all.values[(row * scores + score) * (columns + 1) + column] += value;
  };
  for (std::size_t c = 0; c < state.columns.size(); ++c)
    for (std::size_t k = 0; k < scores; ++k) {
      const double mean = usual != nullptr ? usual->mains[c][k] : 0.0;
      bias[k] += mean;
      for (std::size_t i = 0; i < n; ++i)
        put(i, k, state.columns[c].column, state.mains[c].values[bins[c * n + i] * scores + k] - mean);
    }
  for (std::size_t p = 0; p < state.pairs.size(); ++p) {
    const AdditivePair& pair = state.pairs[p];
    const std::uint32_t first = state.columns[pair.first].column, second = state.columns[pair.second].column;
    if (usual != nullptr) bias[0] += usual->pairs[p];
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t a = pair.first_group[bins[pair.first * n + i]],
                        b = pair.second_group[bins[pair.second * n + i]];
      const double value = pair.values[a * pair.second_groups + b];
      const double with_first = usual != nullptr ? usual->given_first[p][a] : 0.0,
                   with_second = usual != nullptr ? usual->given_second[p][b] : 0.0,
                   with_none = usual != nullptr ? usual->pairs[p] : 0.0;
      put(i, 0, first, 0.5 * (with_first - with_none + value - with_second));
      put(i, 0, second, 0.5 * (with_second - with_none + value - with_first));
    }
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < scores; ++k) put(i, k, columns, bias[k]);
  return all;
}

}  // namespace

Contributions contributions(const AdditiveModel& model, const TableView& rows) {
  return contributions_against(model, rows, nullptr);
}

Contributions contributions(const AdditiveModel& model, const TableView& rows, const TableView& background) {
  if (background.rows() == 0)
    throw Error("explain.background", "background", "it has no rows", "give rows of what is usual");
  const Usual usual = usual_of(model.state(), background);
  return contributions_against(model, rows, &usual);
}

Interactions interactions(const AdditiveModel& model, const TableView& rows) {
  const AdditiveState& state = model.state();
  const std::size_t n = rows.rows(), scores = state.scores(), columns = model.input_schema().size();
  const std::vector<std::uint16_t> bins = bins_of(state, rows);
  Interactions all{.columns = columns, .outputs = scores};
  all.values.assign(n * scores * columns * columns, 0.0);
  const auto put = [&](std::size_t at, std::size_t first, std::size_t second, double value) {
    all.values[(at * columns + first) * columns + second] += value;
  };
  for (std::size_t c = 0; c < state.columns.size(); ++c)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < scores; ++k)
        put(i * scores + k, state.columns[c].column, state.columns[c].column,
            state.mains[c].values[bins[c * n + i] * scores + k]);
  for (const AdditivePair& pair : state.pairs) {
    const std::uint32_t first = state.columns[pair.first].column, second = state.columns[pair.second].column;
    for (std::size_t i = 0; i < n; ++i) {
      const double half = 0.5 * pair.values[pair.at(bins[pair.first * n + i], bins[pair.second * n + i])];
      put(i, first, second, half);
      put(i, second, first, half);
    }
  }
  return all;
}

}  // namespace automill
