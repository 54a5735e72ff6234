// Passes over tensors value by value.
#pragma once
#include "storage.h"

namespace multigrain::fast {

struct Sum {
  Storage storage;
  const void* a;
  const void* b;
  void* out;  // may be a or b
  int64_t count;
};
void sum(const Sum&);

struct ReluGradient {
  Storage storage;
  const void* dy;
  const void* y;
  void* dx;  // may be dy
  int64_t count;
};
// dy where y > 0, else 0.
void reluGradient(const ReluGradient&);

struct Relu {
  Storage storage;
  const void* x;
  void* y;  // may be x
  int64_t count;
};
// max(x, 0); NaN stays NaN.
void relu(const Relu&);

}  // namespace multigrain::fast
