#pragma once
// While it lives, numbers near the smallest count as 0 in this thread: gradients of rows that are learned become that
// small, and processors take a hundred times as long for them.

namespace automill::neural {

class FlushDenormals {
 public:
#if defined(__x86_64__)
  FlushDenormals() : before_(__builtin_ia32_stmxcsr()) {
    __builtin_ia32_ldmxcsr(before_ | flush_results | flush_inputs);
  }
  ~FlushDenormals() { __builtin_ia32_ldmxcsr(before_); }
#else
  FlushDenormals() = default;
  ~FlushDenormals() = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

#if defined(__x86_64__)
 private:
  static constexpr unsigned flush_results = 0x8000, flush_inputs = 0x0040;
  unsigned before_;
#endif
};

}  // namespace automill::neural
