#pragma once
// Things that several fits share - binned columns, sorted orders - made once and kept while memory allows. The key says
// everything that shapes the content: column identities, parameters, row set. A cache is an ordinary value that goes
// along in RunContext.
//
//   SharedCache cache(1 << 30, context.memory);
//   auto bins = cache.get_or_make<Bins>(key, bytes, [&] { return std::make_shared<const Bins>(...); });
//
// A second caller of the same key waits until the first has made it. `make` may use an executor only if that executor
// does not start unrelated work while it waits (oneTBB: an isolated region), else the waiting would block itself.

#include <automill/core/memory_meter.hpp>
#include <automill/core/random.hpp>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <typeindex>
#include <unordered_map>

namespace automill {

class SharedCache {
 public:
  /// Keeps at most `capacity` bytes, and no more than the meter grants.
  explicit SharedCache(std::uint64_t capacity, MemoryMeter* meter = nullptr) : capacity_(capacity), meter_(meter) {}
  SharedCache(const SharedCache&) = delete;
  SharedCache& operator=(const SharedCache&) = delete;
  ~SharedCache() { drop(std::numeric_limits<std::uint64_t>::max()); }

  /// The entry of `key`; made by `make` when there is none. `bytes` is what it will take; where neither capacity nor
  /// meter has room, even without the entries that nobody uses, the result is handed out and not kept. An exception of
  /// `make` reaches its caller, and another waiting caller tries again.
  template <class T, class Make>
  std::shared_ptr<const T> get_or_make(std::uint64_t key, std::uint64_t bytes, const Make& make) {
    const Key full{key, typeid(T)};
    std::unique_lock lock(mutex_);
    while (true) {
      const auto found = entries_.find(full);
      if (found == entries_.end()) break;
      Entry& entry = *found->second;
      if (entry.value != nullptr) {
        order_.splice(order_.begin(), order_, found->second);
        return std::static_pointer_cast<const T>(entry.value);
      }
      if (entry.maker == std::this_thread::get_id()) return make_unlocked<T>(lock, make);  // asked for itself
      changed_.wait(lock);
    }
    const bool kept = reserve(bytes);
    if (!kept) return make_unlocked<T>(lock, make);
    order_.push_front(Entry{full, nullptr, bytes, std::this_thread::get_id()});
    const auto place = order_.begin();
    entries_.emplace(full, place);
    std::shared_ptr<const T> made;
    try {
      made = make_unlocked<T>(lock, make);
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      forget(place);
      changed_.notify_all();
      throw;
    }
    place->value = made;
    changed_.notify_all();
    return made;
  }

  /// Drops entries that nobody uses, the least recently used first, until `bytes` are free. Returns what was freed.
  std::uint64_t drop(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    return drop_locked(bytes);
  }
  std::uint64_t used() const {
    const std::lock_guard lock(mutex_);
    return used_;
  }

 private:
  struct Key {
    std::uint64_t key;
    std::type_index type;
    bool operator==(const Key& other) const { return key == other.key && type == other.type; }
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>(combine_hashes(key.key, key.type.hash_code()));
    }
  };
  struct Entry {
    Key key;
    std::shared_ptr<const void> value;  ///< null while it is being made
    std::uint64_t bytes;
    std::thread::id maker;
  };
  using Place = std::list<Entry>::iterator;

  template <class T, class Make>
  static std::shared_ptr<const T> make_unlocked(std::unique_lock<std::mutex>& lock, const Make& make) {
    lock.unlock();
    std::shared_ptr<const T> made = make();
    lock.lock();
    return made;
  }
  bool reserve(std::uint64_t bytes) {
    if (bytes > capacity_) return false;
    if (used_ + bytes > capacity_) drop_locked(used_ + bytes - capacity_);
    if (used_ + bytes > capacity_) return false;
    if (meter_ != nullptr && !meter_->try_take(bytes)) {
      drop_locked(bytes);
      if (!meter_->try_take(bytes)) return false;
    }
    used_ += bytes;
    return true;
  }
  std::uint64_t drop_locked(std::uint64_t bytes) {
    std::uint64_t freed = 0;
    for (auto place = order_.end(); place != order_.begin() && freed < bytes;) {
      --place;
      if (place->value == nullptr || place->value.use_count() > 1) continue;
      const auto dropped = place++;
      freed += dropped->bytes;
      forget(dropped);
    }
    return freed;
  }
  void forget(Place place) {
    used_ -= place->bytes;
    if (meter_ != nullptr) meter_->give_back(place->bytes);
    entries_.erase(place->key);
    order_.erase(place);
  }

  const std::uint64_t capacity_;
  MemoryMeter* meter_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Entry> order_;  ///< most recently used first
  std::unordered_map<Key, Place, KeyHash> entries_;
  std::uint64_t used_ = 0;
};

}  // namespace automill
