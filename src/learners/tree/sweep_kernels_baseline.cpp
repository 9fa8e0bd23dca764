// Sweep kernels for any processor (128-bit vectors are part of x86-64 and ARM64).

#define AUTOMILL_KERNELS baseline_sweep_kernels
#define AUTOMILL_TARGET
#define AUTOMILL_VECTOR_BYTES 16
#include "sweep_kernels_body.hpp"
