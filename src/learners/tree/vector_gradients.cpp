#include "learners/tree/vector_gradients.hpp"

namespace automill::tree {

VectorGradients::VectorGradients(std::vector<double> units)
    : units_(std::move(units)),
      column_of_(units_.size()),
      factors_(units_.size()),
      columns_(std::min(most_columns, units_.size())) {}

std::uint64_t VectorGradients::estimate_bytes(std::size_t rows, std::size_t table_rows, std::size_t outputs) {
  return 8 * ((std::min(most_columns, outputs) + 1) * rows + entry_size_of(outputs) * table_rows);
}

void VectorGradients::begin(std::size_t training_rows, std::uint64_t seed) {
  for (auto& column : columns_) column.assign(training_rows, 0.0);
  hessians_.assign(training_rows, 0.0);
  std::vector<std::uint32_t> order(units_.size());
  std::iota(order.begin(), order.end(), 0U);
  const bool sketched = units_.size() > columns_.size();
  RandomStream random(seed, purpose("columns of outputs"), 0);
  if (sketched) random.shuffle(order);  // columns take as many outputs each, but for one
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::uint32_t output = order[place];
    column_of_[output] = static_cast<std::uint32_t>(place % columns_.size());
    const double sign = sketched && random.below(2) == 0 ? -1.0 : 1.0;
    factors_[output] = sign / std::sqrt(units_[output]);
  }
}

void VectorGradients::add(std::size_t output, const QuantisedGradients& gradients) {
  std::vector<double>& column = columns_[column_of_[output]];
  const double factor = factors_[output];
  for (std::size_t i = 0; i < column.size(); ++i) column[i] += factor * gradients.gradients[i];
  if (gradients.kind == HessianKind::constant)
    for (double& hessian : hessians_) hessian += 1.0;
  else
    for (std::size_t i = 0; i < hessians_.size(); ++i) hessians_[i] += gradients.hessians[i];
}

double VectorGradients::mean_hessian(std::size_t i) const { return hessians_[i] / static_cast<double>(units_.size()); }

void VectorGradients::pool(QuantisedGradients& out) const {
  out.kind = HessianKind::varying;
  out.gradients.resize(hessians_.size());
  out.hessians.resize(hessians_.size());
  for (std::size_t i = 0; i < hessians_.size(); ++i) {
    double squares = 0;
    for (const auto& column : columns_) squares += column[i] * column[i];
    out.gradients[i] = std::sqrt(squares);
    out.hessians[i] = mean_hessian(i);
  }
}

void VectorGradients::pack(std::span<const std::uint32_t> rows, std::size_t table_rows) {
  GradientAmounts amounts;
  for (const auto& column : columns_)
    amounts.gradient_sum = std::max(amounts.gradient_sum, magnitude_bound(column, largest_finite(column, "gradient")));
  for (std::size_t i = 0; i < hessians_.size(); ++i) hessians_[i] = mean_hessian(i);
  amounts.hessian_sum = magnitude_bound(hessians_, largest_finite(hessians_, "second derivative"));
  scale_ = wide_scale(rows.size(), amounts);
  // 51 bits: the nearest integer is close enough, nothing need be drawn
  const auto nearest = [](double value, double unit) { return static_cast<std::int64_t>(std::rint(value / unit)); };
  const std::size_t size = entry_size();
  entries_.make_room(table_rows * size);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::int64_t* entry = entries_.data() + rows[i] * size;
    for (std::size_t c = 0; c < columns_.size(); ++c) entry[c] = nearest(columns_[c][i], scale_.gradient_unit);
    std::fill(entry + columns_.size(), entry + size - 1, 0);
    entry[size - 1] = nearest(hessians_[i], scale_.hessian_unit);
  }
}

}  // namespace automill::tree
