#include <spdlog/spdlog.h>

#include <Eigen/Core>
#include <cstdlib>

namespace Eigen {
int calls = 0;
int nbThreads() { return ++calls; }
void setNbThreads(int) { ++calls; }
namespace internal {
void throw_std_bad_alloc() { ++calls; }
void* aligned_malloc(std::size_t) {
  ++calls;
  return nullptr;
}
void aligned_free(void*) { ++calls; }
void* handmade_aligned_malloc(std::size_t, std::size_t) {
  ++calls;
  return nullptr;
}
void handmade_aligned_free(void*) { ++calls; }
void queryCacheSizes(int& l1, int& l2, int& l3) { l1 = l2 = l3 = ++calls; }
}  // namespace internal
}  // namespace Eigen

namespace spdlog {
int calls = 0;
logger* default_logger_raw() {
  ++calls;
  return nullptr;
}
void shutdown() { ++calls; }
void drop_all() { ++calls; }
}  // namespace spdlog
