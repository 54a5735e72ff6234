// How the floats of a tensor lie in memory. Sums and statistics are float32 whatever the storage.
#pragma once
#include <cstdint>

namespace multigrain::fast {

enum class Storage { float32, bfloat16, float16 };

struct BFloat16 {
  uint16_t bits;
};
struct Float16 {
  uint16_t bits;
};

}  // namespace multigrain::fast
