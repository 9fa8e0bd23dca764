#include "training_rows.hpp"

#include "learners/hash_order.hpp"
#include "learners/read_column.hpp"
#include "learners/row_weights.hpp"

namespace automill::neural {
namespace {

constexpr std::size_t quantile_rows = 20000;   // medians and quartiles of more rows are those of so many
constexpr std::size_t most_table_rows = 1024;  // learned vectors of a column; rarer categories share one

/// Quantile of sorted values with counts, by linear interpolation between order statistics (NumPy's default).
double quantile(const std::vector<std::pair<double, std::size_t>>& values, double share) {
  std::size_t total = 0;
  for (const auto& each : values) total += each.second;
  const double place = share * static_cast<double>(total - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto at = [&](std::size_t index) {
    for (const auto& [value, count] : values) {
      if (index < count) return value;
      index -= count;
    }
    return values.back().first;
  };
  const double low = at(below), high = at(std::min(below + 1, total - 1));
  return low + (place - static_cast<double>(below)) * (high - low);
}

/// Center and factor of numbers given as half of their quartiles and range, which cannot overflow.
NumberInput centred(std::uint32_t column, double q25, double median, double q75, double lowest, double highest) {
  NumberInput input{.column = column, .half_center = median};
  const double spread = q75 > q25 ? q75 - q25 : 0.5 * (highest - lowest);
  const double factor = 1 / spread;
  input.factor = spread > 0 && std::isfinite(factor) ? factor : 0.0;
  return input;
}

/// A column of few values brought to the scale of numbers.
class FewValues {
 public:
  explicit FewValues(std::vector<std::pair<double, std::size_t>> values) {
    for (auto& each : values) each.first *= 0.5;
    std::erase_if(values, [](const auto& each) { return each.second == 0; });
    std::sort(values.begin(), values.end());
    if (values.empty()) return;
    scaling_ = centred(0, quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75), values.front().first,
                       values.back().first);
  }
  float operator()(double value) const { return scaled_number(scaling_, value); }
  const NumberInput& scaling() const { return scaling_; }

 private:
  NumberInput scaling_{};
};

class InputFit {
 public:
  InputFit(const DatasetView& view, std::span<const std::uint32_t> order, const InputOptions& options,
           const RunContext& context)
      : view_(view), order_(order), options_(options), context_(context), values_(view.rows()) {}

  NetworkInput run() {
    const Schema& schema = *view_.dataset().features.schema();
    for (std::uint32_t c = 0; c < schema.size(); ++c) {
      read(c);
      if (schema[c].kind == ColumnKind::category) add_category(c, schema[c].dictionary->size());
      else if (schema[c].kind == ColumnKind::boolean) add_boolean(c);
      else add_number(c);
    }
    return std::move(input_);
  }

 private:
  void read(std::uint32_t column) { read_column(view_.features(), column, context_.stop, values_.data()); }

  void add_number(std::uint32_t column) {
    std::size_t missing = 0;
    double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
    for (std::uint32_t i : order_) {
      if (std::isnan(values_[i])) ++missing;
      if (!std::isfinite(values_[i])) continue;
      lowest = std::min(lowest, 0.5 * values_[i]);
      highest = std::max(highest, 0.5 * values_[i]);
    }
    context_.stop.throw_if_requested();
    if (lowest <= highest) {
      std::vector<double> sample;
      for (std::uint32_t i : order_.first(std::min(order_.size(), quantile_rows)))
        if (!std::isnan(values_[i])) sample.push_back(std::clamp(0.5 * values_[i], lowest, highest));
      if (!sample.empty()) add_scaled(column, std::move(sample), lowest, highest);
    }
    if (missing == 0 || missing == order_.size()) return;
    NumberInput indicator = FewValues({{0.0, order_.size() - missing}, {1.0, missing}}).scaling();
    indicator.column = column;
    indicator.indicator = true;
    input_.numbers.push_back(indicator);
  }

  /// `sample`: halves of the numbers that are there; the quartiles are those of the column with its holes filled.
  void add_scaled(std::uint32_t column, std::vector<double> sample, double lowest, double highest) {
    const double median = quantile_of(sample, 0.5);
    sample.resize(std::min(order_.size(), quantile_rows), median);
    const double q25 = quantile_of(sample, 0.25), q75 = quantile_of(sample, 0.75);
    const NumberInput number = centred(column, q25, median, q75, lowest, highest);
    if (number.factor > 0) input_.numbers.push_back(number);
  }

  static double quantile_of(std::vector<double>& values, double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::ptrdiff_t>(place);
    std::nth_element(values.begin(), values.begin() + below, values.end());
    const double low = values[static_cast<std::size_t>(below)];
    if (static_cast<std::size_t>(below) + 1 == values.size()) return low;
    const double high = *std::min_element(values.begin() + below + 1, values.end());
    return low + (place - static_cast<double>(below)) * (high - low);
  }

  void add_boolean(std::uint32_t column) {
    std::size_t missing = 0, truths = 0;
    for (std::uint32_t i : order_) {
      missing += std::isnan(values_[i]) ? 1 : 0;
      truths += values_[i] > 0.5 ? 1 : 0;
    }
    const std::size_t lies = order_.size() - missing - truths;
    if (std::max({missing, truths, lies}) == order_.size()) return;
    const FewValues few({{-1.0, lies}, {0.0, missing}, {1.0, truths}});
    input_.categories.push_back({.column = column, .boolean = true, .rows = 3, .table = {few(0), few(-1), few(1)}});
  }

  void add_category(std::uint32_t column, std::size_t codes) {
    std::vector<std::size_t> counts(codes);
    std::size_t others = order_.size();
    for (std::uint32_t i : order_) {
      if (!(values_[i] >= 0 && values_[i] < static_cast<double>(codes))) continue;
      ++counts[static_cast<std::size_t>(values_[i])];
      --others;
    }
    std::vector<std::uint32_t> present;
    for (std::uint32_t code = 0; code < codes; ++code)
      if (counts[code] > 0) present.push_back(code);
    if (present.size() + (others > 0 ? 1 : 0) < 2) return;
    std::sort(present.begin(), present.end(),
              [&](auto a, auto b) { return std::pair(counts[b], a) < std::pair(counts[a], b); });
    present.resize(std::min(present.size(), most_table_rows - 1));
    CategoryInput category{.column = column, .rows = present.size() + 1};
    category.row_of_code.assign(codes, 0);
    for (std::uint32_t k = 0; k < present.size(); ++k) category.row_of_code[present[k]] = k + 1;
    if (present.size() == 2) {
      const FewValues few({{-1.0, counts[present[0]]}, {0.0, others}, {1.0, counts[present[1]]}});
      category.table = {few(0), few(-1), few(1)};
    } else if (present.size() + 1 <= options_.max_one_hot) {
      category.width = present.size();
      fill_one_hot(category, present, counts);
    } else {
      category.width = options_.category_width;
    }
    input_.categories.push_back(std::move(category));
  }

  void fill_one_hot(CategoryInput& category, const std::vector<std::uint32_t>& present,
                    const std::vector<std::size_t>& counts) const {
    category.table.resize(category.rows * category.width);
    for (std::size_t k = 0; k < present.size(); ++k) {
      const FewValues few({{0.0, order_.size() - counts[present[k]]}, {1.0, counts[present[k]]}});
      for (std::size_t row = 0; row < category.rows; ++row)
        category.table[row * category.width + k] = few(row == k + 1 ? 1.0 : 0.0);
    }
  }

  const DatasetView& view_;
  std::span<const std::uint32_t> order_;
  const InputOptions& options_;
  const RunContext& context_;
  std::vector<double> values_;
  NetworkInput input_{};
};

}  // namespace

std::vector<std::uint32_t> order_by_content(const DatasetView& view, const RunContext& context) {
  const auto hash_of = [&](std::uint32_t i) {
    return checked_weight(view, i) > 0 ? std::optional(mix64(view.key(i))) : std::nullopt;
  };
  return order_by_hash(view.rows(), hash_of, context.stop);
}

NetworkInput fit_input(const DatasetView& view, std::span<const std::uint32_t> order, const InputOptions& options,
                       const RunContext& context) {
  return InputFit(view, order, options, context).run();
}

std::vector<OutputScale> fit_scales(const DatasetView& view, std::span<const std::uint32_t> order) {
  std::vector<OutputScale> scales;
  const std::size_t outputs = is_classification(view.task()) ? 0 : view.target().width();
  for (std::size_t o = 0; o < outputs; ++o) {
    double largest = 0, lowest = view.value(order[0], o), highest = lowest, sum = 0, squares = 0;
    for (std::uint32_t i : order) {
      lowest = std::min(lowest, view.value(i, o));
      highest = std::max(highest, view.value(i, o));
    }
    largest = std::max({std::abs(lowest), std::abs(highest), std::numeric_limits<double>::min()});
    const auto count = static_cast<double>(order.size());
    for (std::uint32_t i : order) sum += view.value(i, o) / largest;
    const double mean = sum / count;
    for (std::uint32_t i : order) {
      const double difference = view.value(i, o) / largest - mean;
      squares += difference * difference;
    }
    const double center = std::clamp(mean * largest, lowest, highest);
    scales.push_back({center, lowest < highest ? std::sqrt(squares / count) * largest : 0.0, lowest, highest});
  }
  return scales;
}

std::uint64_t training_rows_bytes(std::size_t rows, std::size_t numbers, std::size_t categories, std::size_t outputs) {
  return rows * (4 * std::uint64_t{numbers + categories + outputs + 2} + 28);
}

TrainingRows::TrainingRows(const NetworkInput& input, const std::vector<OutputScale>& scales, const DatasetView& view,
                           const TableView& features, std::span<const std::uint32_t> order, const RunContext& context)
    : rows(order.size()) {
  const std::size_t n = input.numbers.size(), m = input.categories.size();
  numbers.resize(rows * n);
  table_rows.resize(rows * m);
  std::vector<double> cells(features.rows());
  for (std::size_t j = 0; j < n; ++j) {
    read_column(features, input.numbers[j].column, context.stop, cells.data());
    for (std::size_t i = 0; i < rows; ++i) numbers[i * n + j] = scaled_number(input.numbers[j], cells[order[i]]);
  }
  for (std::size_t c = 0; c < m; ++c) {
    read_column(features, input.categories[c].column, context.stop, cells.data());
    for (std::size_t i = 0; i < rows; ++i) table_rows[i * m + c] = table_row(input.categories[c], cells[order[i]]);
  }
  for (std::uint32_t i : order) {
    if (scales.empty()) labels.push_back(view.label(i));
    for (std::size_t o = 0; o < scales.size(); ++o)
      values.push_back(scales[o].scale > 0
                           ? static_cast<float>(view.value(i, o) / scales[o].scale - scales[o].center / scales[o].scale)
                           : 0.0F);
  }
  if (!view.weighted()) return;
  double largest = 0, sum = 0;
  for (std::uint32_t i : order) largest = std::max(largest, view.weight(i));
  for (std::uint32_t i : order) sum += view.weight(i) / largest;
  const double mean = sum / static_cast<double>(rows);
  for (std::uint32_t i : order) weights.push_back(static_cast<float>(view.weight(i) / largest / mean));
}

}  // namespace automill::neural
