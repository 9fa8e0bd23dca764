// The panel kernels for processors with AVX2.

#include "neighbor_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#define AUTOMILL_TARGET __attribute__((target("avx2,fma")))
#define AUTOMILL_INLINE AUTOMILL_TARGET static inline __attribute__((always_inline))

namespace automill::neighbors {
namespace {

using Vec = __m256;

struct Lanes {
  AUTOMILL_INLINE void load(const float* from, Vec& to) { to = _mm256_loadu_ps(from); }
  AUTOMILL_INLINE void store(const Vec& from, float* to) { _mm256_storeu_ps(to, from); }
  AUTOMILL_INLINE void spread(float x, Vec& to) { to = _mm256_set1_ps(x); }
  AUTOMILL_INLINE void add_product(const Vec& a, const Vec& b, Vec& to) { to = _mm256_fmadd_ps(a, b, to); }
  AUTOMILL_INLINE void add_where_different(const Vec& a, const Vec& b, const Vec& weight, Vec& to) {
    to = _mm256_add_ps(to, _mm256_and_ps(_mm256_cmp_ps(a, b, _CMP_NEQ_UQ), weight));
  }
  AUTOMILL_INLINE std::uint32_t at_most(const Vec& a, const Vec& b) {
    return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_LE_OQ)));
  }
};

}  // namespace
}  // namespace automill::neighbors

#define AUTOMILL_GROUP 4
#define AUTOMILL_KERNELS avx2_panel_kernels
#include "neighbor_kernels_body.hpp"
#else
namespace automill::neighbors {
const PanelKernels& avx2_panel_kernels() { return baseline_panel_kernels(); }
}  // namespace automill::neighbors
#endif
