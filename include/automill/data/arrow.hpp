#pragma once
// Tables from and to everything that speaks the Arrow C data interface (pyarrow, polars, pandas, DuckDB, ...), without
// a library: the three structs below are the whole interface
// (https://arrow.apache.org/docs/format/CDataInterface.html). Numbers, booleans, dates and strings stay where they are:
// the columns refer to the producer's memory and release it when the last one goes.
//
//   Table table = import_arrow_stream(stream);          // takes the stream over, also when it throws
//   export_arrow_stream(table, &stream);                // the consumer calls stream.release
//
//   number    all integers and floats (int64 and uint64 above 2^53: categories, exact), decimals, durations and times
//   of
//             day in seconds
//   boolean   bool
//   datetime  date32, date64, timestamps of any unit; those with a zone are instants, so they come as UTC
//   category  dictionary-encoded columns, and strings whose values repeat (see string_column.hpp)
//   text      other strings
// Lists, structs, maps, unions, binary and interval columns are refused by name, all of them in one Error.

#include <automill/data/string_column.hpp>

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4
extern "C" {
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags;
  std::int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  std::int64_t length;
  std::int64_t null_count;
  std::int64_t offset;
  std::int64_t n_buffers;
  std::int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
}
#endif
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
extern "C" {
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};
}
#endif

namespace automill {

/// A stream of record batches as a table. The stream is released, also on an Error: arrow.type (a type that is not
/// taken), arrow.stream (what the producer said), arrow.invalid (sizes that do not fit together).
AUTOMILL_EXPORT Table import_arrow_stream(ArrowArrayStream* stream, StringKind strings = StringKind::infer);

/// One record batch (a struct array) as a table. Both structs are taken over.
AUTOMILL_EXPORT Table import_arrow(ArrowSchema* schema, ArrowArray* array, StringKind strings = StringKind::infer);

/// A stream of plain arrays (a chunked array) as one column.
AUTOMILL_EXPORT ColumnPtr import_arrow_column(ArrowArrayStream* stream, std::string name,
                                              StringKind strings = StringKind::infer);

/// The table as a stream of one record batch. Numbers are float64 (int64 where every value is whole), missing values
/// nulls, datetimes timestamp[us], categories dictionary<int32, large_utf8>. Values are copied.
AUTOMILL_EXPORT void export_arrow_stream(const Table& table, ArrowArrayStream* out);

}  // namespace automill
