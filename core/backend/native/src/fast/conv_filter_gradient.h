// Patches, transposed, times the gradient of the output: the gradient of a filter, summed over pixels.
#pragma once
#include "conv_patches.h"

namespace multigrain {

/** gradient[length][columns] (float32) = Σ over rows of patches[row][length] · dy[row][columns]. */
void sumOuterProducts(bool bf16, const Patches& patches, const void* dy, int64_t columns, float* gradient);

}  // namespace multigrain
