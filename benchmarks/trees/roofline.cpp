// How far the histogram kernels are from what the machine could do.
//
//   cmake -S . -B build/bench -DAUTOMILL_BENCHMARKS=ON && cmake --build build/bench --target benchmark_roofline
//   build/bench/benchmark_roofline [most rows]
//
// A histogram of eight columns takes of each row 8 bytes of codes, 8 of the gradient and 4 of the row's number, and
// does eight updates (read, add, write) of 8 bytes in the histogram, which stays in the first cache. So there are two
// roofs: updates a second of the core in its first cache, and bytes a second from memory. Each line says how long a row
// and column takes, and which share of either roof that is.

#include <algorithm>
#include <automill/core/random.hpp>
#include <automill/learners/tree/kernels.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <span>
#include <vector>

namespace {

using automill::tree::lanes_per_block;

constexpr int bins = 64;

/// Seconds of one call: the least of several, each of which lasts 20 ms at least.
template <class Work>
double seconds_of(const Work& work) {
  double least = 1e9;
  for (int repeat = 0; repeat < 7; ++repeat) {
    int calls = 0;
    const auto start = std::chrono::steady_clock::now();
    double elapsed = 0;
    do {
      work();
      ++calls;
      elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    } while (elapsed < 0.02);
    least = std::min(least, elapsed / calls);
  }
  return least;
}

/// Keeps the compiler from leaving out what fills the memory.
void keep(const void* memory) { asm volatile("" : : "r"(memory) : "memory"); }

/// Updates a second of eight-byte counters in the first cache, at places that do not depend on what was read.
double updates_per_second() {
  alignas(64) static std::int64_t counters[bins * lanes_per_block];
  constexpr std::size_t rounds = 4096;
  const double seconds = seconds_of([] {
    for (std::size_t i = 0; i < rounds; ++i) {
      std::int64_t* at = counters + (i * 7 % bins) * lanes_per_block;
      for (int lane = 0; lane < lanes_per_block; ++lane) {
        at[lane] += static_cast<std::int64_t>(i);
        asm volatile("" : "+m"(at[lane]));  // one by one, as places of codes would be
      }
    }
    keep(counters);
  });
  return rounds * lanes_per_block / seconds;
}

/// Bytes a second from memory, read one after the other.
double bytes_per_second() {
  const std::vector<std::uint64_t> memory(std::size_t{1} << 25, 1);  // 256 MiB
  std::uint64_t sum = 0;
  const double seconds = seconds_of([&] {
    sum += std::accumulate(memory.begin(), memory.end(), std::uint64_t{0});
    keep(&sum);
  });
  return 8.0 * static_cast<double>(memory.size()) / seconds;
}

struct Node {
  std::vector<std::uint64_t> words{};     ///< of all rows
  std::vector<std::uint32_t> rows{};      ///< of the node, ascending
  std::vector<std::int64_t> gradients{};  ///< in their order
};

/// A node with every `every`-th row, on average.
Node make_node(std::size_t rows, std::uint32_t every) {
  automill::RandomStream random(1, automill::purpose("roofline"), rows);
  Node node;
  for (std::uint32_t i = 0; i < rows; ++i) {
    std::uint64_t word = 0;
    for (int lane = 0; lane < lanes_per_block; ++lane) word = word << 8 | random.below(bins);
    node.words.push_back(word);
    if (random.below(every) == 0) node.rows.push_back(i);
  }
  for (std::size_t i = 0; i < node.rows.size(); ++i)
    node.gradients.push_back(static_cast<std::int64_t>(random.below(1000)));
  return node;
}

double seconds_of_histogram(const Node& node, const automill::tree::Kernels& kernels) {
  std::vector<std::int64_t> histogram(bins * lanes_per_block);
  const std::uint8_t lanes[lanes_per_block] = {0, 1, 2, 3, 4, 5, 6, 7};
  return seconds_of([&] {
    kernels.build(node.words.data(), node.rows.data(), node.rows.size(), node.gradients.data(), histogram.data(), lanes,
                  lanes_per_block);
    keep(histogram.data());
  });
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t most = count > 1 ? static_cast<std::size_t>(std::atoll(arguments[1])) : 4'000'000;
  const double updates = updates_per_second(), bytes = bytes_per_second();
  const automill::tree::Kernels& kernels = automill::tree::kernels();
  std::printf("kernels %s; %.2f updates a nanosecond in the first cache; %.1f GB/s from memory\n\n", kernels.name,
              updates / 1e9, bytes / 1e9);
  std::printf("%10s %10s %18s %14s %14s\n", "rows", "of a node", "ns a row, column", "of updates", "of bytes");
  for (std::size_t rows = 1000; rows <= most; rows *= 10) {
    for (const std::uint32_t every : {1U, 8U}) {
      const Node node = make_node(rows, every);
      const auto size = static_cast<double>(node.rows.size());
      const double seconds = seconds_of_histogram(node, kernels);
      // scattered rows bring in a line of the cache each
      const double read = size * (8 + 4 + std::min(64.0, 8.0 * every));
      std::printf("%10zu %10zu %18.3f %13.0f%% %13.0f%%\n", rows, node.rows.size(),
                  seconds / size / lanes_per_block * 1e9, 100 * size * lanes_per_block / seconds / updates,
                  100 * read / seconds / bytes);
    }
  }
  return 0;
}
