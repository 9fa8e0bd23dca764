#include "model_file.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "json.hpp"
#include "manifest_values.hpp"

namespace automill {
namespace {

constexpr std::size_t header_size = 64, sealed_size = 56, alignment = 64;
constexpr std::array<char, 8> magic{'A', 'U', 'T', 'O', 'M', 'I', 'L', 'L'};

struct Header {
  std::array<char, 8> magic{};
  std::uint32_t format = 0;
  LibraryVersion needed{};
  std::array<std::uint16_t, 3> zeros{};
  std::uint64_t manifest_size = 0, total_size = 0, manifest_checksum = 0, zero = 0, checksum = 0;
};
static_assert(sizeof(Header) == header_size && std::is_trivially_copyable_v<Header>);

std::uint64_t checksum_of(std::span<const std::byte> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

constexpr std::uint64_t aligned(std::uint64_t size) { return (size + alignment - 1) / alignment * alignment; }

std::string checksum_text(std::uint64_t checksum) {
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = "0123456789abcdef"[(checksum >> (4 * i)) & 15];
  return text;
}

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

Header header_of(std::span<const std::byte> file) {
  Header header;
  std::memcpy(&header, file.data(), header_size);
  return header;
}

Value array_table(const std::vector<ArchiveArray>& arrays) {
  Array table;
  std::uint64_t offset = 0;
  for (const ArchiveArray& array : arrays) {
    table.push_back(Array{element_type_names()[static_cast<std::size_t>(array.type)],
                          static_cast<std::int64_t>(array.size()), static_cast<std::int64_t>(offset),
                          checksum_text(checksum_of(array.bytes))});
    offset = aligned(offset + array.bytes.size());
  }
  return table;
}

/// Reads one file; holds what every check needs to say where it is.
class Reader {
 public:
  Reader(std::span<const std::byte> file, const std::string& place) : file_(file), place_(place) {}

  Archive read() {
    check_header();
    Value manifest = parse_manifest();
    Archive archive;
    archive.arrays = read_arrays(manifest.at("arrays").array());
    archive.root = std::move(manifest.object()["content"]);
    if (!archive.root.is_object()) invalid("the manifest has no content");
    std::vector<bool> used(archive.arrays.size(), false);
    mark_used(archive.root, used);
    if (std::find(used.begin(), used.end(), false) != used.end()) invalid("an array is not used");
    archive.allowance = load_allowance_base + load_allowance_factor * file_.size();
    return archive;
  }

 private:
  void check_header() {
    const std::size_t known = std::min(file_.size(), magic.size());
    if (file_.empty() || std::memcmp(file_.data(), magic.data(), known) != 0)
      fail("model_file.not_a_model", file_.empty() ? "the file is empty" : "this is not a model of AutoMill",
           "give a file that model.save wrote");
    if (file_.size() < header_size) truncated(header_size);
    header_ = header_of(file_);
    if (header_.checksum != checksum_of(file_.first(sealed_size))) damaged("the header");
    if (header_.format > model_file_format || header_.needed > own_version) newer();
    if (header_.total_size > file_.size()) truncated(header_.total_size);
    if (header_.total_size < file_.size()) damaged("the end: bytes follow the model");
    if (header_.format == 0 || header_.zero != 0 || !all_zero(file_.subspan(18, 6))) invalid("unknown header fields");
    if (header_.manifest_size > header_.total_size - header_size) invalid("the manifest is larger than the file");
  }

  Value parse_manifest() {
    const auto bytes = file_.subspan(header_size, header_.manifest_size);
    if (checksum_of(bytes) != header_.manifest_checksum) damaged("the manifest");
    try {
      Value manifest =
          decode_from_manifest(from_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, place_));
      if (manifest.at("format_version").integer() != static_cast<std::int64_t>(header_.format) ||
          manifest.at("minimum_reader").text() != header_.needed.text())
        invalid("header and manifest disagree about the version");
      for (const char* key : {"writer", "arrays", "content"}) manifest.at(key);
      manifest.at("arrays").array();
      return manifest;
    } catch (const Error& error) {
      if (error.code().starts_with("model_file.")) throw;
      invalid(std::string("the manifest: ") + error.what());
    }
  }

  std::vector<ArchiveArray> read_arrays(const Array& table) {
    std::vector<ArchiveArray> arrays;
    arrays.reserve(table.size());
    const std::uint64_t start = aligned(header_size + header_.manifest_size);
    std::uint64_t end = header_size + header_.manifest_size;
    for (const Value& entry : table) {
      const std::uint64_t begin = aligned(end);
      ArchiveArray array = entry_of(entry, begin - start);
      const std::uint64_t count = static_cast<std::uint64_t>(entry.array()[1].integer());
      const std::uint64_t left = begin <= header_.total_size ? header_.total_size - begin : 0;
      if (begin > header_.total_size || count > left / element_size(array.type))
        invalid("array " + std::to_string(arrays.size()) + " is larger than the file");
      const auto bytes = file_.subspan(begin, count * element_size(array.type));
      if (!all_zero(file_.subspan(end, begin - end))) damaged("the zeros before an array");
      if (checksum_text(checksum_of(bytes)) != entry.array()[3].text())
        damaged("array " + std::to_string(arrays.size()));
      array.bytes.assign(bytes.begin(), bytes.end());
      arrays.push_back(std::move(array));
      end = begin + bytes.size();
    }
    if (end != header_.total_size) invalid("bytes follow the last array");
    return arrays;
  }

  /// Checks the form of a row of the array table; the bytes are still to be read.
  ArchiveArray entry_of(const Value& entry, std::uint64_t offset) {
    if (!entry.is_array() || entry.array().size() != 4 || !entry.array()[0].is_text() ||
        !entry.array()[1].is_integer() || !entry.array()[2].is_integer() || !entry.array()[3].is_text())
      invalid("the table of arrays has a bad row");
    const Array& row = entry.array();
    const auto& names = element_type_names();
    const auto type = std::find(names.begin(), names.end(), row[0].text());
    if (type == names.end()) invalid("unknown element type '" + row[0].text() + "'");
    if (row[1].integer() < 0 || row[2].integer() < 0 || static_cast<std::uint64_t>(row[2].integer()) != offset)
      invalid("the table of arrays has a bad count or offset");
    return {.type = static_cast<ElementType>(type - names.begin())};
  }

  /// Each array is referred to once: a file cannot make components copy one array many times.
  void mark_used(const Value& value, std::vector<bool>& used) {
    if (value.is_array())
      for (const Value& element : value.array()) mark_used(element, used);
    if (!value.is_object()) return;
    for (const auto& [key, member] : value.object().entries()) {
      if (key != "$array") {
        mark_used(member, used);
        continue;
      }
      const bool known =
          member.is_integer() && member.integer() >= 0 && static_cast<std::uint64_t>(member.integer()) < used.size();
      if (!known || used[static_cast<std::size_t>(member.integer())])
        invalid("a reference to an array that does not exist, or a second one");
      used[static_cast<std::size_t>(member.integer())] = true;
    }
  }

  [[noreturn]] void fail(const char* code, const std::string& what, const std::string& hint) const {
    throw Error(code, place_, what, hint);
  }
  [[noreturn]] void truncated(std::uint64_t wanted) const {
    fail("model_file.truncated",
         "the file ends after " + std::to_string(file_.size()) + " of " + std::to_string(wanted) + " bytes",
         "copy it again: it was not transferred whole");
  }
  [[noreturn]] void damaged(const std::string& what) const {
    fail("model_file.damaged", "the bytes were changed after saving: " + what, "copy it again, or save it again");
  }
  [[noreturn]] void invalid(const std::string& what) const {
    fail("model_file.invalid", what, "the file was not written by AutoMill");
  }
  [[noreturn]] void newer() const {
    const std::string needed = header_.needed.text();
    fail("model_file.newer", "the model needs AutoMill " + needed + " or later; this is " + own_version.text(),
         "install AutoMill " + needed + " or later");
  }

  std::span<const std::byte> file_;
  const std::string& place_;
  Header header_;
};

}  // namespace

std::vector<std::byte> Container::bytes() const {
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  std::vector<std::byte> all;
  all.reserve(size);
  for (const auto piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

Container write_container(const Archive& archive) {
  static constexpr std::array<std::byte, alignment> zeros{};
  const std::string manifest = to_json(Object{{"format_version", static_cast<std::int64_t>(model_file_format)},
                                              {"minimum_reader", oldest_reader.text()},
                                              {"writer", own_version.text()},
                                              {"arrays", array_table(archive.arrays)},
                                              {"content", encode_for_manifest(archive.root)}});
  Container container;
  std::uint64_t end = header_size + manifest.size();
  const std::size_t head_size = archive.arrays.empty() ? end : aligned(end);
  container.head.resize(head_size);
  std::memcpy(container.head.data() + header_size, manifest.data(), manifest.size());
  container.pieces.push_back(container.head);
  for (std::size_t i = 0; i < archive.arrays.size(); ++i) {
    const auto& bytes = archive.arrays[i].bytes;
    if (i > 0) container.pieces.push_back(std::span(zeros).first(aligned(end) - end));
    container.pieces.push_back(bytes);
    end = aligned(end) + bytes.size();
  }
  Header header{.magic = magic, .format = model_file_format, .needed = oldest_reader};
  header.manifest_size = manifest.size();
  header.total_size = end;
  std::memcpy(container.head.data(), &header, header_size);
  seal_manifest(container.head);
  return container;
}

Archive read_container(std::span<const std::byte> file, const std::string& place) { return Reader(file, place).read(); }

void seal_header(std::span<std::byte> file) {
  Header header = header_of(file);
  header.checksum = checksum_of(file.first(sealed_size));
  std::memcpy(file.data(), &header, header_size);
}

void seal_manifest(std::span<std::byte> file) {
  Header header = header_of(file);
  if (header.manifest_size <= file.size() - header_size)
    header.manifest_checksum = checksum_of(file.subspan(header_size, header.manifest_size));
  std::memcpy(file.data(), &header, header_size);
  seal_header(file);
}

}  // namespace automill
