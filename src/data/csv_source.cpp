#include "data/csv_source.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace automill {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// Fills with the next bytes of a block in memory.
std::function<std::size_t(std::span<std::byte>)> reading_from(std::span<const std::byte> bytes) {
  return [bytes](std::span<std::byte> to) mutable {
    const std::size_t count = std::min(to.size(), bytes.size());
    if (count > 0) std::memcpy(to.data(), bytes.data(), count);
    bytes = bytes.subspan(count);
    return count;
  };
}

}  // namespace

bool take_byte_order_mark(std::string_view& text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(mark.size());
  return true;
}

void refuse_other_formats(std::string_view start, const std::string& place) {
  using namespace std::string_view_literals;
  if (start.empty()) throw Error("data.empty_file", place, "the file is empty", "it needs a header line and rows");
  if (start.starts_with("\xFF\xFE"sv) || start.starts_with("\xFE\xFF"sv))
    throw Error("data.not_utf8", place, "the file is UTF-16", "save it as UTF-8");
  struct Format {
    std::string_view start;
    const char *name, *hint;
  };
  static constexpr Format formats[] = {
      {"PAR1"sv, "a Parquet file", "read it with pyarrow, polars or DuckDB and pass the table"},
      {"ARROW1"sv, "a Feather file", "read it with pyarrow or polars and pass the table"},
      {"PK\x03\x04"sv, "a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV"},
      {"\xD0\xCF\x11\xE0"sv, "an old Excel workbook", "save the sheet as CSV"},
      {"\x28\xB5\x2F\xFD"sv, "compressed with zstd", "unpack it, or use gzip"},
      {"\xFD\x37zXZ"sv, "compressed with xz", "unpack it, or use gzip"},
      {"BZh"sv, "compressed with bzip2", "unpack it, or use gzip"},
      {"SQLite format 3"sv, "an SQLite database", "export the table as CSV"},
  };
  start = start.substr(0, 4096);
  const auto control = [](char c) { return c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r'; };
  const bool binary = std::any_of(start.begin(), start.end(), control);  // a column may well be called PAR1
  for (const Format& format : formats)
    if (binary && start.starts_with(format.start))
      throw Error("data.not_csv", place, std::string("this is not a text table but ") + format.name, format.hint);
  if (start.find('\0') != std::string_view::npos)
    throw Error("data.not_csv", place, "the file holds zero bytes: it is not text", "pass a CSV file in UTF-8");
}

void CsvSource::FreeBlock::operator()(std::byte* block) const noexcept { std::free(block); }

CsvSource CsvSource::from_file(const std::string& path, const CsvOptions& options) {
  CsvSource source;
  source.place_ = path;
  source.file_ = map_file(path, csv_file_codes);
  source.text_ = as_text(source.file_.bytes());
  source.inflate(options);
  source.finish();
  return source;
}

CsvSource CsvSource::from_memory(std::string_view text, const CsvOptions& options) {
  CsvSource source;
  source.place_ = "text";
  source.text_ = text;
  source.inflate(options);
  source.finish();
  return source;
}

/// The block grows by realloc, which moves pages and does not copy where the system can.
void CsvSource::inflate(const CsvOptions& options) {
  const auto packed = as_bytes(text_);
  gzip_ = looks_like_gzip(packed);
  if (!gzip_) return;
  const std::uint64_t limit = options.inflate_limit != 0 ? options.inflate_limit : available_memory() / 2;
  constexpr std::size_t piece = std::size_t{1} << 20;
  GzipReader reader(reading_from(packed), place_);
  std::size_t size = 0, room = 0;
  for (std::size_t got = piece; got == piece;) {
    if (options.stop.stop_requested()) throw Error("data.stopped", place_, "reading was stopped");
    if (size > limit)
      throw Error("data.gzip_too_large", place_,
                  "the file inflates to more than " + std::to_string(limit >> 20) + " MiB, the limit",
                  "raise inflate_limit, or unpack the file");
    if (room - size < piece) {
      room = room + room / 2 + piece;
      void* larger = std::realloc(inflated_.get(), room);
      if (larger == nullptr) throw std::bad_alloc();
      (void)inflated_.release();
      inflated_.reset(static_cast<std::byte*>(larger));
    }
    got = reader.read({inflated_.get() + size, piece});
    size += got;
  }
  text_ = as_text({inflated_.get(), size});
  file_ = MappedFile();
}

void CsvSource::finish() {
  refuse_other_formats(text_, place_);
  byte_order_mark_ = take_byte_order_mark(text_);
}

void CsvSource::release(std::string_view part) const {
  if (inflated_ != nullptr || file_.bytes().empty()) return;
  const char* begin = as_text(file_.bytes()).data();
  file_.release(static_cast<std::size_t>(part.data() - begin),
                static_cast<std::size_t>(part.data() - begin) + part.size());
}

}  // namespace automill
