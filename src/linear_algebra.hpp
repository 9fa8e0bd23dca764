#pragma once
// Eigen for the compiled library. The namespace is renamed so that a consumer may link another version of Eigen,
// compiled with other flags, into the same program: no symbol of ours can meet one of theirs. Eigen's own threading
// stays off.

#define Eigen automill_eigen
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Dense>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#undef Eigen
