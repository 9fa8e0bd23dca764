// Bins of columns: edges from closed forms, codes against comparisons of raw values.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tree_tools.hpp"

using namespace tree_tools;

namespace {

std::vector<double> edges_of(std::vector<double> values, const BinningOptions& options) {
  std::sort(values.begin(), values.end());
  return find_edges(ValueCounts::of(values), options);
}

std::vector<double> repeated(const std::vector<double>& values, std::size_t times) {
  std::vector<double> all;
  for (double value : values) all.insert(all.end(), times, value);
  return all;
}

/// Every stored code is the bin of its value, and constant columns are left out.
void expect_codes(const Table& table, const BinnedTable& bins) {
  for (std::uint32_t c = 0; c < table.size(); ++c) {
    const BinMapping& mapping = bins.mappings()[c];
    if (mapping.constant()) {
      EXPECT_THROW(place_of(bins, c), std::logic_error) << c;
      continue;
    }
    const Place place = place_of(bins, c);
    for (std::size_t row = 0; row < table.rows(); ++row)
      ASSERT_EQ(bins.code(bins.groups()[place.group], place.lane, row), mapping.bin(table[c].number(row)))
          << "column " << c << " row " << row;
  }
}

TEST(TreeBinning, FewDistinctValuesAreSplitInTheMiddle) {
  EXPECT_EQ(edges_of(repeated({1, 2, 4, 10}, 3), {}), (std::vector<double>{1.5, 3, 7}));
  EXPECT_EQ(edges_of({1, 2, 4, 10}, {.min_rows_in_bin = 1}), (std::vector<double>{1.5, 3, 7}));
  EXPECT_EQ(edges_of({-3, -3, -3}, {}), std::vector<double>{});
  EXPECT_EQ(edges_of({}, {}), std::vector<double>{});
}

TEST(TreeBinning, RareValuesArePutTogetherWithNeighbours) {
  // 1, 2 and 3 occur once each: only together they fill a bin of three rows
  EXPECT_EQ(edges_of({1, 2, 3, 4, 4, 4, 5, 5, 5}, {}), (std::vector<double>{3.5, 4.5}));
}

TEST(TreeBinning, AnEdgeLiesBetweenNeighbouringDoubles) {
  for (const double low : {1.0, -1.0, 0.0, 1e308, -1e-320}) {
    const double high = std::nextafter(low, infinite);
    const auto edges = edges_of({low, high}, {.min_rows_in_bin = 1});
    ASSERT_EQ(edges.size(), 1U);
    EXPECT_LE(low, edges[0]);
    EXPECT_LT(edges[0], high);
  }
}

TEST(TreeBinning, InfinitiesHaveBinsOfTheirOwn) {
  BinMapping mapping;
  mapping.edges = edges_of(repeated({-infinite, 0, infinite}, 3), {});
  EXPECT_EQ(mapping.edges, (std::vector<double>{-infinite, 0}));
  EXPECT_EQ(mapping.bin(-infinite), 1U);
  EXPECT_EQ(mapping.bin(std::numeric_limits<double>::lowest()), 2U);
  EXPECT_EQ(mapping.bin(0), 2U);
  EXPECT_EQ(mapping.bin(infinite), 3U);
  EXPECT_EQ(mapping.bin(missing), 0U);
}

TEST(TreeBinning, ManyValuesFillBinsEqually) {
  const std::size_t rows = 20'000, bins = 64;
  const std::vector<double> values = random_numbers(rows, 3);
  BinMapping mapping;
  mapping.edges = edges_of(values, {.max_bin = bins});
  ASSERT_EQ(mapping.edges.size() + 1, bins);
  std::vector<std::size_t> counts(bins + 1, 0);
  for (double value : values) ++counts[mapping.bin(value)];
  EXPECT_EQ(counts[0], 0U);
  // a bin is closed at the first row that reaches the mean of what is left: 312.5 rows, and less than one more
  for (std::size_t bin = 1; bin <= bins; ++bin) EXPECT_NEAR(static_cast<double>(counts[bin]), 312.5, 1) << bin;
}

TEST(TreeBinning, AFrequentValueIsAlone) {
  std::vector<double> values = random_numbers(6000, 4);
  values.insert(values.end(), 4000, 0.0);
  BinMapping mapping;
  mapping.edges = edges_of(values, {.max_bin = 20});
  const std::size_t bin = mapping.bin(0);
  std::sort(values.begin(), values.end());
  for (double value : values)
    if (value != 0) {
      ASSERT_NE(mapping.bin(value), bin) << value;
    }
  EXPECT_LE(mapping.edges.size() + 1, 20U);
  EXPECT_GE(mapping.edges.size() + 1, 15U);  // the other 60 % of the rows still get most of the bins
}

TEST(TreeBinning, MoreBinsThanRowsAllowAreNotMade) {
  // 300 distinct values, at least 3 rows a bin: at most 100 bins
  const auto edges = edges_of(random_numbers(300, 5), {.max_bin = 255});
  EXPECT_LE(edges.size() + 1, 100U);
  EXPECT_GE(edges.size() + 1, 90U);
}

TEST(TreeBinning, MissingIsBinZero) {
  const Table table({number_column("some", {1, missing, 2, 1, 2, missing}),
                     number_column("all", std::vector<double>(6, missing)),
                     number_column("one", {5, 5, missing, 5, 5, 5}), number_column("none", {5, 5, 5, 5, 5, 5})});
  const auto bins = binned(table);
  EXPECT_TRUE(bins->mappings()[0].has_missing);
  EXPECT_EQ(bins->mappings()[0].bins, 3U);
  EXPECT_FALSE(bins->mappings()[2].constant());  // missing or not is something to split on
  EXPECT_TRUE(bins->mappings()[3].constant());
  const Place place = place_of(*bins, 0);
  std::vector<std::size_t> codes;
  for (std::size_t row = 0; row < 6; ++row) codes.push_back(bins->code(bins->groups()[place.group], place.lane, row));
  EXPECT_EQ(codes, (std::vector<std::size_t>{1, 0, 2, 1, 2, 0}));
}

TEST(TreeBinning, CategoriesAreInOrderOfFrequency) {
  // counts: code 2 four times, missing three times, codes 0 and 3 twice, code 1 never
  const Table table({category_column("c", {2, 0, 2, -1, 3, 2, -1, 0, 2, 3, -1}, 4)});
  const BinMapping mapping = binned(table)->mappings()[0];
  EXPECT_EQ(mapping.bin_of_code, (std::vector<std::uint16_t>{3, 0, 1, 4}));
  EXPECT_EQ(mapping.missing_bin, 2);
  EXPECT_EQ(mapping.bins, 5U);
  EXPECT_EQ(mapping.bin(4), 0U);  // unseen
  EXPECT_EQ(mapping.bin(-7), 0U);
  EXPECT_EQ(mapping.bin(missing), 2U);
  expect_codes(table, *binned(table));
}

TEST(TreeBinning, RareCategoriesShareABin) {
  std::vector<std::int32_t> codes;
  for (std::int32_t code = 0; code < 10; ++code) codes.insert(codes.end(), static_cast<std::size_t>(20 - code), code);
  const Table table({category_column("c", codes, 10)});
  const BinMapping mapping = binned(table, {.max_categories = 4})->mappings()[0];
  EXPECT_EQ(mapping.bin_of_code, (std::vector<std::uint16_t>{1, 2, 3, 4, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(mapping.missing_bin, 0);
}

/// A column of `categories` categories with `rows` rows each.
Table many_categories(std::size_t categories, std::size_t rows) {
  std::vector<std::int32_t> codes;
  for (std::size_t code = 0; code < categories; ++code)
    codes.insert(codes.end(), rows, static_cast<std::int32_t>(code));
  return Table({category_column("c", codes, categories)});
}

TEST(TreeBinning, ManyCategoriesTakeWideCodes) {
  // 99 % of 300 x 10 rows are 297 categories; two rows are not worth a bin beyond the 256 of narrow codes
  const auto wide = binned(many_categories(300, 10), {}), narrow = binned(many_categories(300, 2), {});
  EXPECT_EQ(wide->mappings()[0].bins, 298U);
  EXPECT_TRUE(wide->groups()[0].wide);
  EXPECT_EQ(narrow->mappings()[0].bins, 256U);
  EXPECT_FALSE(narrow->groups()[0].wide);
  expect_codes(many_categories(300, 10), *wide);
  expect_codes(many_categories(300, 2), *narrow);
}

/// Eleven columns of every kind: more than one block of eight, narrow and wide.
Table mixed_table(std::size_t rows, const std::vector<std::size_t>& order) {
  std::vector<ColumnPtr> columns;
  for (std::uint64_t c = 0; c < 9; ++c) {
    std::vector<double> values = random_numbers(rows, c);
    for (std::size_t i = 0; i < rows; ++i) {
      if (c % 3 == 1 && i % 7 == c % 7) values[i] = missing;
      if (c % 3 == 2) values[i] = std::round(3 * values[i]);
    }
    columns.push_back(number_column("x" + std::to_string(c), linear_tools::selected(values, order)));
  }
  std::vector<std::int32_t> codes(rows), constant(rows, 0);
  for (std::size_t i = 0; i < rows; ++i) codes[i] = static_cast<std::int32_t>(i * i % 11) - 1;
  columns.push_back(category_column("c", linear_tools::selected(codes, order), 12));
  columns.push_back(category_column("same", constant, 1));
  return Table(columns);
}

TEST(TreeBinning, CodesAreTheBinsOfTheValues) {
  const Table table = mixed_table(5000, shuffled_rows(5000, 1));
  for (const std::size_t max_bin : {2, 17, 255, 256, 700}) {
    const auto bins = binned(table, {.max_bin = max_bin});
    expect_codes(table, *bins);
    for (const auto& mapping : bins->mappings())
      if (!mapping.categorical) {
        EXPECT_LE(mapping.edges.size() + 1, max_bin);
        EXPECT_TRUE(std::is_sorted(mapping.edges.begin(), mapping.edges.end()));
      }
  }
}

TEST(TreeBinning, HistogramsOfGroupsDoNotOverlap) {
  const auto bins = binned(mixed_table(3000, shuffled_rows(3000, 1)), {.max_bin = 700});
  std::size_t end = 0;
  for (const auto& group : bins->groups()) {
    EXPECT_GE(group.offset, end);
    EXPECT_EQ(group.offset % 8, 0U);  // a vector of eight integers does not straddle two cache lines
    end = group.offset + group.entries;
  }
  EXPECT_GE(bins->histogram_size(), end);
}

TEST(TreeBinning, RowOrderDoesNotMatter) {
  const std::size_t rows = 4000;
  const auto keys = random_keys(rows, 9);
  const auto straight = shuffled_rows(rows, 1), shuffled = shuffled_rows(rows, 2);
  // fewer sampled rows than rows: which ones must not depend on the order either
  const BinningOptions options{.max_bin = 50, .sample = 500};
  const auto a = BinnedTable::make(mixed_table(rows, straight), linear_tools::selected(keys, straight), options, {});
  const auto b = BinnedTable::make(mixed_table(rows, shuffled), linear_tools::selected(keys, shuffled), options, {});
  for (std::size_t c = 0; c < a->mappings().size(); ++c) {
    EXPECT_EQ(a->mappings()[c].edges, b->mappings()[c].edges) << c;
    EXPECT_EQ(a->mappings()[c].bin_of_code, b->mappings()[c].bin_of_code) << c;
  }
  EXPECT_GT(a->mappings()[0].edges.size(), 40U);
}

TEST(TreeBinning, ASampleIsLikeAllRows) {
  const std::size_t rows = 20'000;
  const auto values = random_numbers(rows, 3);
  const Table table({number_column("x", values)});
  const auto bins = binned(table, {.max_bin = 10, .sample = 2000});
  std::vector<double> counts(bins->mappings()[0].bins, 0.0);
  for (double value : values) counts[bins->mappings()[0].bin(value)] += 1;
  ASSERT_EQ(counts.size(), 11U);
  // a tenth of the rows each; the standard deviation of an edge found from 2,000 rows is sqrt(0.1 0.9 / 2000) = 0.7 %
  for (std::size_t bin = 1; bin < counts.size(); ++bin) EXPECT_NEAR(counts[bin] / static_cast<double>(rows), 0.1, 0.03);
}

TEST(TreeBinning, ThreadsDoNotMatter) {
  const Table table = mixed_table(9000, shuffled_rows(9000, 1));
  const auto one = binned(table);
  for (int width : {2, 7}) {
    const auto threads = make_executor(width);
    RunContext context;
    context.run_with = threads.get();
    const auto many = binned(table, {.min_rows_in_bin = 1}, context);
    for (std::size_t c = 0; c < table.size(); ++c) EXPECT_EQ(one->mappings()[c].edges, many->mappings()[c].edges);
    expect_codes(table, *many);
  }
}

TEST(TreeBinning, OtherRowsTakeTheSameBins) {
  const Table train = mixed_table(2000, shuffled_rows(2000, 1));
  const auto bins = binned(train);
  std::vector<ColumnPtr> columns;
  for (std::uint64_t c = 0; c < 9; ++c)
    columns.push_back(number_column("x" + std::to_string(c), random_numbers(300, 50 + c)));
  std::vector<std::int32_t> codes(300);
  for (std::size_t i = 0; i < 300; ++i) codes[i] = static_cast<std::int32_t>(i % 14) - 1;  // 12 is unseen
  columns.push_back(category_column("c", codes, 12));
  columns.push_back(category_column("same", std::vector<std::int32_t>(300, 0), 1));
  const Table other(columns);
  expect_codes(other, *bins->like(other, {}));
}

TEST(TreeBinning, WeightsAndTargetDoNotMatter) {
  const auto values = random_numbers(900, 3);
  const Table table({number_column("x", values)});
  std::vector<double> weights(900);
  for (std::size_t i = 0; i < 900; ++i) weights[i] = values[i] > 0 ? 1e6 : 1;
  const auto plain = shared_bins(*numeric_dataset(table, random_numbers(900, 4)), 16, {});
  const auto weighted = shared_bins(*numeric_dataset(table, random_numbers(900, 5), weights), 16, {});
  EXPECT_EQ(plain->mappings()[0].edges, weighted->mappings()[0].edges);
  EXPECT_EQ(plain->mappings()[0].edges.size(), 15U);
}

TEST(TreeBinning, FitsShareOneCopy) {
  const auto dataset = numeric_dataset(Table({number_column("x", random_numbers(500, 3))}), random_numbers(500, 4));
  SharedCache cache(1 << 20);
  RunContext context;
  context.cache = &cache;
  const auto first = shared_bins(*dataset, 16, context);
  EXPECT_EQ(shared_bins(*dataset, 16, context), first);
  EXPECT_NE(shared_bins(*dataset, 17, context), first);
  EXPECT_EQ(shared_bins(*dataset, 17, context)->mappings()[0].edges.size(), 16U);
}

TEST(TreeBinning, Stops) {
  RunContext late;
  late.stop = StopToken({}, Clock::now() - std::chrono::seconds(1));
  EXPECT_THROW(binned(mixed_table(100, shuffled_rows(100, 1)), {}, late), StoppedWhileBinning);
}

/// Ordinary numbers, whole ones that repeat, and those at the ends of what a double holds.
rc::Gen<double> any_cell() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<double>(), rc::gen::map(rc::gen::inRange(-4, 5), [](int i) { return double(i); }),
      rc::gen::element(missing, infinite, -infinite, -0.0, 5e-324, -5e-324, 1.7e308, -1.7e308, 1.0000000000000002));
}

RC_GTEST_PROP(TreeBinningProperty, BinsAreComparisonsWithEdges, ()) {
  const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(any_cell()));
  const auto probes = *rc::gen::container<std::vector<double>>(any_cell());
  const BinningOptions options{.max_bin = *rc::gen::inRange<std::size_t>(2, 20),
                               .min_rows_in_bin = *rc::gen::inRange<std::size_t>(1, 4)};
  const Table table({number_column("x", values)});
  const auto bins = binned(table, options);
  const BinMapping& mapping = bins->mappings()[0];
  RC_ASSERT(mapping.edges.size() + 1 <= options.max_bin);
  RC_ASSERT(std::adjacent_find(mapping.edges.begin(), mapping.edges.end(), std::greater_equal<>()) ==
            mapping.edges.end());
  std::vector<double> all = values;
  all.insert(all.end(), probes.begin(), probes.end());
  for (double value : all) {
    const std::size_t bin = mapping.bin(value);
    RC_ASSERT((bin == 0) == std::isnan(value));
    if (bin == 0) continue;
    for (std::size_t edge = 0; edge < mapping.edges.size(); ++edge)
      RC_ASSERT((bin <= edge + 1) == (value <= mapping.edges[edge]));
  }
  if (mapping.constant()) return;
  const auto other = bins->like(Table({number_column("x", probes)}), {});
  for (std::size_t i = 0; i < values.size(); ++i)
    RC_ASSERT(bins->code(bins->groups()[0], 0, i) == mapping.bin(values[i]));
  for (std::size_t i = 0; i < probes.size(); ++i)
    RC_ASSERT(other->code(other->groups()[0], 0, i) == mapping.bin(probes[i]));
}

}  // namespace
