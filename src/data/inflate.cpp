#include "data/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <automill/core/error.hpp>
#include <vector>

namespace automill {

struct GzipReader::State {
  std::function<std::size_t(std::span<std::byte>)> packed;
  std::string place;
  std::vector<std::byte> buffer = std::vector<std::byte>(std::size_t{1} << 17);
  z_stream stream{};
  bool packed_ended = false, ended = false;

  State() {
    constexpr int gzip_format = 16 + MAX_WBITS;
    if (::inflateInit2(&stream, gzip_format) != Z_OK) throw std::bad_alloc();
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { ::inflateEnd(&stream); }

  /// More packed bytes when the last ones are used up; false at their end.
  bool refill() {
    if (stream.avail_in > 0) return true;
    if (packed_ended) return false;
    const std::size_t got = packed(buffer);
    packed_ended = got < buffer.size();
    stream.next_in = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_in = static_cast<uInt>(got);
    return got > 0;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error("data.gzip_damaged", place, "the gzip data " + what, "copy or download the file again");
  }
  /// Behind the end of a member: another one, padding with zeros, or nothing.
  void next_member() {
    while (refill() && *stream.next_in == 0) {
      ++stream.next_in;
      --stream.avail_in;
    }
    if (stream.avail_in == 0) ended = true;
    else if (*stream.next_in != 0x1f) fail("are followed by something else");
    else ::inflateReset(&stream);
  }
};

GzipReader::GzipReader(std::function<std::size_t(std::span<std::byte>)> packed, std::string place)
    : state_(std::make_unique<State>()) {
  state_->packed = std::move(packed);
  state_->place = std::move(place);
}
GzipReader::GzipReader(GzipReader&&) noexcept = default;
GzipReader& GzipReader::operator=(GzipReader&&) noexcept = default;
GzipReader::~GzipReader() = default;

std::size_t GzipReader::read(std::span<std::byte> to) {
  State& state = *state_;
  constexpr std::size_t piece = std::size_t{1} << 30;  // zlib counts in unsigned int
  std::size_t done = 0;
  while (done < to.size() && !state.ended) {
    if (!state.refill()) state.fail("end too early");
    const auto room = static_cast<uInt>(std::min(piece, to.size() - done));
    state.stream.next_out = reinterpret_cast<Bytef*>(to.data() + done);
    state.stream.avail_out = room;
    const int result = ::inflate(&state.stream, Z_NO_FLUSH);
    done += room - state.stream.avail_out;
    if (result == Z_STREAM_END) state.next_member();
    else if (result != Z_OK && result != Z_BUF_ERROR)
      state.fail(std::string("are damaged: ") + (state.stream.msg != nullptr ? state.stream.msg : "wrong checksum"));
  }
  return done;
}

}  // namespace automill
