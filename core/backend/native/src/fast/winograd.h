// Winograd's F(2x2,3x3): a convolution of stride 1 with a 3x3 filter as 16 matrix products over 4x4 pieces of the images, one
// for each 2x2 piece of the output, with 2.25 times fewer multiplications. A. Lavin and S. Gray, "Fast Algorithms for
// Convolutional Neural Networks" (2015).
#pragma once
#include "conv_shape.h"
#include "gemm_tile.h"

namespace multigrain {

/** Whether these kernels take a convolution: 3x3, stride 1, channels by the 32. */
bool isWinogradShape(const ConvShape& shape);

void winogradForward(bool bf16, const ConvShape& shape, const void* x, const float* filter, void* y, const Tail& tail);
void winogradInputGradient(bool bf16, const ConvShape& shape, const void* dy, const float* filter, void* dx);
void winogradFilterGradient(bool bf16, const ConvShape& shape, const void* x, const void* dy, float* gradient);

}  // namespace multigrain
