#pragma once
// Base of fitted transformers in which every output column depends on one input column. A derived class says what each
// column becomes and how one value (of text columns: one text) is changed; whole tables, single rows, names and columns
// that pass are done here.

#include <automill/core/transformer.hpp>
#include <functional>

namespace automill {

/// True when the view is the whole table in its order.
AUTOMILL_EXPORT bool is_whole(const TableView& rows);

/// The columns of the rows: shared where they are the whole table, else copied.
AUTOMILL_EXPORT std::vector<ColumnPtr> pass_columns(const TableView& rows);

class AUTOMILL_EXPORT Columnwise : public FittedTransformer {
 public:
  /// What the outputs of an input column are, where they are known already; empty where they are not.
  using Given = std::function<std::vector<ColumnPtr>(std::size_t source)>;

  Table transform_aligned(const TableView& rows, const RunContext& context) const final {
    return transform_with(rows, context, {});
  }
  /// The same with some columns given: training rows that are not transformed like others.
  Table transform_with(const TableView& rows, const RunContext& context, const Given& given) const;
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
  /// True when the changed column, with these values, would come out as it is: it is then shared, not copied. Asked of
  /// whole tables only.
  virtual bool keeps(std::size_t source, const Column& column) const;

  /// Whether `holds` of every cell of a column, for `keeps`.
  template <class Holds>
  static bool every_number(const Column& column, const Holds& holds) {
    std::vector<double> values(std::min<std::size_t>(4096, column.size()));
    for (std::size_t begin = 0; begin < column.size(); begin += values.size()) {
      const std::size_t count = std::min(values.size(), column.size() - begin);
      column.numbers(begin, count, values.data());
      if (!std::all_of(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count), holds)) return false;
    }
    return true;
  }

  /// Of a changed text column; own scratch, one a thread. `out` holds width(source) values, all of which are set.
  class TextReader {
   public:
    virtual ~TextReader() = default;
    virtual void read(std::string_view text, double* out) noexcept = 0;
  };
  /// Null: text columns are left out or pass.
  virtual std::unique_ptr<TextReader> text_reader(std::size_t source) const;
  /// The columns that a changed text column becomes; by default what its reader gives.
  virtual std::vector<ColumnPtr> text_columns(std::size_t source, const TableView& rows,
                                              const RunContext& context) const;
  std::span<const ColumnSchema> outputs_of(std::size_t source) const {
    return std::span(outputs_).subspan(first_[source], width(source));
  }

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
