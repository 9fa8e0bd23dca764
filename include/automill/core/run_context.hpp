#pragma once
// How something runs, apart from what it computes: executor, stop token, seed, memory meter and event sink. There are
// no globals and no environment variables.
//
//   RunContext context;                       // inline, seed 0, never stops
//   context.seed = 7;  context.stop = StopToken(source.get_token(), deadline);

#include <automill/core/events.hpp>
#include <automill/core/executor.hpp>
#include <automill/core/memory_meter.hpp>
#include <automill/core/random.hpp>
#include <automill/core/shared_cache.hpp>
#include <automill/core/stop.hpp>

namespace automill {

struct RunContext {
  const Executor* run_with = nullptr;  ///< null: the calling thread
  StopToken stop{};
  std::uint64_t seed = 0;
  MemoryMeter* memory = nullptr;  ///< null: no limit
  EventSink* events = nullptr;    ///< null: silent
  SharedCache* cache = nullptr;   ///< what fits share (binned columns); null: made for each fit alone

  const Executor& executor() const { return run_with != nullptr ? *run_with : InlineExecutor::instance(); }
  RandomStream random(std::string_view what, std::uint64_t index = 0) const { return {seed, purpose(what), index}; }
  void emit(Event event) const {
    if (events != nullptr) events->on_event(event);
  }
};

}  // namespace automill
