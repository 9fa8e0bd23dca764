// DropColumns.

#include "preprocess_tools.hpp"

using namespace preprocess_tools;

namespace {

using Names = std::vector<std::string>;

Table table() {
  return Table({number_column("a", {1, 2}), number_column("b, c", {3, 4}), category_column("d e", {"x", "y"}),
                text_column("t", {"some", "text"}), number_column("f", {0, 1}, ColumnKind::boolean)});
}

TEST(DropColumns, ByName) {
  const auto left = [](const char* columns) {
    return fit_checked(DropColumns{{.columns = columns}}, rows_of(table()))->output_schema()->names();
  };
  EXPECT_EQ(left(""), table().schema()->names());
  EXPECT_EQ(left("a"), (Names{"b, c", "d e", "t", "f"}));
  EXPECT_EQ(left(" d e , a,"), (Names{"b, c", "t", "f"}));
  EXPECT_EQ(left("b\\, c,t"), (Names{"a", "d e", "f"}));
}

TEST(DropColumns, ByKind) {
  const auto fitted = fit_checked(DropColumns{{.columns = "a", .kinds = "text, boolean"}}, rows_of(table()));
  EXPECT_EQ(fitted->output_schema()->names(), (Names{"b, c", "d e"}));
}

TEST(DropColumns, EveryColumn) {
  const auto fitted = fit_checked(DropColumns{{.kinds = "text,boolean,number,category"}}, rows_of(table()));
  EXPECT_EQ(fitted->transform(table()).rows(), 2U);
  EXPECT_EQ(fitted->transform(table()).size(), 0U);
}

TEST(DropColumns, UnknownNamesAreAllReported) {
  try {
    DropColumns{{.columns = "aa, d_e", .kinds = "texts"}}.fit_transform(rows_of(table()), {});
    FAIL();
  } catch (const Error& error) {
    ASSERT_EQ(error.faults().size(), 3U);
    EXPECT_EQ(error.faults()[0].code, "data.column_unknown");
    EXPECT_EQ(error.faults()[2].code, "parameter.unknown_choice");
    EXPECT_NE(error.faults()[1].hint.find("d e"), std::string::npos);
  }
}

TEST(DropColumns, DamagedFileIsRefused) {
  const auto fitted = fit_checked(DropColumns{{.columns = "a"}}, rows_of(table()));
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes[0] = std::byte{2}; });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.pop_back(); });
}

}  // namespace
