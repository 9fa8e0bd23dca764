// TextStatistics against small texts by hand.

#include "text_tools.hpp"

using namespace preprocess_tools;

namespace {

using Names = std::vector<std::string>;

TEST(TextStatistics, SaysHowTextIsWritten) {
  std::vector<std::string_view> values{"Go NOW!! 42", "", std::string_view(), "Ёж: ёж_1"};
  const Table table({make_text_column("t", values), number_column("n", {1, 2, 3, 4})});
  const auto fitted = fit_checked(TextStatistics{}, rows_of(table));
  const Table out = fitted->transform(table);
  EXPECT_EQ(out.schema()->names(), (Names{"t.length", "t.words", "t.capitals", "t.small", "t.digits", "t.special",
                                          "t.count(!)", "t.count(:)", "n"}));
  expect_same(values_of(out, "t.length"), {11, 0, missing, 8});
  expect_same(values_of(out, "t.words"), {3, 0, missing, 2});
  expect_same(values_of(out, "t.capitals"), {4.0 / 11, 0, missing, 1.0 / 8});
  expect_same(values_of(out, "t.small"), {1.0 / 11, 0, missing, 3.0 / 8});
  expect_same(values_of(out, "t.digits"), {2.0 / 11, 0, missing, 1.0 / 8});
  expect_same(values_of(out, "t.special"), {2.0 / 11, 0, missing, 1.0 / 8});
  expect_same(values_of(out, "t.count(!)"), {2, 0, missing, 0});
}

TEST(TextStatistics, CountsCommonSymbolsAlone) {
  const Table table({text_column("t", {"a!", "b!", "c?", "d"})});
  const auto names = [&](TextStatisticsParameters parameters, std::vector<double> weights = {}) {
    const auto all =
        fit_checked(TextStatistics(parameters), rows_of(table, std::move(weights)))->output_schema()->names();
    return Names(all.begin() + 6, all.end());
  };
  EXPECT_EQ(names({.min_share = 0.3}), (Names{"t.count(!)"}));
  EXPECT_EQ(names({.min_share = 0.3}, {1, 1, 8, 1}), (Names{"t.count(?)"}));
  EXPECT_EQ(names({.symbols = false}), Names{});
}

TEST(TextStatistics, DamagedFilesAreRefused) {
  const Table table({text_column("t", {"a!", "b?"}), number_column("n", {1, 2})});
  const auto fitted = fit_checked(TextStatistics{}, rows_of(table));
  for (const char* symbols : {"?!", "!!", "a"})
    expect_refused(*fitted, [&](Archive& archive) { archive.root.object()["symbols"] = Array{symbols, ""}; });
  expect_refused(*fitted, [](Archive& archive) { archive.root.object()["symbols"] = Array{"!", "!"}; });
  expect_refused(*fitted, [](Archive& archive) { archive.root.object()["symbols"] = Array{"!"}; });
}

}  // namespace
