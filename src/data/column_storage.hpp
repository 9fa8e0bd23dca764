#pragma once
// Memory of a column that a reader makes: packed values and, where something is missing, a bitmap.

#include <automill/core/column.hpp>

namespace automill {

class ColumnStorage {
 public:
  ColumnStorage(Storage storage, std::size_t rows) : owned_(std::make_shared<Owned>()) {
    chunk_.storage = storage;
    chunk_.length = rows;
    chunk_.owner = owned_;
  }
  /// Memory for the values, not initialised.
  void allocate() { adopt(std::unique_ptr<std::byte[]>(new std::byte[chunk_.length * storage_size(chunk_.storage)])); }
  void adopt(std::unique_ptr<std::byte[]> values) {
    owned_->values = std::move(values);
    chunk_.data = owned_->values.get();
  }
  /// Text: `offsets` has one entry more than there are rows.
  void adopt_text(std::unique_ptr<std::byte[]> bytes, std::unique_ptr<std::byte[]> offsets) {
    adopt(std::move(bytes));
    owned_->offsets = std::move(offsets);
    chunk_.offsets = owned_->offsets.get();
  }
  std::byte* data() { return owned_->values.get(); }

  /// Sets the bitmap from missing(row).
  template <class Missing>
  void mark_missing(const Missing& missing) {
    owned_->validity.assign((chunk_.length + 7) / 8, 0);
    for (std::size_t row = 0; row < chunk_.length; ++row)
      owned_->validity[row >> 3] |= static_cast<std::uint8_t>((missing(row) ? 0u : 1u) << (row & 7));
    chunk_.validity = owned_->validity.data();
  }
  const ColumnChunk& chunk() const { return chunk_; }

 private:
  struct Owned {
    std::unique_ptr<std::byte[]> values{}, offsets{};
    std::vector<std::uint8_t> validity{};
  };
  std::shared_ptr<Owned> owned_;
  ColumnChunk chunk_{};
};

}  // namespace automill
