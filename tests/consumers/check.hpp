#pragma once
// What the consumers' programs share: a check that cannot be compiled away, and a table to learn from.

#include <cstdio>
#include <cstdlib>
#include <vector>

#define CHECK(condition)                                                          \
  do {                                                                            \
    if (!(condition)) {                                                           \
      std::fprintf(stderr, "%s:%d: %s failed\n", __FILE__, __LINE__, #condition); \
      std::exit(1);                                                               \
    }                                                                             \
  } while (false)
