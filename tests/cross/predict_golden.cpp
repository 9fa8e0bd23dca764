// Loads the golden files and compares every prediction bit for bit; on whatever processor it was compiled for.

#include <filesystem>

#include "golden/golden_rows.hpp"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::string folder = arguments[1];
  int differences = golden::count_differences(folder, stderr);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".automill") continue;
    const automill::VerifyReport report = automill::load(entry.path().string()).verify();
    std::printf("%s: %s\n", entry.path().filename().c_str(), report.text().c_str());
    differences += report.ok && report.largest_difference == 0 ? 0 : 1;
    ++files;
  }
  std::printf("%zu rows, %d files, %d differences\n", golden::read_rows(folder).size(), files, differences);
  return differences == 0 && files > 0 ? 0 : 1;
}
