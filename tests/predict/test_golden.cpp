// Files of every version that ever wrote one load, and predict what they predicted then.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "golden/golden_rows.hpp"

namespace automill {
namespace {

const std::string folder = AUTOMILL_TEST_DATA "/golden";

std::set<std::string> model_files() {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".automill") files.insert(entry.path().filename());
  return files;
}

TEST(Golden, predictions_are_the_recorded_bits) {
  const auto rows = golden::read_rows(folder);
  std::set<std::string> files;
  for (const auto& row : rows) files.insert(row.file);
  EXPECT_EQ(files, model_files());
  EXPECT_GE(rows.size(), 48U);
  EXPECT_EQ(golden::count_differences(folder, stderr), 0);
}

TEST(Golden, self_tests_pass) {
  for (const std::string& file : model_files()) {
    const VerifyReport report = load(folder + "/" + file).verify();
    EXPECT_TRUE(report.ok) << file << ": " << report.text();
    EXPECT_EQ(report.largest_difference, 0) << file;
  }
}

TEST(Golden, files_of_this_version_cover_every_component) {
  std::string all;
  for (const std::string& file : model_files())
    if (file.find("_" AUTOMILL_VERSION ".automill") != std::string::npos)
      all += load(folder + "/" + file).parts().model->describe();
  for (const std::string& type : builtin_models().model_types())
    EXPECT_NE(all.find(type), std::string::npos) << "no golden file with a " << type;
}

}  // namespace
}  // namespace automill
