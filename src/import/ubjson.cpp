// UBJSON (ubjson.org, draft 12), as XGBoost writes it: big-endian numbers, typed and counted containers.

#include <bit>

#include "import/source_model.hpp"

namespace automill::importing {
namespace {

class UbjsonReader {
 public:
  UbjsonReader(std::span<const std::byte> bytes, Source& source) : bytes_(bytes), source_(source) {}

  Value document() {
    Value value = read_value(marker(), 0);
    if (at_ != bytes_.size()) damaged("bytes follow the document");
    return value;
  }

 private:
  static constexpr std::size_t deepest = 100;

  /// A container's header: how many elements, and of which type, where it says so.
  struct Header {
    char type = 0;
    std::optional<std::size_t> count{};
  };

  [[noreturn]] void damaged(const std::string& what) const { source_.damaged("byte " + std::to_string(at_), what); }
  char peek() const {
    if (at_ >= bytes_.size()) damaged("the file ends inside a value");
    return static_cast<char>(bytes_[at_]);
  }
  char next() {
    const char c = peek();
    ++at_;
    return c;
  }
  /// The next marker; 'N' means nothing and may stand anywhere.
  char marker() {
    char c = next();
    while (c == 'N') c = next();
    return c;
  }
  template <class Unsigned>
  Unsigned big_endian() {
    if (bytes_.size() - at_ < sizeof(Unsigned)) damaged("the file ends inside a number");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i) value = value << 8 | static_cast<std::uint64_t>(bytes_[at_ + i]);
    at_ += sizeof(Unsigned);
    return static_cast<Unsigned>(value);
  }
  std::optional<std::int64_t> integer(char type) {
    switch (type) {
      case 'i':
        return static_cast<std::int8_t>(big_endian<std::uint8_t>());
      case 'U':
        return big_endian<std::uint8_t>();
      case 'I':
        return static_cast<std::int16_t>(big_endian<std::uint16_t>());
      case 'l':
        return static_cast<std::int32_t>(big_endian<std::uint32_t>());
      case 'L':
        return static_cast<std::int64_t>(big_endian<std::uint64_t>());
      default:
        return {};
    }
  }
  std::size_t length() {
    const std::optional<std::int64_t> found = integer(next());
    if (!found || *found < 0) damaged("a length must be a whole number, not below 0");
    return static_cast<std::size_t>(*found);
  }
  std::string text() {
    const std::size_t size = length();
    if (size > bytes_.size() - at_) damaged("a text is longer than the file");
    std::string all(reinterpret_cast<const char*>(bytes_.data()) + at_, size);
    at_ += size;
    return all;
  }

  Value read_value(char type, std::size_t depth) {
    if (const auto whole = integer(type)) return *whole;
    switch (type) {
      case 'Z':
        return {};
      case 'T':
      case 'F':
        return type == 'T';
      case 'C':
        return std::string(1, next());
      case 'S':
        return text();
      case 'd':
        return static_cast<double>(std::bit_cast<float>(big_endian<std::uint32_t>()));
      case 'D':
        return std::bit_cast<double>(big_endian<std::uint64_t>());
      case '[':
        return list(depth + 1);
      case '{':
        return object(depth + 1);
      default:
        --at_;
        damaged("there is no value of type " + std::to_string(static_cast<unsigned char>(type)));
    }
  }
  Header header(std::size_t depth) {
    if (depth > deepest) damaged("nested more than " + std::to_string(deepest) + " deep");
    Header found;
    if (peek() == '$') {
      ++at_;
      found.type = next();
      if (peek() != '#') damaged("a typed container needs a count");
    }
    if (peek() == '#') {
      ++at_;
      found.count = length();
    }
    return found;
  }
  /// Whether another element follows; takes the end mark.
  bool more(const Header& header, std::size_t done, char end) {
    if (header.count) return done < *header.count;
    while (peek() == 'N') ++at_;
    if (peek() != end) return true;
    ++at_;
    return false;
  }
  /// Charged, as a list of a billion nulls takes no bytes in the file.
  Value element(const Header& header, std::size_t depth) {
    source_.charge(sizeof(Value));
    return read_value(header.type != 0 ? header.type : marker(), depth);
  }
  Value list(std::size_t depth) {
    const Header head = header(depth);
    Array all;
    while (more(head, all.size(), ']')) all.push_back(element(head, depth));
    return all;
  }
  Value object(std::size_t depth) {
    const Header head = header(depth);
    Object all;
    while (more(head, all.size(), '}')) {
      std::string key = text();
      if (all.size() >= most_keys) damaged("an object has more than " + std::to_string(most_keys) + " members");
      if (all.contains(key)) damaged("the key '" + key + "' stands twice in one object");
      all.append(std::move(key), element(head, depth));
    }
    return all;
  }

  static constexpr std::size_t most_keys = 4096;  // looked up one by one
  std::span<const std::byte> bytes_;
  Source& source_;
  std::size_t at_ = 0;
};

}  // namespace

Value read_ubjson(std::span<const std::byte> bytes, Source& source) { return UbjsonReader(bytes, source).document(); }

}  // namespace automill::importing
