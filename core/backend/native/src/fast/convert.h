// Changes of storage, and images from bytes.
#pragma once
#include "storage.h"

namespace multigrain::fast {

struct Convert {
  Storage from, to;
  const void* x;
  void* y;
  int64_t count;
};
// To the nearest value, ties to even.
void convert(const Convert&);

struct NormaliseImages {
  const uint8_t* bytes;  // [pixels, channels]
  int64_t pixels, channels;
  const float* scale;  // [channels]
  const float* shift;  // [channels]
  Storage storage;
  void* y;
};
// bytes · scale + shift.
void normaliseImages(const NormaliseImages&);

}  // namespace multigrain::fast
