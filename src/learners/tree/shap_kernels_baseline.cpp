// The Shapley kernel for any processor.

#define AUTOMILL_KERNEL baseline_shap
#define AUTOMILL_TARGET
#include "shap_kernels_body.hpp"
