#include "automl/predict_time.hpp"

#include "predict/row_by_row.hpp"

namespace automill {

double microseconds_per_row(const Model& model, const TableView& rows) {
  double seconds = 0;
  std::size_t count = 1;
  for (const std::size_t most : {20, 200}) {
    count = std::max<std::size_t>(1, std::min(most, rows.rows()));
    Predictions predictions(count, model.output_spec().width);
    const auto start = Clock::now();
    const TableView few = rows.part(0, std::min(count, rows.rows()));
    const bool row_by_row = better_row_by_row(few.schema(), few.rows());
    if (row_by_row) predict_row_by_row(model, few, predictions.view());
    else model.predict_aligned(few, predictions.view(), RunContext{});
    seconds = Seconds(Clock::now() - start).count();
    if (row_by_row || seconds > 1e-3) break;
  }
  return 1e6 * seconds / static_cast<double>(count);
}

}  // namespace automill
