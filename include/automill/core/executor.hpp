#pragma once
// Who runs independent pieces of work. Results never depend on it: pieces are cut by data size and write to places of
// their own. The library owns no global threads; `Executor` is passed along.
//
//   context.executor().run(blocks, [&](std::size_t block) { ... });    // returns when all are done; the first
//   exception is rethrown

#include <algorithm>
#include <cstddef>
#include <exception>
#include <functional>

namespace automill {

class Executor {
 public:
  virtual ~Executor() = default;
  /// Most pieces that run at once, 1 or more.
  virtual int width() const = 0;
  /// Calls body(0) ... body(count - 1), the caller taking part; may be nested.
  virtual void run(std::size_t count, const std::function<void(std::size_t)>& body) const = 0;
};

/// Runs everything in the calling thread.
class InlineExecutor final : public Executor {
 public:
  int width() const override { return 1; }
  void run(std::size_t count, const std::function<void(std::size_t)>& body) const override {
    for (std::size_t i = 0; i < count; ++i) body(i);
  }
  static const InlineExecutor& instance() {
    static const InlineExecutor inline_executor;
    return inline_executor;
  }
};

/// Splits [0, size) into blocks of `block` and calls body(begin, end) for each.
template <class Body>
void for_each_block(const Executor& executor, std::size_t size, std::size_t block, const Body& body) {
  const std::size_t blocks = (size + block - 1) / block;
  executor.run(blocks, [&](std::size_t i) { body(i * block, std::min(size, (i + 1) * block)); });
}

}  // namespace automill
