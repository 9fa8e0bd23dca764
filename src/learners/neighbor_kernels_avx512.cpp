// The panel kernels for processors with AVX-512.

#include "neighbor_kernels.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

#define AUTOMILL_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")))
#define AUTOMILL_INLINE AUTOMILL_TARGET static inline __attribute__((always_inline))

namespace automill::neighbors {
namespace {

using Vec = __m512;

struct Lanes {
  AUTOMILL_INLINE void load(const float* from, Vec& to) { to = _mm512_loadu_ps(from); }
  AUTOMILL_INLINE void store(const Vec& from, float* to) { _mm512_storeu_ps(to, from); }
  AUTOMILL_INLINE void spread(float x, Vec& to) { to = _mm512_set1_ps(x); }
  AUTOMILL_INLINE void add_product(const Vec& a, const Vec& b, Vec& to) { to = _mm512_fmadd_ps(a, b, to); }
  AUTOMILL_INLINE void add_where_different(const Vec& a, const Vec& b, const Vec& weight, Vec& to) {
    to = _mm512_mask_add_ps(to, _mm512_cmp_ps_mask(a, b, _CMP_NEQ_UQ), to, weight);
  }
  AUTOMILL_INLINE std::uint32_t at_most(const Vec& a, const Vec& b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
};

}  // namespace
}  // namespace automill::neighbors

#define AUTOMILL_GROUP 8
#define AUTOMILL_KERNELS avx512_panel_kernels
#include "neighbor_kernels_body.hpp"
#else
namespace automill::neighbors {
const PanelKernels& avx512_panel_kernels() { return baseline_panel_kernels(); }
}  // namespace automill::neighbors
#endif
