// The functions of an additive model as data for plots.

#include <algorithm>
#include <automill/core/param.hpp>
#include <automill/learners/additive_model.hpp>

namespace automill {
namespace {

using param_detail::number_text;

std::vector<std::string> labels_of_numbers(const std::vector<double>& edges) {
  std::vector<std::string> labels{"missing"};
  for (std::size_t i = 0; i <= edges.size(); ++i) {
    const std::string low = i == 0 ? "" : "(" + number_text(edges[i - 1]) + ", ";
    if (edges.empty()) labels.emplace_back("any");
    else if (i == 0) labels.push_back("<= " + number_text(edges[0]));
    else if (i == edges.size()) labels.push_back("> " + number_text(edges.back()));
    else labels.push_back(low + number_text(edges[i]) + "]");
  }
  return labels;
}

std::vector<std::string> labels_of_categories(const AdditiveBins& bins, const ColumnSchema& column) {
  std::vector<std::string> labels(bins.bins);
  const auto put = [&](std::size_t bin, const std::string& name) {
    labels[bin] += (labels[bin].empty() ? "" : ", ") + name;
  };
  for (std::size_t code = 0; code < bins.bin_of_code.size(); ++code)
    if (bins.bin_of_code[code] > 0) put(bins.bin_of_code[code], column.dictionary->names()[code]);
  put(0, "other");
  if (bins.missing_bin > 0) put(bins.missing_bin, "missing");
  return labels;
}

AdditiveTerm::Axis axis_of(const AdditiveBins& bins, const Schema& schema) {
  const ColumnSchema& column = schema[bins.column];
  return {.column = column.name,
          .categorical = bins.categorical,
          .edges = bins.edges,
          .labels = bins.categorical ? labels_of_categories(bins, column) : labels_of_numbers(bins.edges)};
}

/// The axis of a pair: bins in groups, which neighbours share where bins are ordered.
AdditiveTerm::Axis axis_of(const AdditiveBins& bins, const Schema& schema, const std::vector<std::uint8_t>& groups,
                           std::size_t count) {
  AdditiveTerm::Axis axis = axis_of(bins, schema);
  if (!bins.categorical) {
    axis.edges.clear();
    for (std::size_t i = 0; i < bins.edges.size(); ++i)
      if (groups[i + 1] != groups[i + 2]) axis.edges.push_back(bins.edges[i]);
    axis.labels = labels_of_numbers(axis.edges);
    return axis;
  }
  std::vector<std::string> labels(count);
  for (std::size_t bin = 0; bin < groups.size(); ++bin)
    labels[groups[bin]] += (labels[groups[bin]].empty() ? "" : ", ") + axis.labels[bin];
  axis.labels = std::move(labels);
  return axis;
}

double importance_of(const AdditiveTerm& term) {
  double sum = 0, weight = 0;
  for (std::size_t bin = 0; bin < term.weights.size(); ++bin) {
    weight += term.weights[bin];
    for (std::size_t k = 0; k < term.scores; ++k)
      sum += term.weights[bin] * std::abs(term.values[bin * term.scores + k]);
  }
  return weight > 0 ? sum / weight : 0;
}

}  // namespace

std::vector<AdditiveTerm> AdditiveModel::terms() const {
  const Schema& schema = input_schema();
  std::vector<AdditiveTerm> all;
  for (std::size_t c = 0; c < state_.columns.size(); ++c) {
    const AdditiveMain& main = state_.mains[c];
    all.push_back({.axes = {axis_of(state_.columns[c], schema)},
                   .scores = state_.scores(),
                   .values = main.values,
                   .standard_errors = main.errors,
                   .weights = main.weights});
  }
  for (const AdditivePair& pair : state_.pairs)
    all.push_back({.axes = {axis_of(state_.columns[pair.first], schema, pair.first_group, pair.first_groups),
                            axis_of(state_.columns[pair.second], schema, pair.second_group, pair.second_groups)},
                   .values = pair.values,
                   .standard_errors = pair.errors,
                   .weights = pair.weights});
  for (AdditiveTerm& term : all) term.importance = importance_of(term);
  std::stable_sort(all.begin(), all.end(),
                   [](const AdditiveTerm& a, const AdditiveTerm& b) { return a.importance > b.importance; });
  return all;
}

}  // namespace automill
