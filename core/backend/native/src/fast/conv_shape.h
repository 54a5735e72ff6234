// What a convolution computes: x [batch,height,width,in], filter [kernelHeight,kernelWidth,in,out], y [batch,outHeight,outWidth,out].
#pragma once
#include <cstdint>

namespace multigrain {

struct ConvShape {
  int64_t batch, height, width, in;
  int64_t kernelHeight, kernelWidth, out;
  int64_t strideHeight, strideWidth;
  int64_t padTop, padLeft;
  int64_t outHeight, outWidth;
};

}  // namespace multigrain
