#include "one_hot_fitted.hpp"

#include <automill/preprocess/one_hot.hpp>

#include "state_check.hpp"

namespace automill {

FittedOneHot::FittedOneHot(const Schema& input, std::vector<Encoding> encodings) : encodings_(std::move(encodings)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    if (column.kind != ColumnKind::category) return {};
    Part part{.changed = true};
    for (const std::string& name : encodings_[source].names)
      part.columns.push_back({.name = column.name + "=" + name, .kind = ColumnKind::boolean});
    return part;
  });
}

std::int32_t FittedOneHot::output_of(std::size_t source, double value) const noexcept {
  const std::vector<std::int32_t>& outputs = encodings_[source].outputs;
  const std::size_t unseen = outputs.size() - 2;
  if (std::isnan(value)) return outputs[unseen + 1];
  const bool known = value >= 0 && value < static_cast<double>(unseen);
  return outputs[known ? static_cast<std::size_t>(value) : unseen];
}

void FittedOneHot::apply(std::size_t source, double value, double* out) const noexcept {
  std::fill_n(out, width(source), 0.0);
  const std::int32_t output = output_of(source, value);
  if (output != no_column) out[output] = 1;
}

void FittedOneHot::apply_block(std::size_t source, std::span<const double> values, std::size_t row,
                               Buffer* outputs) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int32_t output = output_of(source, values[i]);
    if (output != no_column) outputs[output].flags[row + i] = 1;
  }
}

void FittedOneHot::save(ArchiveWriter& out) const {
  out.children("encodings", encodings_.size(), [&](ArchiveWriter& one, std::size_t c) {
    one.array("outputs", encodings_[c].outputs);
    one.texts("names", encodings_[c].names);
  });
}

std::string FittedOneHot::describe(int indent) const {
  std::size_t columns = 0, outputs = 0;
  for (const Encoding& encoding : encodings_) {
    columns += encoding.outputs.empty() ? 0 : 1;
    outputs += encoding.names.size();
  }
  return std::string(static_cast<std::size_t>(indent), ' ') + "one_hot: " + std::to_string(columns) +
         " category columns become " + std::to_string(outputs) + "\n";
}

std::unique_ptr<FittedTransformer> load_one_hot(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                                int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  const auto stored = in.children("encodings");
  if (stored.size() != input->size()) in.fail("'encodings' must have one entry a column");
  std::vector<FittedOneHot::Encoding> encodings;
  for (std::size_t c = 0; c < stored.size(); ++c) {
    const ColumnSchema& column = (*input)[c];
    const std::size_t codes = column.kind == ColumnKind::category ? column.dictionary->size() + 2 : 0;
    FittedOneHot::Encoding encoding{stored[c].array<std::int32_t>("outputs", codes), stored[c].texts("names")};
    if (codes == 0 && !encoding.names.empty()) in.fail("'encodings' has names for column '" + column.name + "'");
    for (std::int32_t output : encoding.outputs)
      if (output < FittedOneHot::no_column || output >= static_cast<std::int64_t>(encoding.names.size()))
        in.fail("'encodings' has an output that column '" + column.name + "' does not have");
    for (const std::string& name : encoding.names) stored[c].charge(bytes_of({.name = column.name + "=" + name}));
    encodings.push_back(std::move(encoding));
  }
  return std::make_unique<FittedOneHot>(*input, std::move(encodings));
}

}  // namespace automill
