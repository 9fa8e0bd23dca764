#pragma once
// Reads gzip data (RFC 1952, several members one behind the other) piece by piece.

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace automill {

/// Whether the bytes begin as gzip does.
inline bool looks_like_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 3 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b} && bytes[2] == std::byte{8};
}

class GzipReader {
 public:
  /// `packed(to)` fills `to` with the next packed bytes and returns how many; fewer only at the end.
  /// `place` names the input in Errors.
  GzipReader(std::function<std::size_t(std::span<std::byte>)> packed, std::string place);
  GzipReader(GzipReader&&) noexcept;
  GzipReader& operator=(GzipReader&&) noexcept;
  ~GzipReader();

  /// Fills `to` with inflated bytes; fewer only at the end. Error: data.gzip_damaged.
  std::size_t read(std::span<std::byte> to);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace automill
