// The panel kernels for any processor.

#include <cstring>

#include "neighbor_kernels.hpp"

namespace automill::neighbors {
namespace {

typedef float Vec __attribute__((vector_size(16)));
typedef std::int32_t Bits __attribute__((vector_size(16)));

struct Lanes {
  static inline void load(const float* from, Vec& to) { std::memcpy(&to, from, sizeof to); }
  static inline void store(const Vec& from, float* to) { std::memcpy(to, &from, sizeof from); }
  static inline void spread(float x, Vec& to) { to = Vec{x, x, x, x}; }
  static inline void add_product(const Vec& a, const Vec& b, Vec& to) { to += a * b; }
  static inline void add_where_different(const Vec& a, const Vec& b, const Vec& weight, Vec& to) {
    to += reinterpret_cast<Vec>((a != b) & reinterpret_cast<Bits>(weight));
  }
  static inline std::uint32_t at_most(const Vec& a, const Vec& b) {
    const Bits less = a <= b;
    std::uint32_t mask = 0;
    for (int lane = 0; lane < 4; ++lane) mask |= static_cast<std::uint32_t>(less[lane] & 1) << lane;
    return mask;
  }
};

}  // namespace
}  // namespace automill::neighbors

#define AUTOMILL_TARGET
#define AUTOMILL_GROUP 4
#define AUTOMILL_KERNELS baseline_panel_kernels
#include "neighbor_kernels_body.hpp"
