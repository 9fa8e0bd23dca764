#pragma once
// What the kinds of naive Bayes share: rows with their weights and priors, and the cells of a column.

#include <automill/learners/naive_bayes.hpp>

#include "data/row_cells.hpp"

namespace automill {

/// Training rows of one fit.
struct NaiveBayesData {
  NaiveBayesData(const DatasetView& view, bool fit_prior);

  const DatasetView& train;
  std::vector<double> weights{};        ///< one a row of the view
  std::vector<double> class_weights{};  ///< their sums
  /// Shares of the classes, or equal ones; a class without rows has the share of half a row.
  std::vector<double> log_priors{};
  /// Where each row of the table is in the view; nothing where there is no sparse column, or a row is there twice.
  std::optional<std::vector<std::uint32_t>> places{};

  std::size_t classes() const { return class_weights.size(); }
  std::size_t label(std::size_t i) const { return static_cast<std::size_t>(train.label(i)); }
  bool sparse(std::size_t column) const { return places && train.dataset().features[column].sparse(); }
};

/// Cells of a column in the order of the view. Stopped leaves it when there is a stop.
std::vector<double> cells_of(const DatasetView& train, std::size_t column, const StopToken& stop);

/// Calls visit(position in the view, value) for every cell of a column that is not 0, missing ones included. Sparse
/// columns cost their kept cells.
template <class Visit>
void for_each_filled_cell(const NaiveBayesData& data, std::size_t column, const StopToken& stop, const Visit& visit) {
  if (data.sparse(column)) {
    data.train.dataset().features[column].for_each_stored([&](std::size_t row, double value) {
      const std::uint32_t i = (*data.places)[row];
      if (i != row_cells_detail::absent && value != 0) visit(std::size_t{i}, value);
    });
    return;
  }
  const std::vector<double> values = cells_of(data.train, column, stop);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] != 0) visit(i, values[i]);
}

/// Calls body(column) for every column, some at a time; asks the stop token between them.
template <class Body>
void for_each_column(const NaiveBayesData& data, const RunContext& context, const Body& body) {
  const std::size_t columns = data.train.dataset().features.size();
  for_each_block(context.executor(), columns, data.places ? 64 : 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) {
      context.stop.throw_if_requested();
      body(j);
    }
  });
}

}  // namespace automill
