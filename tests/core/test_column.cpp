// Columns: every storage, packed, strided, offset, scaled, with validity and in chunks, read as doubles and as text.

#include <gtest/gtest.h>

#include <automill/core/random.hpp>
#include <automill/core/table.hpp>

namespace automill {
namespace {

/// One way to store numbers: what it can hold, and how a chunk of it is made.
struct StorageCase {
  Storage storage;
  const char* name;
  double lowest, highest;
  bool whole;
};

std::ostream& operator<<(std::ostream& out, const StorageCase& which) { return out << which.name; }

const std::vector<StorageCase> storages{{Storage::float64, "float64", -1e300, 1e300, false},
                                        {Storage::float32, "float32", -1e30, 1e30, false},
                                        {Storage::int64, "int64", -0x1p53, 0x1p53, true},
                                        {Storage::int32, "int32", -0x1p31, 0x1p31 - 1, true},
                                        {Storage::int16, "int16", -32768, 32767, true},
                                        {Storage::int8, "int8", -128, 127, true},
                                        {Storage::uint64, "uint64", 0, 0x1p53, true},
                                        {Storage::uint32, "uint32", 0, 0x1p32 - 1, true},
                                        {Storage::uint16, "uint16", 0, 65535, true},
                                        {Storage::uint8, "uint8", 0, 255, true},
                                        {Storage::bits, "bits", 0, 1, true}};

/// Writes `value` as the storage has it, and returns what a reader must see.
template <class T>
double put(std::vector<std::byte>& memory, std::size_t at, double value) {
  const T stored = static_cast<T>(value);
  std::memcpy(memory.data() + at, &stored, sizeof stored);
  return static_cast<double>(stored);
}
double store(Storage storage, std::vector<std::byte>& memory, std::size_t at, double value) {
  switch (storage) {
    case Storage::float64:
      return put<double>(memory, at, value);
    case Storage::float32:
      return put<float>(memory, at, value);
    case Storage::int64:
      return put<std::int64_t>(memory, at, value);
    case Storage::int32:
      return put<std::int32_t>(memory, at, value);
    case Storage::int16:
      return put<std::int16_t>(memory, at, value);
    case Storage::int8:
      return put<std::int8_t>(memory, at, value);
    case Storage::uint64:
      return put<std::uint64_t>(memory, at, value);
    case Storage::uint32:
      return put<std::uint32_t>(memory, at, value);
    case Storage::uint16:
      return put<std::uint16_t>(memory, at, value);
    default:
      return put<std::uint8_t>(memory, at, value);
  }
}

struct Variant {
  std::size_t first, stride_factor;
  bool validity;
  double scale, shift;
};

/// A chunk with known values; `expected` gets them. Bytes of another pattern lie around and between the values.
ColumnChunk make_chunk(const StorageCase& which, const Variant& variant, std::size_t n, std::uint64_t seed,
                       std::vector<double>& expected) {
  struct Memory {
    std::vector<std::byte> values;
    std::vector<std::uint8_t> validity;
  };
  auto memory = std::make_shared<Memory>();
  RandomStream random(seed, purpose("column"));
  const std::size_t size = std::max<std::size_t>(1, storage_size(which.storage));
  const std::size_t stride = size * variant.stride_factor, slots = variant.first + n;
  memory->values.assign(slots * stride + size, std::byte{0xA5});
  memory->validity.assign(slots / 8 + 1, 0);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = variant.first + i;
    double value = which.lowest + (which.highest - which.lowest) * random.uniform();
    if (which.storage == Storage::bits) {
      value = random.uniform() < 0.5 ? 0 : 1;
      auto& byte = memory->values[at >> 3];
      const auto mask = static_cast<std::byte>(1 << (at & 7));
      byte = value == 1 ? byte | mask : byte & ~mask;
    } else {
      if (which.whole) value = std::floor(value);
      if (i == 0) value = which.lowest;
      if (i == 1) value = which.highest;
      value = store(which.storage, memory->values, at * stride, value);
    }
    const bool valid = !variant.validity || random.uniform() < 0.7;
    if (valid) memory->validity[at >> 3] = static_cast<std::uint8_t>(memory->validity[at >> 3] | (1 << (at & 7)));
    expected.push_back(valid ? value * variant.scale + variant.shift : std::nan(""));
  }
  return {.storage = which.storage,
          .length = n,
          .data = memory->values.data(),
          .stride = variant.stride_factor == 1 ? 0 : static_cast<std::ptrdiff_t>(stride),
          .validity = variant.validity ? memory->validity.data() : nullptr,
          .first = variant.first,
          .owner = memory,
          .scale = variant.scale,
          .shift = variant.shift};
}

void expect_same(const std::vector<double>& values, const std::vector<double>& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool same = std::isnan(expected[i]) ? std::isnan(values[i]) : values[i] == expected[i];
    EXPECT_TRUE(same) << "value " << i << ": " << values[i] << " instead of " << expected[i];
  }
}

void check_every_reader(const Column& column, const std::vector<double>& expected) {
  ASSERT_EQ(column.size(), expected.size());
  std::vector<double> all(expected.size());
  column.numbers(0, all.size(), all.data());
  expect_same(all, expected);
  for (std::size_t row = 0; row < expected.size(); ++row) {
    EXPECT_EQ(column.missing(row), std::isnan(expected[row]));
    expect_same({column.number(row)}, {expected[row]});
  }
  if (expected.empty()) return;
  RandomStream random(9, purpose("readers"));
  for (int trial = 0; trial < 20; ++trial) {
    const std::size_t first = random.below(expected.size()), count = random.below(expected.size() - first + 1);
    std::vector<double> part(count);
    column.numbers(first, count, part.data());
    expect_same(part, {expected.begin() + static_cast<std::ptrdiff_t>(first),
                       expected.begin() + static_cast<std::ptrdiff_t>(first + count)});
    std::vector<std::uint32_t> rows;
    std::vector<double> wanted;
    for (int i = 0; i < 10; ++i) {
      rows.push_back(static_cast<std::uint32_t>(random.below(expected.size())));
      wanted.push_back(expected[rows.back()]);
    }
    std::vector<double> gathered(rows.size());
    column.gather(rows, gathered.data());
    expect_same(gathered, wanted);
  }
}

class EveryStorage : public testing::TestWithParam<StorageCase> {};

TEST_P(EveryStorage, reads_packed_strided_offset_scaled_and_nullable_values) {
  std::uint64_t seed = 0;
  for (std::size_t first : {0, 3, 8, 13})
    for (std::size_t stride : {1, 3})
      for (bool validity : {false, true})
        for (double scale : {1.0, 0.25}) {
          if (stride != 1 && GetParam().storage == Storage::bits) continue;
          std::vector<double> expected;
          std::vector<ColumnChunk> chunks{
              make_chunk(GetParam(), {first, stride, validity, scale, scale == 1.0 ? 0.0 : 8.0}, 37, ++seed, expected)};
          check_every_reader(Column({.name = "x"}, std::move(chunks)), expected);
        }
}

TEST_P(EveryStorage, reads_across_chunks_empty_ones_included) {
  std::vector<double> expected;
  std::vector<ColumnChunk> chunks;
  std::uint64_t seed = 100;
  for (std::size_t n : {0, 5, 0, 0, 1, 64, 7, 0})
    chunks.push_back(make_chunk(GetParam(), {n % 3, 1, n % 2 == 1, 1, 0}, n, ++seed, expected));
  check_every_reader(Column({.name = "x"}, std::move(chunks)), expected);
}

TEST_P(EveryStorage, has_codes_of_categories) {
  if (GetParam().storage == Storage::float32 || GetParam().storage == Storage::bits) return;
  auto memory = std::make_shared<std::vector<std::byte>>(3 * 8);
  const std::size_t size = storage_size(GetParam().storage);
  for (std::size_t i = 0; i < 3; ++i) store(GetParam().storage, *memory, i * size, static_cast<double>(2 - i));
  ColumnSchema schema{.name = "job", .kind = ColumnKind::category};
  schema.dictionary = std::make_shared<const Dictionary>(std::vector<std::string>{"clerk", "nurse"});
  const Column column(schema, {{.storage = GetParam().storage, .length = 3, .data = memory->data(), .owner = memory}});
  EXPECT_EQ(column.number(0), 2);  // unseen: known to exist, but not in the dictionary
  EXPECT_FALSE(column.missing(0));
  EXPECT_EQ(column.text(0), "");
  EXPECT_EQ(column.text(1), "nurse");
  EXPECT_EQ(column.text(2), "clerk");
}

INSTANTIATE_TEST_SUITE_P(Storages, EveryStorage, testing::ValuesIn(storages),
                         [](const auto& which) { return std::string(which.param.name); });

TEST(Column, negative_codes_are_missing_categories) {
  ColumnSchema schema{.name = "job"};
  schema.dictionary = std::make_shared<const Dictionary>(std::vector<std::string>{"clerk"});
  const ColumnPtr column = make_category_column(schema, {0, Dictionary::missing_code, 1});
  EXPECT_FALSE(column->missing(0));
  EXPECT_TRUE(column->missing(1));
  EXPECT_FALSE(column->missing(2));
  EXPECT_EQ(column->text(1), "");
}

TEST(Column, nan_is_missing_without_validity) {
  const ColumnPtr column = make_number_column({.name = "x"}, {1, std::nan(""), 3});
  EXPECT_TRUE(column->missing(1));
  EXPECT_FALSE(column->missing(2));
}

TEST(Column, nanoseconds_become_microseconds) {
  const std::vector<std::int64_t> stored{1000, -1000, 1700000000000000000};
  const Column column({.name = "t", .kind = ColumnKind::datetime},
                      {{.storage = Storage::int64, .length = 3, .data = stored.data(), .scale = 1e-3}});
  EXPECT_EQ(column.number(0), 1);
  EXPECT_EQ(column.number(1), -1);
  EXPECT_EQ(column.number(2), 1.7e15);
}

template <class Offset>
void check_arrow_text(Storage storage) {
  const std::string bytes = "skipabcde";
  const std::vector<Offset> offsets{0, 4, 6, 6, 7, 9};  // value 0 lies before the chunk
  const std::uint8_t validity = 0b11011;                // value 2 is missing: the second of the chunk
  const Column column({.name = "t", .kind = ColumnKind::text}, {{.storage = storage,
                                                                 .length = 4,
                                                                 .data = bytes.data(),
                                                                 .offsets = offsets.data(),
                                                                 .validity = &validity,
                                                                 .first = 1}});
  EXPECT_EQ(column.text(0), "ab");
  EXPECT_EQ(column.text(1), "");
  EXPECT_EQ(column.text(2), "c");
  EXPECT_EQ(column.text(3), "de");
  EXPECT_TRUE(column.missing(1));
  EXPECT_FALSE(column.missing(2));
  EXPECT_EQ(column.number(2), 0);
}

TEST(Column, reads_arrow_text) {
  check_arrow_text<std::int32_t>(Storage::text32);
  check_arrow_text<std::int64_t>(Storage::text64);
}

TEST(Column, empty_text_is_not_missing) {
  const std::vector<std::string_view> values{"a", std::string_view("", 0), std::string_view()};
  const ColumnPtr column = make_text_column("t", values);
  EXPECT_FALSE(column->missing(0));
  EXPECT_FALSE(column->missing(1));
  EXPECT_TRUE(column->missing(2));
  EXPECT_EQ(column->text(0), "a");
}

TEST(Column, text_across_chunks) {
  const std::vector<std::string_view> first{"a", "b"}, second{"c"};
  const Column column({.name = "t", .kind = ColumnKind::text},
                      {{.storage = Storage::text_view, .length = 2, .data = first.data()},
                       {.storage = Storage::text_view, .length = 1, .data = second.data()}});
  EXPECT_EQ(column.text(1), "b");
  EXPECT_EQ(column.text(2), "c");
}

TEST(Column, identities_are_unique) {
  const ColumnPtr a = make_number_column({.name = "x"}, {1}), b = make_number_column({.name = "x"}, {1});
  EXPECT_NE(a->identity(), b->identity());
  EXPECT_NE(a->identity(), 0U);
}

TEST(Column, keeps_its_memory_alive) {
  ColumnPtr column;
  std::weak_ptr<const void> watch;
  {
    auto owner = std::make_shared<const std::vector<double>>(std::vector<double>{1, 2});
    watch = owner;
    column = std::make_shared<const Column>(
        ColumnSchema{.name = "x"},
        std::vector<ColumnChunk>{{.storage = Storage::float64, .length = 2, .data = owner->data(), .owner = owner}});
  }
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(column->number(1), 2);
  column.reset();
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace automill
