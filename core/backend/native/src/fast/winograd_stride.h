// Winograd's algorithm for 3x3 filters of stride 2. Of the three taps along a dimension, two meet even pixels and one odd ones: the
// two are F(3,2), 4 products instead of 6, beside 3 products of the one. That makes 49 of 81 in two dimensions, for 3x3 outputs.
// float32.
#pragma once
#include "conv_shape.h"
#include "gemm_tile.h"

namespace multigrain {

/** Whether these kernels take a convolution of float32: 3x3, stride 2, channels by the 32. */
bool isWinogradStride(const ConvShape& shape);

void winogradStrideForward(const ConvShape& shape, const float* x, const float* filter, float* y, const Tail& tail);
void winogradStrideInputGradient(const ConvShape& shape, const float* dy, const float* filter, float* dx);
void winogradStrideFilterGradient(const ConvShape& shape, const float* x, const float* dy, float* gradient);

}  // namespace multigrain
