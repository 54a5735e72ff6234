// libtorch's allocator of main memory over the arena. Small tensors stay with the system's allocator, which is good at them.
#include "allocator.h"

#include <c10/core/Allocator.h>
#include <c10/util/Exception.h>

#include <cstdlib>
#include <cstring>

#include "arena.h"
#include "js.h"

namespace multigrain {

namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kSmallest = 256 * 1024;

Arena& arena() {
  // Never destroyed: tensors of static lifetime give back to it while the process ends.
  static auto* made = new Arena(memoryOfMachine() / 100 * 95);
  return *made;
}

void giveBack(void* block) {
  if (block == nullptr) return;
  if (arena().owns(block)) arena().giveBack(block);
  else std::free(block);
}

void* take(size_t bytes) {
  if (bytes >= kSmallest) {
    if (void* block = arena().take(bytes)) return block;
    const ArenaFigures figures = arena().figures();
    TORCH_CHECK(false, "not enough memory: ", bytes, " bytes wanted, ", figures.usedBytes, " of ", figures.limitBytes, " in use");
  }
  void* block = nullptr;
  TORCH_CHECK(posix_memalign(&block, kAlignment, bytes) == 0, "not enough memory: ", bytes, " bytes wanted");
  return block;
}

// libtorch 2.3 dropped the `const` of `allocate` and added `copy_data`: the one that the base class has is overridden.
struct ArenaAllocator final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) const { return make(bytes); }
  c10::DataPtr allocate(size_t bytes) { return make(bytes); }
  void copy_data(void* target, const void* source, size_t bytes) const { std::memcpy(target, source, bytes); }
  c10::DeleterFnPtr raw_deleter() const override { return &giveBack; }

 private:
  static c10::DataPtr make(size_t bytes) {
    if (bytes == 0) return {nullptr, nullptr, &giveBack, c10::Device(c10::DeviceType::CPU)};
    void* block = take(bytes);
    return {block, block, &giveBack, c10::Device(c10::DeviceType::CPU)};
  }
};

}  // namespace

void useArena() {
  static ArenaAllocator allocator;
  c10::SetAllocator(c10::DeviceType::CPU, &allocator, 10);
}

}  // namespace multigrain

using namespace multigrain;

// arenaFigures(): { usedBytes, peakBytes, limitBytes } of large tensors in main memory
JS_FUNCTION(arenaFigures) {
  const ArenaFigures figures = arena().figures();
  napi_value out = object(call.env());
  setField(call.env(), out, "usedBytes", fromNumber(call.env(), static_cast<double>(figures.usedBytes)));
  setField(call.env(), out, "peakBytes", fromNumber(call.env(), static_cast<double>(figures.peakBytes)));
  setField(call.env(), out, "limitBytes", fromNumber(call.env(), static_cast<double>(figures.limitBytes)));
  return out;
}

// limitMemory(bytes): tensors in main memory may take no more
JS_FUNCTION(limitMemory) {
  arena().setLimit(static_cast<size_t>(call.number(0)));
  return nothing(call.env());
}

// trimMemory(): gives memory that no tensor uses back to the system
JS_FUNCTION(trimMemory) {
  arena().trim();
  return nothing(call.env());
}

// resetPeak(): peakBytes counts from here
JS_FUNCTION(resetPeak) {
  arena().resetPeak();
  return nothing(call.env());
}
