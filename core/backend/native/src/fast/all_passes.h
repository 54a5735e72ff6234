// All fast kernels for one instruction set; each passes_*.cc includes this once. What the processor lacks is the compiler's
// affair, so that there is one text for all.

#include "vector.h"

// Below this many values a second thread costs more than it saves.
constexpr int64_t parallelFrom = 32768;
// Outputs of more bytes than this go past the caches, which they would only flush.
constexpr int64_t streamFrom = 12 << 20;

MULTIGRAIN_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
MULTIGRAIN_INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
MULTIGRAIN_INLINE int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

// body(index) for each, every thread a contiguous share.
template <class Body>
inline void parallelFor(int64_t count, bool worthIt, const Body& body) {
#pragma omp parallel for schedule(static) if (worthIt && count > 1)
  for (int64_t index = 0; index < count; index++) body(index);
}

// The same with every share from its end: what a pass before this one read last is still in the caches.
template <class Body>
inline void parallelBackwards(int64_t count, bool worthIt, const Body& body) {
#pragma omp parallel if (worthIt && count > 1)
  {
    const int64_t thread = omp_get_thread_num(), threads = omp_get_num_threads();
    for (int64_t index = count * (thread + 1) / threads; index-- > count * thread / threads;) body(index);
  }
}

template <class Body>
inline void withStorage(Storage storage, const Body& body) {
  if (storage == Storage::float32) body((float*)nullptr);
  else if (storage == Storage::bfloat16) body((BFloat16*)nullptr);
  else body((Float16*)nullptr);
}

inline bool streams(const void* out, int64_t bytes, int64_t channels) {
  return bytes >= streamFrom && (uintptr_t)out % 64 == 0 && channels % lanes == 0;
}
template <bool streaming, class T>
MULTIGRAIN_INLINE void put(T* to, const Floats& v, int64_t count) {
  if constexpr (streaming) stream(to, v);
  else storeUpTo(to, v, count);
}
// Streamed stores must be seen by other threads before the kernel returns.
inline void finishStreaming() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

#include "batch_norm_passes.h"
#include "convert_passes.h"
#include "elementwise_passes.h"
#include "gem_passes.h"
#include "pool_passes.h"
