// Patches times a packed filter: forward convolutions and, phase by phase, input gradients.
#pragma once
#include "conv_patches.h"
#include "gemm_tile.h"

namespace multigrain {

/** Where the rows of the product go: row (n, gy, gx) to pixel (gy·stepY + top, gx·stepX + left). */
struct Placement {
  void* out;
  int64_t height, width, channels;
  int64_t stepY, stepX, top, left;
};

void multiplyPatches(bool bf16, const Patches& patches, const void* panels, const Placement& placement, const Tail& tail);

}  // namespace multigrain
