// The Shapley kernel for processors with AVX2.

#if defined(__x86_64__)
#define AUTOMILL_KERNEL avx2_shap
#define AUTOMILL_TARGET __attribute__((target("avx2,bmi,bmi2")))
#include "shap_kernels_body.hpp"
#else
#include "learners/tree/shap_kernels.hpp"
namespace automill::tree {
void avx2_shap(const ShapInput& input) { baseline_shap(input); }
}  // namespace automill::tree
#endif
