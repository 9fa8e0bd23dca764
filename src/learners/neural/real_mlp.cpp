#include <automill/learners/neural.hpp>

#include "real_mlp_run.hpp"

namespace automill {

EstimatorTraits RealMlp::traits() const {
  EstimatorTraits traits;
  traits.missing = true;
  traits.categories = true;
  traits.several_outputs = true;
  traits.weights_repeat_rows = false;
  traits.early_stopping = true;
  return traits;
}

/// Operations: two for each weight and row forward, four back, and what embeddings take. A column of numbers is the
/// widest there is, but for categories that become inputs of their own.
CostEstimate RealMlp::cost(const DataShape& shape) const {
  const std::size_t columns = shape.columns, outputs = std::max(shape.classes, shape.outputs);
  const auto one_hot = static_cast<std::size_t>(parameters_.max_one_hot),
             category_width = static_cast<std::size_t>(parameters_.category_width),
             number_width = static_cast<std::size_t>(parameters_.embedding_width);
  const std::size_t numbers = 2 * columns;  // each may have holes, and a number that says where
  const std::size_t inputs =
      columns * std::max(2 * number_width, category_width) + std::min(shape.categories, columns * one_hot);
  const auto rows = static_cast<double>(shape.rows), validation = static_cast<double>(shape.validation_rows);
  const std::size_t batch = std::max<std::size_t>(
      1, std::min(shape.rows, parameters_.batch_size ? static_cast<std::size_t>(*parameters_.batch_size)
                                                     : neural::usual_batch(shape.rows)));
  const neural::TrainerOptions trainer = neural::trainer_options(
      parameters_, shape.classes > 1 ? Task::multiclass : Task::regression, std::max<std::size_t>(1, outputs), batch);
  double weights = 0, neurons = 0, width = static_cast<double>(std::max<std::size_t>(1, columns) * (number_width + 1));
  for (std::size_t layer : trainer.hidden) {
    neurons += static_cast<double>(layer);
    weights += width * static_cast<double>(layer);
    width = static_cast<double>(layer);
  }
  weights += width * static_cast<double>(neural::padded(trainer.outputs));
  const double embedding = static_cast<double>(columns * trainer.frequencies) * 100;
  const double epochs = parameters_.n_epochs ? static_cast<double>(*parameters_.n_epochs)
                                             : std::max(8.0, neural::usual_epochs(shape.rows));
  const double forward = 2 * weights + 30 * neurons + 0.5 * embedding;
  const double operations = epochs * (rows * (6 * weights + 100 * neurons + embedding) +
                                      1.5 * std::min(validation, 1.0 * neural::most_validation_rows) * forward);
  const double members = static_cast<double>(parameters_.n_ens);
  const std::uint64_t table_values = std::min<std::size_t>(shape.categories, 1024 * columns) * category_width;
  const double bytes =
      members * (static_cast<double>(neural::trainer_bytes(trainer, inputs, numbers, table_values)) + 4 * rows) +
      static_cast<double>(
          neural::training_rows_bytes(shape.rows + shape.validation_rows, numbers, columns, trainer.outputs)) +
      32 * rows;
  return {members * operations + 1, bytes};
}

FitResult RealMlp::fit_checked(const FitInput& input, const RunContext& context) const {
  return neural::RealMlpRun(parameters_, input, context).run();
}

}  // namespace automill
