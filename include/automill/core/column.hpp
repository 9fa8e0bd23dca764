#pragma once
// One column of a table: typed, nullable, chunked, immutable, sharing the memory of whoever made it (Arrow arrays,
// NumPy, a CSV reader, a span). Readers do not see the storage: they ask for a block of rows as doubles, codes or text.

#include <algorithm>
#include <atomic>
#include <automill/core/schema.hpp>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>

namespace automill {

/// How the values of a chunk lie in memory. `bits` is one bit a value, least significant first. `text32`/`text64`:
/// offsets of that width into bytes (Arrow's layout); `text_view`: an array of std::string_view. `sparse`: the values
/// that are not 0 as doubles, and their rows.
enum class Storage : std::uint8_t {
  float64,
  float32,
  int64,
  int32,
  int16,
  int8,
  uint64,
  uint32,
  uint16,
  uint8,
  bits,
  text32,
  text64,
  text_view,
  sparse
};

/// A piece of a column. Value i lies at `data + (first + i) * stride` (stride in bytes; 0: packed by the storage's
/// size). A value is missing where its bit in `validity` is 0, or, for floating point, where it is NaN. For categories
/// the storage is int32 codes with `Dictionary::missing_code` for missing, or any integer storage with validity.
struct ColumnChunk {
  Storage storage = Storage::float64;
  std::size_t length = 0;
  const void* data = nullptr;
  std::ptrdiff_t stride = 0;
  const void* offsets = nullptr;           ///< text32, text64; sparse: rows of the values, int32, ascending
  std::size_t stored = 0;                  ///< sparse: how many values there are
  const std::uint8_t* validity = nullptr;  ///< bitmap, null: nothing is missing
  std::size_t first = 0;                   ///< first value inside data, offsets and validity
  std::shared_ptr<const void> owner{};     ///< keeps the memory alive; null: borrowed
  double scale = 1.0,
         shift = 0.0;  ///< number and datetime: value = stored * scale + shift (nanoseconds to microseconds)

  bool valid(std::size_t i) const {
    const std::size_t bit = first + i;
    return validity == nullptr || ((validity[bit >> 3] >> (bit & 7)) & 1) != 0;
  }
};

/// Bytes of one value of a fixed-width storage (0 for bits and text).
constexpr std::size_t storage_size(Storage storage) {
  switch (storage) {
    case Storage::float64:
    case Storage::int64:
    case Storage::uint64:
      return 8;
    case Storage::float32:
    case Storage::int32:
    case Storage::uint32:
      return 4;
    case Storage::int16:
    case Storage::uint16:
      return 2;
    case Storage::int8:
    case Storage::uint8:
      return 1;
    case Storage::text_view:
      return sizeof(std::string_view);
    default:
      return 0;
  }
}

class Column {
 public:
  Column(ColumnSchema schema, std::vector<ColumnChunk> chunks)
      : schema_(std::move(schema)), chunks_(std::move(chunks)) {
    static std::atomic<std::uint64_t> last{0};
    identity_ = ++last;
    for (const auto& chunk : chunks_) {
      starts_.push_back(length_);
      length_ += chunk.length;
    }
  }

  const ColumnSchema& schema() const { return schema_; }
  const std::string& name() const { return schema_.name; }
  ColumnKind kind() const { return schema_.kind; }
  std::size_t size() const { return length_; }
  const std::vector<ColumnChunk>& chunks() const { return chunks_; }
  /// Unique in the process: the key of caches (bins, sorted orders, encodings).
  std::uint64_t identity() const { return identity_; }
  /// Only cells that are not 0 are kept: for_each_stored takes no longer than there are of them.
  bool sparse() const {
    return !chunks_.empty() && std::all_of(chunks_.begin(), chunks_.end(),
                                           [](const auto& chunk) { return chunk.storage == Storage::sparse; });
  }
  /// Of a sparse column.
  std::size_t stored() const {
    std::size_t count = 0;
    for (const ColumnChunk& chunk : chunks_) count += chunk.stored;
    return count;
  }
  /// Calls visit(row, value) for the kept cells of a sparse column, in the order of rows. Kept ones may be 0 or
  /// missing.
  template <class Visit>
  void for_each_stored(const Visit& visit) const {
    for (std::size_t c = 0; c < chunks_.size(); ++c) {
      const SparseCells cells(chunks_[c], 0, chunks_[c].length);
      for (std::size_t i = 0; i < cells.rows.size(); ++i)
        visit(starts_[c] + static_cast<std::size_t>(cells.rows[i]) - chunks_[c].first, cells.values[i]);
    }
  }

  /// Rows [first, first + count) as doubles (see ColumnKind). Text columns give 0, or NaN where missing.
  void numbers(std::size_t first, std::size_t count, double* out) const {
    while (count > 0) {
      const std::size_t c = chunk_of(first), offset = first - starts_[c],
                        n = std::min(count, chunks_[c].length - offset);
      read_chunk(chunks_[c], offset, n, out);
      first += n;
      count -= n;
      out += n;
    }
  }
  /// Any rows as doubles.
  void gather(std::span<const std::uint32_t> rows, double* out) const {
    if (chunks_.size() == 1 && chunks_[0].storage == Storage::sparse) return gather_sparse(rows, out);
    if (chunks_.size() == 1 && direct(chunks_[0])) {
      const double* values = static_cast<const double*>(chunks_[0].data) + chunks_[0].first;
      for (std::size_t i = 0; i < rows.size(); ++i) out[i] = values[rows[i]];
      return;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) numbers(rows[i], 1, out + i);
  }
  double number(std::size_t row) const {
    double value;
    numbers(row, 1, &value);
    return value;
  }
  bool missing(std::size_t row) const { return std::isnan(number(row)); }
  /// Text of a text column, or the name of a category; empty when missing or unseen.
  std::string_view text(std::size_t row) const {
    if (schema_.kind == ColumnKind::category) {
      const double code = number(row);
      const auto& names = schema_.dictionary->names();
      return code >= 0 && code < static_cast<double>(names.size())
                 ? std::string_view(names[static_cast<std::size_t>(code)])
                 : std::string_view();
    }
    const std::size_t c = chunk_of(row);
    return chunk_text(chunks_[c], row - starts_[c]);
  }

  static std::string_view chunk_text(const ColumnChunk& chunk, std::size_t i) {
    if (!chunk.valid(i)) return {};
    const std::size_t at = chunk.first + i;
    if (chunk.storage == Storage::text_view) return static_cast<const std::string_view*>(chunk.data)[at];
    const char* bytes = static_cast<const char*>(chunk.data);
    if (chunk.storage == Storage::text32) {
      const auto* offsets = static_cast<const std::int32_t*>(chunk.offsets) + at;
      return {bytes + offsets[0], static_cast<std::size_t>(offsets[1] - offsets[0])};
    }
    if (chunk.storage == Storage::text64) {
      const auto* offsets = static_cast<const std::int64_t*>(chunk.offsets) + at;
      return {bytes + offsets[0], static_cast<std::size_t>(offsets[1] - offsets[0])};
    }
    return {};
  }

 private:
  std::size_t chunk_of(std::size_t row) const {
    if (chunks_.size() == 1) return 0;
    return static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), row) - starts_.begin()) - 1;
  }
  static bool direct(const ColumnChunk& chunk) {
    return chunk.storage == Storage::float64 && chunk.stride == 0 && chunk.validity == nullptr && chunk.scale == 1.0 &&
           chunk.shift == 0.0;
  }
  /// Kept cells of a range of a sparse chunk.
  struct SparseCells {
    std::span<const std::int32_t> rows;  ///< counted as ColumnChunk::first is
    const double* values;
    SparseCells(const ColumnChunk& chunk, std::size_t offset, std::size_t count) {
      const auto* all = static_cast<const std::int32_t*>(chunk.offsets);
      const auto place = [&](std::size_t row) {
        return std::lower_bound(all, all + chunk.stored, static_cast<std::int64_t>(chunk.first + row)) - all;
      };
      const auto begin = place(offset), end = place(offset + count);
      rows = {all + begin, static_cast<std::size_t>(end - begin)};
      values = static_cast<const double*>(chunk.data) + begin;
    }
  };
  void gather_sparse(std::span<const std::uint32_t> rows, double* out) const {
    const SparseCells cells(chunks_[0], 0, length_);
    std::size_t at = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<std::int64_t>(chunks_[0].first + rows[i]);
      if (at > 0 && cells.rows[at - 1] >= row) at = 0;  // rows need not ascend
      at = static_cast<std::size_t>(
          std::lower_bound(cells.rows.begin() + static_cast<std::ptrdiff_t>(at), cells.rows.end(), row) -
          cells.rows.begin());
      out[i] = at < cells.rows.size() && cells.rows[at] == row ? cells.values[at] : 0.0;
    }
  }
  template <class T>
  static void convert(const ColumnChunk& chunk, std::size_t offset, std::size_t count, double* out) {
    const std::ptrdiff_t stride = chunk.stride != 0 ? chunk.stride : static_cast<std::ptrdiff_t>(sizeof(T));
    const char* at = static_cast<const char*>(chunk.data) + static_cast<std::ptrdiff_t>(chunk.first + offset) * stride;
    for (std::size_t i = 0; i < count; ++i, at += stride) {
      T value;
      std::memcpy(&value, at, sizeof value);
      out[i] = static_cast<double>(value);
    }
  }
  void read_chunk(const ColumnChunk& chunk, std::size_t offset, std::size_t count, double* out) const {
    switch (chunk.storage) {
      case Storage::float64:
        convert<double>(chunk, offset, count, out);
        break;
      case Storage::float32:
        convert<float>(chunk, offset, count, out);
        break;
      case Storage::int64:
        convert<std::int64_t>(chunk, offset, count, out);
        break;
      case Storage::int32:
        convert<std::int32_t>(chunk, offset, count, out);
        break;
      case Storage::int16:
        convert<std::int16_t>(chunk, offset, count, out);
        break;
      case Storage::int8:
        convert<std::int8_t>(chunk, offset, count, out);
        break;
      case Storage::uint64:
        convert<std::uint64_t>(chunk, offset, count, out);
        break;
      case Storage::uint32:
        convert<std::uint32_t>(chunk, offset, count, out);
        break;
      case Storage::uint16:
        convert<std::uint16_t>(chunk, offset, count, out);
        break;
      case Storage::uint8:
        convert<std::uint8_t>(chunk, offset, count, out);
        break;
      case Storage::bits:
        for (std::size_t i = 0; i < count; ++i) {
          const std::size_t bit = chunk.first + offset + i;
          out[i] = (static_cast<const std::uint8_t*>(chunk.data)[bit >> 3] >> (bit & 7)) & 1;
        }
        break;
      case Storage::sparse: {
        std::fill(out, out + count, 0.0);
        const SparseCells cells(chunk, offset, count);
        for (std::size_t i = 0; i < cells.rows.size(); ++i)
          out[static_cast<std::size_t>(cells.rows[i]) - chunk.first - offset] = cells.values[i];
        break;
      }
      default:
        std::fill(out, out + count, 0.0);
    }
    if (chunk.scale != 1.0 || chunk.shift != 0.0)
      for (std::size_t i = 0; i < count; ++i) out[i] = out[i] * chunk.scale + chunk.shift;
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (schema_.kind == ColumnKind::category)
      for (std::size_t i = 0; i < count; ++i) out[i] = out[i] < 0 ? nan : out[i];
    if (chunk.storage == Storage::text_view) {
      for (std::size_t i = 0; i < count; ++i)
        if (chunk_text(chunk, offset + i).data() == nullptr) out[i] = nan;
    }
    if (chunk.validity != nullptr)
      for (std::size_t i = 0; i < count; ++i)
        if (!chunk.valid(offset + i)) out[i] = nan;
  }

  ColumnSchema schema_;
  std::vector<ColumnChunk> chunks_;
  std::vector<std::size_t> starts_;
  std::size_t length_ = 0;
  std::uint64_t identity_ = 0;
};

}  // namespace automill
