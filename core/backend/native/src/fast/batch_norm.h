// Batch norm over rows of channels, x [rows, channels], with an optional addend and ReLU behind it.
#pragma once
#include "storage.h"

namespace multigrain::fast {

struct ChannelMoments {
  Storage storage;
  const void* x;
  int64_t rows, channels;
  float* mean;      // [channels]
  float* variance;  // [channels], divided by rows
};
// One pass over x. The bits of the outcome depend on the shape alone, not on the number of threads.
void channelMoments(const ChannelMoments&);

struct ScaleShift {
  Storage storage;
  const void* x;
  const float* scale;  // [channels]
  const float* shift;  // [channels]
  const void* addend;  // of x's shape, or null
  bool relu;
  void* y;
  int64_t rows, channels;
};
void scaleShift(const ScaleShift&);

struct BatchNormGradient {
  Storage storage;
  const void* dy;
  const void* x;
  const void* y;  // the ReLU's output, or null: then its sign is computed from x, scale and shift
  bool relu;
  bool frozen;  // mean and inverseStd do not depend on x
  int64_t rows, channels;
  const float* gamma;
  const float* mean;
  const float* inverseStd;
  const float* scale;  // as scaleShift had them; read only with relu and without y
  const float* shift;
  void* dx;
  float* dgamma;
  float* dbeta;
  void* dz;  // gradient in front of the ReLU, which is the addend's; null where nobody asks
};
// Two passes: one for the sums, one for dx.
void batchNormGradient(const BatchNormGradient&);

}  // namespace multigrain::fast
