// Pooling of images [batch, height, width, channels].
#pragma once
#include "storage.h"

namespace multigrain::fast {

struct PoolGeometry {
  int64_t batch, height, width, channels;
  int64_t outHeight, outWidth;
  int64_t filterHeight, filterWidth, strideHeight, strideWidth, padTop, padLeft;
};

struct MaxPool {
  Storage storage;
  PoolGeometry geometry;  // at most 255 pixels a window, each window with a pixel inside the image
  const void* x;
  void* y;
  uint8_t* positions;  // which pixel of the window won, row by row; or null
};
// The first of equal values wins, and NaN wins over all.
void maxPool(const MaxPool&);

struct MaxPoolGradient {
  Storage storage;
  PoolGeometry geometry;
  const void* dy;
  const uint8_t* positions;
  void* dx;
};
void maxPoolGradient(const MaxPoolGradient&);

struct GlobalMean {
  Storage storage;
  const void* x;  // [batch, pixels, channels]
  void* y;        // [batch, channels]
  int64_t batch, pixels, channels;
};
void globalMean(const GlobalMean&);

struct GlobalMeanGradient {
  Storage storage;
  const void* dy;  // [batch, channels]
  void* dx;        // [batch, pixels, channels]
  int64_t batch, pixels, channels;
};
void globalMeanGradient(const GlobalMeanGradient&);

}  // namespace multigrain::fast
