// Generalised-mean pooling: (mean over the pixels of max(x, floor)^p)^(1/p).
#pragma once
#include "storage.h"

namespace multigrain::fast {

struct GemPool {
  Storage storage;
  const void* x;  // [batch, pixels, channels]
  int64_t batch, pixels, channels;
  float p, floor;
  float* y;  // [batch, channels]
};
void gemPool(const GemPool&);

struct GemPoolGradient {
  Storage storage;
  const void* x;
  const float* y;   // as gemPool made it
  const float* dy;  // [batch, channels]
  int64_t batch, pixels, channels;
  float p, floor;
  void* dx;
  float* dp;  // one value, or null where nobody asks
};
void gemPoolGradient(const GemPoolGradient&);

}  // namespace multigrain::fast
