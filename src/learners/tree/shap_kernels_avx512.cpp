// The Shapley kernel for processors with AVX-512 (F, DQ, BW, VL).

#if defined(__x86_64__)
#define AUTOMILL_KERNEL avx512_shap
#define AUTOMILL_TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,bmi,bmi2")))
#include "shap_kernels_body.hpp"
#else
#include "learners/tree/shap_kernels.hpp"
namespace automill::tree {
void avx512_shap(const ShapInput& input) { baseline_shap(input); }
}  // namespace automill::tree
#endif
