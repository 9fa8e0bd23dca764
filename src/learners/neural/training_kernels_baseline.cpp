// Kernels for any processor (128-bit vectors are part of x86-64 and ARM64).

#define AUTOMILL_KERNELS baseline_training_kernels
#define AUTOMILL_LEVEL "baseline"
#define AUTOMILL_TARGET
#define AUTOMILL_VECTOR_BYTES 16
#include "training_kernels_body.hpp"
