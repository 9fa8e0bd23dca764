#pragma once
// The text of a CSV file, wherever it comes from: a mapped file, an inflated one, the caller's memory.

#include <automill/data/csv.hpp>

#include "data/inflate.hpp"
#include "data/platform.hpp"

namespace automill {

inline constexpr FileErrorCodes csv_file_codes{"data.file_missing", "data.folder", "data.unreadable"};

/// Takes the byte order mark of UTF-8 off; true when there was one.
bool take_byte_order_mark(std::string_view& text);

/// Error data.not_csv or data.not_utf8 when the first bytes are those of another format; data.empty_file when there are
/// none.
void refuse_other_formats(std::string_view start, const std::string& place);

class CsvSource {
 public:
  /// Opens, inflates where needed, checks the first bytes.
  static CsvSource from_file(const std::string& path, const CsvOptions& options);
  static CsvSource from_memory(std::string_view text, const CsvOptions& options);

  /// Without the byte order mark; lives as long as the source.
  std::string_view text() const { return text_; }
  const std::string& place() const { return place_; }  ///< how Errors name it
  bool gzip() const { return gzip_; }
  bool byte_order_mark() const { return byte_order_mark_; }
  /// This part of the text will hardly be read again: its memory may be used otherwise.
  void release(std::string_view part) const;

 private:
  struct FreeBlock {
    void operator()(std::byte* block) const noexcept;
  };
  void inflate(const CsvOptions& options);
  void finish();

  MappedFile file_{};
  std::unique_ptr<std::byte[], FreeBlock> inflated_{};
  std::string_view text_{};
  std::string place_{};
  bool gzip_ = false, byte_order_mark_ = false;
};

}  // namespace automill
