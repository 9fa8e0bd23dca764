#include "features/generate_features_fitted.hpp"

#include <automill/features/generate_features.hpp>
#include <unordered_set>

#include "preprocess/columnwise.hpp"
#include "state_check.hpp"

namespace automill {

using features::FeatureProgram;
using features::Operation;
using features::Step;

FittedGenerateFeatures::FittedGenerateFeatures(const Schema& input, FeatureProgram program)
    : program_(std::move(program)), input_size_(input.size()), codes_(program_.outputs.size()) {
  std::unordered_set<std::string> taken;
  for (const ColumnSchema& column : input.columns()) taken.insert(column.name);
  for (std::size_t k = 0; k < program_.outputs.size(); ++k) {
    const std::uint32_t output = program_.outputs[k];
    const std::string base = program_.formula(input, output);
    ColumnSchema column{.name = base};
    for (int copy = 2; !taken.insert(column.name).second; ++copy) column.name = base + "_" + std::to_string(copy);
    words_.push_back(program_.words(input, output));
    if (program_.is_group(input, output)) {
      const std::vector<std::string> names = program_.group_names(input, output);
      std::vector<std::uint32_t> order(names.size());
      std::iota(order.begin(), order.end(), 0U);
      std::sort(order.begin(), order.end(), [&](auto a, auto b) { return names[a] < names[b]; });
      std::vector<std::string> sorted;
      codes_[k].resize(names.size() + 1, static_cast<double>(names.size()));
      for (std::uint32_t group : order) {
        codes_[k][group] = static_cast<double>(sorted.size());
        sorted.push_back(names[group]);
      }
      column.kind = ColumnKind::category;
      column.dictionary = std::make_shared<const Dictionary>(std::move(sorted));
    }
    generated_.push_back(std::move(column));
  }
}

Schema FittedGenerateFeatures::make_output_schema(const Schema& input) const {
  if (input.size() != input_size_)
    throw Error("transform.schema", type(),
                "was fitted on " + std::to_string(input_size_) + " columns, not " + std::to_string(input.size()));
  std::vector<ColumnSchema> columns = input.columns();
  columns.insert(columns.end(), generated_.begin(), generated_.end());
  return Schema(std::move(columns));
}

double FittedGenerateFeatures::cell(std::size_t output, double value) const noexcept {
  if (codes_[output].empty() || std::isnan(value)) return value;
  return codes_[output][static_cast<std::size_t>(value)];
}

Table FittedGenerateFeatures::transform_aligned(const TableView& rows, const RunContext& context) const {
  constexpr std::size_t block = 256, several = 32;
  const std::size_t n = rows.rows(), outputs = generated_.size();
  const bool whole = is_whole(rows);
  std::vector<ColumnPtr> columns(input_size_);
  context.executor().run(input_size_, [&](std::size_t c) {
    context.stop.throw_if_requested();
    columns[c] = whole ? rows.table().columns()[c] : copy_column(rows, c);
  });
  const MemoryClaim claim(context.memory, 8 * outputs * n, "generated columns");
  std::vector<std::vector<double>> made(outputs, std::vector<double>(n));
  for_each_block(context.executor(), n, several * block, [&](std::size_t begin, std::size_t end) {
    std::vector<double> values(block * program_.steps.size());
    for (std::size_t first = begin; first < end; first += block) {
      context.stop.throw_if_requested();
      const std::size_t count = std::min(block, end - first);
      const TableView part = rows.part(first, count);
      program_.run(count, block, values.data(), [&](std::uint32_t column, double* out) { part.numbers(column, out); });
      for (std::size_t k = 0; k < outputs; ++k)
        for (std::size_t i = 0; i < count; ++i) made[k][first + i] = cell(k, values[program_.outputs[k] * block + i]);
    }
  });
  for (std::size_t k = 0; k < outputs; ++k) columns.push_back(make_number_column(generated_[k], std::move(made[k])));
  return Table::with_rows(std::move(columns), n);
}

class FittedGenerateFeatures::Rows final : public RowTransformer {
 public:
  explicit Rows(const FittedGenerateFeatures& fitted)
      : fitted_(&fitted), input_(fitted.input_schema().get()), values_(fitted.program_.steps.size()) {}
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    const std::size_t inputs = fitted_->input_size_;
    std::copy_n(row.numbers, inputs, numbers);
    if (row.texts != nullptr)
      for (std::size_t c = 0; c < inputs; ++c)
        if ((*input_)[c].kind == ColumnKind::text) texts[c] = row.texts[c];
    fitted_->program_.run(1, 1, values_.data(), [&](std::uint32_t column, double* out) { *out = row.numbers[column]; });
    for (std::size_t k = 0; k < fitted_->generated_.size(); ++k)
      numbers[inputs + k] = fitted_->cell(k, values_[fitted_->program_.outputs[k]]);
  }

 private:
  const FittedGenerateFeatures* fitted_;
  const Schema* input_;
  std::vector<double> values_;
};

std::unique_ptr<RowTransformer> FittedGenerateFeatures::row_transformer() const {
  return std::make_unique<Rows>(*this);
}

void FittedGenerateFeatures::save(ArchiveWriter& out) const {
  std::vector<std::uint8_t> operations;
  std::vector<std::uint32_t> first, second;
  for (const Step& step : program_.steps) {
    operations.push_back(static_cast<std::uint8_t>(step.operation));
    first.push_back(step.first);
    second.push_back(step.second);
  }
  out.array("operations", operations);
  out.array("first", first);
  out.array("second", second);
  out.children("tables", program_.steps.size(), [&](ArchiveWriter& one, std::size_t s) {
    if (!program_.steps[s].numbers.empty()) one.array("numbers", program_.steps[s].numbers);
    if (!program_.steps[s].keys.empty()) one.array("keys", program_.steps[s].keys);
  });
  out.array("outputs", program_.outputs);
}

std::string FittedGenerateFeatures::describe(int indent) const {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  std::string text = margin + "generate_features: " + std::to_string(generated_.size()) + " columns\n";
  for (std::size_t k = 0; k < generated_.size(); ++k)
    text += margin + "  " + generated_[k].name + ": " + words_[k] + "\n";
  return text;
}

std::unique_ptr<FittedTransformer> load_generate_features(const ArchiveReader& in,
                                                          const std::shared_ptr<const Schema>& input, int state_version,
                                                          const Registry&) {
  check_state_version(in, state_version, 1);
  const auto operations = in.array<std::uint8_t>("operations");
  const auto first = in.array<std::uint32_t>("first", operations.size());
  const auto second = in.array<std::uint32_t>("second", operations.size());
  const auto tables = in.children("tables");
  if (tables.size() != operations.size()) in.fail("'tables' must have one entry a step");
  FeatureProgram program;
  for (std::size_t s = 0; s < operations.size(); ++s) {
    Step step{.operation = static_cast<Operation>(operations[s]), .first = first[s], .second = second[s]};
    if (tables[s].contains("numbers")) {
      step.numbers = tables[s].array<double>("numbers");
      if (step.numbers.empty()) in.fail("'tables' has a table without entries");
    }
    if (tables[s].contains("keys")) {
      step.keys = tables[s].array<std::uint64_t>("keys");
      if (step.keys.empty()) in.fail("'tables' has keys without entries");
    }
    program.steps.push_back(std::move(step));
  }
  program.outputs = in.array<std::uint32_t>("outputs");
  const std::string fault = program.fault(*input);
  if (!fault.empty()) in.fail(fault);
  for (std::uint32_t output : program.outputs) in.charge(program.bytes(*input, output));
  return std::make_unique<FittedGenerateFeatures>(*input, std::move(program));
}

}  // namespace automill
