#pragma once
// Short forms for the CSV tests.

#include <gtest/gtest.h>

#include <automill/data/csv.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

namespace automill::csv_test {

inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Values of a numeric column, missing ones as NaN.
inline std::vector<double> numbers(const Table& table, std::string_view name) {
  const Column& column = table.column(name);
  std::vector<double> values(column.size());
  column.numbers(0, values.size(), values.data());
  return values;
}

/// Values of a category or text column, missing ones as "(missing)".
inline std::vector<std::string> texts(const Table& table, std::string_view name) {
  const Column& column = table.column(name);
  std::vector<std::string> values;
  for (std::size_t i = 0; i < column.size(); ++i)
    values.push_back(column.missing(i) ? "(missing)" : std::string(column.text(i)));
  return values;
}

/// NaN equals NaN here.
inline void expect_numbers(const std::vector<double>& values, const std::vector<double>& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool same = std::isnan(expected[i]) ? std::isnan(values[i]) : values[i] == expected[i];
    EXPECT_TRUE(same) << "row " << i << ": " << values[i] << " instead of " << expected[i];
  }
}

inline ColumnKind kind(const Table& table, std::string_view name) { return table.column(name).kind(); }

/// The Error that `body` throws.
template <class Body>
Error error_of(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no Error was thrown";
  return Error("none", "", "nothing was thrown");
}
inline Error error_of_text(std::string_view text, const CsvOptions& options = {}) {
  return error_of([&] { read_csv_text(text, options); });
}

/// A folder that is removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "automill-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
  }
  std::string path() const { return path_.string(); }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
  }

 private:
  std::filesystem::path path_;
};

}  // namespace automill::csv_test
