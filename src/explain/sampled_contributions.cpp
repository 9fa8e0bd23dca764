#include <automill/explain/predict_contributions.hpp>

#include "explain/score_parts.hpp"
#include "predict/drawn_cells.hpp"

namespace automill {
namespace {

/// Rows as models see them, column by column.
struct Cells {
  std::vector<std::vector<double>> numbers{};
  std::vector<std::vector<std::string_view>> texts{};  ///< empty for columns that are none
};

Cells cells_of(const Table& table, std::span<const std::uint32_t> rows) {
  Cells cells;
  for (std::size_t c = 0; c < table.size(); ++c) {
    cells.numbers.emplace_back(rows.size());
    cells.texts.emplace_back();
    const TableView view(table, rows);
    view.numbers(c, cells.numbers[c].data());
    if (table[c].kind() != ColumnKind::text) continue;
    for (std::size_t i = 0; i < rows.size(); ++i) cells.texts[c].push_back(view.text(c, i));
  }
  return cells;
}

/// Rows of what is usual, as far as the model's file tells: each column as in training, independent of the others; no
/// text.
Cells drawn_from_sketches(const ServedModel& model, std::size_t count, std::uint64_t seed) {
  const Schema& schema = model.schema();
  Cells cells;
  for (std::size_t c = 0; c < schema.size(); ++c) {
    const std::vector<ColumnSketch>& sketches = model.parts().sketches;
    const ColumnSketch sketch = sketches.empty() ? ColumnSketch{} : sketches[c];
    const bool text = schema[c].kind == ColumnKind::text;
    cells.texts.emplace_back(text ? count : 0);
    cells.numbers.emplace_back(count, std::numeric_limits<double>::quiet_NaN());
    if (text) continue;
    for (std::size_t i = 0; i < count; ++i) {
      RandomStream random(seed, combine_hashes(purpose("background"), hash_text(schema[c].name)), i);
      cells.numbers[c][i] = drawn_cell(sketch, schema[c], random);
    }
  }
  return cells;
}

std::vector<std::uint32_t> numbers_up_to(std::size_t count) {
  std::vector<std::uint32_t> all(count);
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

/// `count` of the rows of the background, none more than once more often than another.
Cells drawn_from_rows(const Table& background, std::size_t count, std::uint64_t seed) {
  std::vector<std::uint32_t> order = numbers_up_to(background.rows()), rows;
  for (std::uint64_t round = 0; rows.size() < count; ++round) {
    RandomStream random(seed, purpose("background rows"), round);
    random.shuffle(order);
    rows.insert(rows.end(), order.begin(),
                order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), count - rows.size())));
  }
  return cells_of(background, rows);
}

ColumnPtr make_column(const ColumnSchema& schema, std::vector<double> numbers,
                      const std::vector<std::string_view>& texts) {
  if (schema.kind == ColumnKind::text) return make_text_column(schema.name, texts);
  if (schema.kind != ColumnKind::category) return make_number_column(schema, std::move(numbers));
  std::vector<std::int32_t> codes(numbers.size());
  for (std::size_t i = 0; i < codes.size(); ++i)
    codes[i] = std::isnan(numbers[i]) ? Dictionary::missing_code : static_cast<std::int32_t>(numbers[i]);
  return make_category_column(schema, std::move(codes));
}

/// Which columns each walk takes from the row, and when.
class Walks {
 public:
  Walks(const ServedModel& model, Cells background, std::size_t pairs, std::uint64_t seed)
      : model_(model.parts().model.get()), schema_(model.schema()), background_(std::move(background)) {
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      orders_.push_back(numbers_up_to(schema_.size()));
      RandomStream random(seed, purpose("order of columns"), pair);
      random.shuffle(orders_.back());
    }
    const Predictions usual = predict(table_of(background_), {});
    width_ = usual.width;
    usual_ = usual.values;
  }

  std::size_t width() const { return width_; }
  /// What one pair of walks says of a row, [column][output]: half of what the prediction moves by where the column is
  /// taken from the row, on the way there in the order of the pair, and in the opposite order.
  std::vector<double> pair_values(const Cells& row, std::span<const double> own, std::size_t pair,
                                  const RunContext& context) const;
  std::span<const double> usual(std::size_t pair) const { return {usual_.data() + pair * width_, width_}; }
  std::size_t pairs() const { return orders_.size(); }

  Predictions predict(const Table& rows, const RunContext& context) const {
    Predictions predictions(rows.rows(), model_->output_spec().width);
    model_->predict_aligned(rows, predictions.view(), context);
    return predictions;
  }
  Table table_of(const Cells& cells) const {
    std::vector<ColumnPtr> columns;
    for (std::size_t c = 0; c < schema_.size(); ++c)
      columns.push_back(make_column(schema_[c], cells.numbers[c], cells.texts[c]));
    return Table::with_rows(std::move(columns), cells.numbers.empty() ? 0 : cells.numbers[0].size());
  }

 private:
  bool same(const Cells& row, std::size_t column, std::size_t pair) const {
    if (schema_[column].kind == ColumnKind::text) {
      const std::string_view a = row.texts[column][0], b = background_.texts[column][pair];
      return a == b && (a.data() == nullptr) == (b.data() == nullptr);
    }
    const double a = row.numbers[column][0], b = background_.numbers[column][pair];
    return a == b || (std::isnan(a) && std::isnan(b));
  }
  /// The rows on the way: of `steps`, those before the last one.
  void add_way(const Cells& row, std::span<const std::uint32_t> steps, std::size_t pair, Cells& way) const;

  const Model* model_;
  const Schema& schema_;
  Cells background_;
  std::vector<std::vector<std::uint32_t>> orders_{};
  std::vector<double> usual_{};
  std::size_t width_ = 0;
};

void Walks::add_way(const Cells& row, std::span<const std::uint32_t> steps, std::size_t pair, Cells& way) const {
  std::vector<std::size_t> taken_at(schema_.size(), steps.size());  // columns that are the same never change
  for (std::size_t at = 0; at < steps.size(); ++at) taken_at[steps[at]] = at;
  for (std::size_t c = 0; c < schema_.size(); ++c)
    for (std::size_t at = 0; at + 1 < steps.size(); ++at) {
      const bool own = taken_at[c] <= at;
      way.numbers[c].push_back(own ? row.numbers[c][0] : background_.numbers[c][pair]);
      if (schema_[c].kind == ColumnKind::text)
        way.texts[c].push_back(own ? row.texts[c][0] : background_.texts[c][pair]);
    }
}

std::vector<double> Walks::pair_values(const Cells& row, std::span<const double> own, std::size_t pair,
                                       const RunContext& context) const {
  std::vector<std::uint32_t> steps;
  for (const std::uint32_t column : orders_[pair])
    if (!same(row, column, pair)) steps.push_back(column);
  std::vector<double> values(schema_.size() * width_, 0.0);
  if (steps.empty()) return values;
  Cells way{.numbers = std::vector<std::vector<double>>(schema_.size()),
            .texts = std::vector<std::vector<std::string_view>>(schema_.size())};
  add_way(row, steps, pair, way);
  std::vector<std::uint32_t> back(steps.rbegin(), steps.rend());
  add_way(row, back, pair, way);
  Predictions on_the_way(0, width_);
  if (steps.size() > 1) on_the_way = predict(table_of(way), context);
  const auto add = [&](std::span<const std::uint32_t> order, std::size_t first) {
    for (std::size_t at = 0; at < order.size(); ++at)
      for (std::size_t k = 0; k < width_; ++k) {
        const double before = at == 0 ? usual(pair)[k] : on_the_way.values[(first + at - 1) * width_ + k];
        const double after = at + 1 == order.size() ? own[k] : on_the_way.values[(first + at) * width_ + k];
        values[order[at] * width_ + k] += (after - before) / 2;
      }
  };
  add(steps, 0);
  add(back, steps.size() - 1);
  return values;
}

/// The outputs that are explained: for two classes the probability of the positive one.
std::vector<std::size_t> explained_outputs(const ServedModel& model) {
  if (model.task() == Task::binary) return {model.target().positive};
  std::vector<std::size_t> all(model.parts().model->output_spec().width);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

/// Mean and standard error of the pairs of walks, written to a line of the contributions.
class Line {
 public:
  Line(std::span<double> values, std::span<double> errors) : values_(values), errors_(errors) {}
  void add(std::size_t column, double value) {
    values_[column] += value;
    errors_[column] += value * value;
  }
  void finish(std::size_t pairs) {
    const auto n = static_cast<double>(pairs);
    for (std::size_t c = 0; c < values_.size(); ++c) {
      values_[c] /= n;
      errors_[c] = std::sqrt(std::max(0.0, errors_[c] / n - values_[c] * values_[c]) / (n - 1));
    }
  }

 private:
  std::span<double> values_, errors_;
};

void check_samples(const ContributionSamples& samples) {
  constexpr std::size_t fewest = 2, most = 100'000;
  if (samples.pairs < fewest || samples.pairs > most)
    throw Error("explain.samples", "pairs", std::to_string(samples.pairs) + " is not allowed: it must be 2 to 100000",
                "32 are the default; four times as many halve the errors");
  if (samples.background != nullptr && samples.background->rows() == 0)
    throw Error("explain.background", "background", "it has no rows", "give rows of what is usual");
}

}  // namespace

ScoreContributions sample_contributions(const ServedModel& model, const Table& rows, const ContributionSamples& samples,
                                        const RunContext& context) {
  check_samples(samples);
  const Table aligned = model.aligned(rows);
  const Walks walks(model,
                    samples.background != nullptr
                        ? drawn_from_rows(model.aligned(*samples.background), samples.pairs, samples.seed)
                        : drawn_from_sketches(model, samples.pairs, samples.seed),
                    samples.pairs, samples.seed);
  const std::vector<std::size_t> outputs = explained_outputs(model);
  ScoreContributions all{.scale = is_classification(model.task()) ? "probability" : "value",
                         .columns = model.schema().names(),
                         .outputs = explained_names(model.target())};
  const std::size_t columns = all.columns.size(), width = columns + 1, line = outputs.size() * width;
  const MemoryClaim claim(context.memory, 16 * aligned.rows() * line, "contributions");
  all.values.assign(aligned.rows() * line, 0.0);
  all.standard_errors = all.values;
  const auto line_of = [&](std::size_t row, std::size_t k) {
    const std::size_t first = row * line + k * width;
    return Line(std::span(all.values).subspan(first, width), std::span(all.standard_errors).subspan(first, width));
  };
  RunContext inside = context;
  inside.run_with = nullptr;  // rows are shared out
  context.executor().run(aligned.rows(), [&](std::size_t i) {
    context.stop.throw_if_requested();
    const auto number = static_cast<std::uint32_t>(i);
    const Cells row = cells_of(aligned, {&number, 1});
    const Predictions own = walks.predict(walks.table_of(row), inside);
    for (std::size_t pair = 0; pair < walks.pairs(); ++pair) {
      const std::vector<double> values = walks.pair_values(row, own.values, pair, inside);
      for (std::size_t k = 0; k < outputs.size(); ++k) {
        Line to = line_of(i, k);
        for (std::size_t c = 0; c < columns; ++c) to.add(c, values[c * walks.width() + outputs[k]]);
        to.add(columns, walks.usual(pair)[outputs[k]]);
      }
    }
    for (std::size_t k = 0; k < outputs.size(); ++k) line_of(i, k).finish(walks.pairs());
  });
  return all;
}

}  // namespace automill
