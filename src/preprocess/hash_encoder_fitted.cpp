#include "hash_encoder_fitted.hpp"

#include <automill/preprocess/hash_encoder.hpp>

#include "state_check.hpp"

namespace automill {

FittedHashEncoder::FittedHashEncoder(const Schema& input, int bits, bool missing_as_category)
    : bits_(bits), missing_as_category_(missing_as_category) {
  for (const ColumnSchema& column : input.columns()) {
    places_.emplace_back();
    if (column.kind != ColumnKind::category) continue;
    for (const std::string& name : column.dictionary->names()) places_.back().push_back(place_of_name(name));
  }
  if (missing_as_category_) missing_ = place_of_name("(missing)");
  lay_out(input, [this](const ColumnSchema& column, std::size_t) -> Part {
    if (column.kind != ColumnKind::category) return {};
    Part part{.changed = true};
    for (int k = 0; k < 1 << bits_; ++k)
      part.columns.push_back({.name = column.name + "_hash_" + std::to_string(k), .integer = true});
    return part;
  });
}

FittedHashEncoder::Place FittedHashEncoder::place_of_name(std::string_view name) const {
  const std::uint64_t hash = hash_text(name);
  return {static_cast<std::uint16_t>(hash & ((1U << bits_) - 1)), static_cast<std::int16_t>(hash >> 63 != 0 ? -1 : 1)};
}

FittedHashEncoder::Place FittedHashEncoder::place_of(std::size_t source, double value) const noexcept {
  const std::vector<Place>& places = places_[source];
  if (std::isnan(value)) return missing_;
  return value >= 0 && value < static_cast<double>(places.size()) ? places[static_cast<std::size_t>(value)] : Place{};
}

void FittedHashEncoder::apply(std::size_t source, double value, double* out) const noexcept {
  std::fill_n(out, width(source), 0.0);
  const Place place = place_of(source, value);
  out[place.output] = place.sign;
}

void FittedHashEncoder::apply_block(std::size_t source, std::span<const double> values, std::size_t row,
                                    Buffer* outputs) const {
  for (std::size_t i = 0; i < values.size(); ++i) {  // buffers begin with zeros
    const Place place = place_of(source, values[i]);
    outputs[place.output].numbers[row + i] = place.sign;
  }
}

void FittedHashEncoder::save(ArchiveWriter& out) const {
  out.set("bits", bits_);
  out.set("missing_as_category", missing_as_category_);
}

std::string FittedHashEncoder::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') + "hash_encoder: category columns become " +
         std::to_string(1 << bits_) + " each\n";
}

std::unique_ptr<FittedTransformer> load_hash_encoder(const ArchiveReader& in,
                                                     const std::shared_ptr<const Schema>& input, int state_version,
                                                     const Registry&) {
  check_state_version(in, state_version, 1);
  const auto bits = static_cast<int>(in.integer("bits", 0, 12));
  for (const ColumnSchema& column : input->columns())
    if (column.kind == ColumnKind::category)
      in.charge(column.dictionary->size() * 4 +
                (std::uint64_t{1} << bits) * bytes_of(ColumnSchema{.name = column.name + "_hash_0000"}));
  return std::make_unique<FittedHashEncoder>(*input, bits, in.boolean("missing_as_category"));
}

}  // namespace automill
