// libFuzzer target: any bytes as a model of LightGBM or XGBoost. What is imported must predict without a fault, one row
// as in a batch, and be saved as a file that loads. The mutator begins with the models of tests/import/models.
//
//   fuzz_import -runs=100000 -max_len=16000 -rss_limit_mb=2048 -malloc_limit_mb=256

#include <filesystem>
#include <fstream>
#include <sstream>

#include "import/import_fuzz.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

const std::vector<std::string>& models() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> texts;
    const auto folder = std::filesystem::path(__FILE__).parent_path().parent_path() / "import" / "models";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      if (file.path().string().ends_with(".expected.json")) continue;
      std::ostringstream text;
      text << std::ifstream(file.path(), std::ios::binary).rdbuf();
      texts.push_back(text.str());
    }
    std::sort(texts.begin(), texts.end());
    return texts;
  }();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  import_fuzz::try_bytes({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  if (seed % 3 == 0 && size > 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string text(reinterpret_cast<const char*>(data), size);
  if (size < 16) text = models()[seed % models().size()];
  text = import_fuzz::changed(std::move(text), seed);
  if (text.size() > max_size) text.resize(max_size);
  std::copy(text.begin(), text.end(), data);
  return text.size();
}
