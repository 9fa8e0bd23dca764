#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <automill/automl/train.hpp>

#include "data/thread_team.hpp"

namespace automill {
namespace {

/// oneTBB behind the interface: work stealing, nested loops, exceptions carried out.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(int threads)
      : threads_(threads),
        allowed_(tbb::global_control::max_allowed_parallelism,
                 static_cast<std::size_t>(std::max(threads, tbb::info::default_concurrency()))),
        arena_(threads) {}
  int width() const override { return threads_; }
  void run(std::size_t count, const std::function<void(std::size_t)>& body) const override {
    if (count == 0) return;
    if (count == 1) return body(0);
    arena_.execute([&] {
      // isolated: a thread that waits for an inner loop must not begin another outer piece meanwhile
      tbb::this_task_arena::isolate([&] {
        tbb::parallel_for(
            std::size_t{0}, count, [&](std::size_t i) { body(i); }, tbb::simple_partitioner());
      });
    });
  }

 private:
  int threads_;
  tbb::global_control
      allowed_;  // more threads than cores are granted only so; else oneTBB ignores them and prints a warning
  mutable tbb::task_arena arena_;
};

#ifdef __SANITIZE_THREAD__  // blind to what oneTBB orders, as that is compiled without it
using Threads = ThreadTeam;
#else
using Threads = ThreadExecutor;
#endif

}  // namespace

std::unique_ptr<Executor> make_executor(int threads) {
  if (threads < 1)
    throw Error("option.out_of_range", "threads", std::to_string(threads) + " is not allowed: it must be at least 1");
  if (threads == 1) return std::make_unique<InlineExecutor>();
  return std::make_unique<Threads>(threads);
}

}  // namespace automill
