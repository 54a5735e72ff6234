// Winograd's algorithm along one dimension: convolutions of stride 1 with a filter of 1x7, 7x1, 1x3 or 3x1, as matrix products over
// short pieces of lines of pixels, with 1.9 or 2 times fewer multiplications. float32 only: in bfloat16 these transforms would
// round too much away.
#pragma once
#include "conv_shape.h"
#include "gemm_tile.h"

namespace multigrain {

/** Whether these kernels take a convolution of float32: a filter of one line, stride 1, channels by the 32. */
bool isWinogradLine(const ConvShape& shape);

void winogradLineForward(const ConvShape& shape, const float* x, const float* filter, float* y, const Tail& tail);
void winogradLineInputGradient(const ConvShape& shape, const float* dy, const float* filter, float* dx);
void winogradLineFilterGradient(const ConvShape& shape, const float* x, const float* dy, float* gradient);

}  // namespace multigrain
