#pragma once
// Base of fitted transformers in which every output column depends on one input column. A derived class says what each
// column becomes and how one value is changed; whole tables, single rows, names and columns that pass are done here.

#include <automill/core/transformer.hpp>

namespace automill {

/// True when the view is the whole table in its order.
bool is_whole(const TableView& rows);

class AUTOMILL_EXPORT Columnwise : public FittedTransformer {
 public:
  Table transform_aligned(const TableView& rows, const RunContext& context) const final;
  std::unique_ptr<RowTransformer> row_transformer() const final;
  /// The input column of each output column.
  std::vector<std::uint32_t> sources() const;

 protected:
  /// What one input column becomes. Not `changed`: it passes (one output, the column itself).
  struct Part {
    bool changed = false;
    std::vector<ColumnSchema> columns{};
  };
  /// Values of one output column under construction: `codes` for categories, `flags` (0 or 1, never missing, 0 until
  /// set) for booleans, `numbers` otherwise.
  struct Buffer {
    std::vector<double> numbers{};
    std::vector<std::int32_t> codes{};
    std::vector<std::uint8_t> flags{};
  };

  /// Called once by the constructor of the derived class: `part(column schema, position)` for every column of the
  /// input. Names of new columns that are taken get "_2", "_3" ... appended.
  template <class PartOf>
  void lay_out(const Schema& input, const PartOf& part) {
    std::vector<Part> parts;
    for (std::size_t c = 0; c < input.size(); ++c) parts.push_back(part(input[c], c));
    set_parts(input, std::move(parts));
  }
  bool changed(std::size_t source) const { return changed_[source] != 0; }
  std::size_t width(std::size_t source) const { return first_[source + 1] - first_[source]; }
  /// Changes one value of a changed column into width(source) values. Codes and flags are doubles here.
  virtual void apply(std::size_t source, double value, double* out) const noexcept = 0;
  /// The same for many values, from row `row` of the buffers on.
  virtual void apply_block(std::size_t source, std::span<const double> values, std::size_t row, Buffer* outputs) const;
  /// True when the changed column, with these values, would come out as it is: it is then shared, not copied.
  virtual bool keeps(std::size_t source, const Column& column) const;

  Schema make_output_schema(const Schema& input) const final;

 private:
  class Rows;
  void set_parts(const Schema& input, std::vector<Part> parts);
  std::size_t bytes_of(std::size_t first, std::size_t count) const;  ///< of one row of these outputs

  std::vector<ColumnSchema> outputs_{};
  std::vector<std::size_t> first_{};  ///< first output of each source, and the number of outputs
  std::vector<std::uint8_t> changed_{};
};

}  // namespace automill
