#include "automl/fit_shape.hpp"

namespace automill {
namespace {

/// Bytes of a text, on average over rows that are spread over the column.
std::size_t mean_text_bytes(const Column& column) {
  constexpr std::size_t most = 1000;
  const std::size_t rows = column.size(), looked_at = std::min(rows, most);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < looked_at; ++i) bytes += column.text(i * rows / looked_at).size();
  return looked_at > 0 ? bytes / looked_at : 0;
}

}  // namespace

DataShape shape_of_fold(const FoldedDataset& folded, std::size_t fold) {
  const Dataset& dataset = *folded.dataset();
  DataShape shape{.rows = folded.train(fold).rows(),
                  .columns = dataset.features.size(),
                  .categories = 0,
                  .classes = dataset.target.width(),
                  .validation_rows = folded.held_out(fold).rows(),
                  .nonzeros = dataset.features.kept_cells()};
  for (const auto& column : dataset.features.columns())
    if (column->kind() == ColumnKind::category) {
      shape.categories += column->schema().dictionary->size();
    } else if (column->kind() == ColumnKind::text) {
      ++shape.texts;
      shape.text_bytes += mean_text_bytes(*column);
    }
  return shape;
}

std::uint64_t bytes_of_predictions(const Dataset& dataset) {
  return 8 * std::uint64_t{dataset.rows()} * dataset.target.width();
}

}  // namespace automill
