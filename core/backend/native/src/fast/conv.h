// Convolutions of channels-last images on CPUs with AVX-512: float32, or bfloat16 images with sums in float32.
// Filters and their gradients are always float32. See the other conv_* and winograd_* files for how.
#pragma once
#include "conv_shape.h"
#include "gemm_tile.h"

namespace multigrain {

void convolve(bool bf16, const ConvShape& shape, const void* x, const float* filter, void* y, const Tail& tail = {});
void convolveInputGradient(bool bf16, const ConvShape& shape, const void* dy, const float* filter, void* dx);
void convolveFilterGradient(bool bf16, const ConvShape& shape, const void* x, const void* dy, float* gradient);

}  // namespace multigrain
