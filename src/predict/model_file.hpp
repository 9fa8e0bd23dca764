#pragma once
// The container of a model file: what an Archive is as bytes. Everything is checked against the bytes that are there
// before memory is taken, every byte is covered by a checksum or must be zero, and one archive has one encoding, so
// that saving what was loaded gives the same bytes.
//
//   0   "AUTOMILL", format version (u32), AutoMill version needed to read (3 x u16), zeros
//   24  bytes of the manifest, bytes of the file, checksum of the manifest, zero, checksum of bytes 0 .. 55 (u64 each)
//   64  manifest: JSON {format_version, minimum_reader, writer, arrays: [[type, count, offset, checksum] ...], content}
//   ... zeros up to a multiple of 64, then the arrays, little-endian, each at a multiple of 64, zeros between them
//
// Checksums are XXH3 (64 bits); offsets count from the first array. These 64 bytes of header never change, so that
// every version can say which version a file needs. In the manifest, an array is {"$array": position} and stands
// exactly once; what JSON has no form for is written as manifest_values.hpp says.

#include <automill/core/archive.hpp>

namespace automill {

/// A version of the library, for "needs AutoMill 1.2.0".
struct LibraryVersion {
  std::uint16_t major = 0, minor = 0, patch = 0;
  auto operator<=>(const LibraryVersion&) const = default;
  std::string text() const { return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch); }
};

inline constexpr std::uint32_t model_file_format = 1;
inline constexpr LibraryVersion own_version{AUTOMILL_VERSION_MAJOR, AUTOMILL_VERSION_MINOR, AUTOMILL_VERSION_PATCH};
/// The oldest AutoMill that reads what this one writes. Raised when a component's state or the format changes.
inline constexpr LibraryVersion oldest_reader{0, 1, 0};

/// A model file as pieces in order; `pieces` refer to `head` and to the archive's arrays.
struct AUTOMILL_EXPORT Container {
  std::vector<std::byte> head;  ///< header, manifest, zeros
  std::vector<std::span<const std::byte>> pieces;
  std::vector<std::byte> bytes() const;
};

/// Limits what the loader allocates beyond the arrays: schemas that components derive may be larger than their
/// description, by this factor at most.
inline constexpr std::uint64_t load_allowance_base = 64ULL << 20, load_allowance_factor = 256;

/// The archive must outlive the container.
AUTOMILL_EXPORT Container write_container(const Archive& archive);
/// `place` names the file in Errors: model_file.not_a_model, .truncated, .damaged, .newer, .invalid.
AUTOMILL_EXPORT Archive read_container(std::span<const std::byte> file, const std::string& place);

/// Writes the checksum of the header into it (tests and fuzzing change headers). Precondition: at least 64 bytes.
void seal_header(std::span<std::byte> file);
/// The same for a manifest that was changed without a change of its size.
void seal_manifest(std::span<std::byte> file);

}  // namespace automill
