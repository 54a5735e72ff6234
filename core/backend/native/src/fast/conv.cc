#include "conv.h"

#include <vector>

#include "conv_filter_gradient.h"
#include "conv_filter_panels.h"
#include "conv_patches.h"
#include "conv_product.h"
#include "winograd.h"
#include "winograd_line.h"
#include "winograd_stride.h"
#include "workspace.h"

namespace multigrain {
namespace {

Patches patchesOf(const ConvShape& s, const void* x) {
  return {x,           s.batch,        s.height,      s.width,    s.in,       s.outHeight,    s.outWidth,
          s.strideHeight, s.strideWidth, -s.padTop, -s.padLeft, s.kernelHeight, s.kernelWidth};
}

/** The taps of a filter that reach the input pixels of one phase of the stride, along one dimension. */
struct Phase {
  int64_t first, count, largestTap, stride, offset;

  Phase(int64_t phase, int64_t size, int64_t kernel, int64_t step, int64_t pad) : first(phase), stride(step) {
    count = (size - phase + step - 1) / step;
    largestTap = -1;
    for (int64_t tap = kernel - 1; tap >= 0 && largestTap < 0; tap--) {
      if ((phase + pad - tap) % step == 0) largestTap = tap;
    }
    offset = largestTap < 0 ? 0 : (phase + pad - largestTap) / step;
  }
  int64_t taps() const { return largestTap < 0 ? 0 : largestTap / stride + 1; }
};

const float* floats(const void* values) { return static_cast<const float*>(values); }

}  // namespace

void convolve(bool bf16, const ConvShape& s, const void* x, const float* filter, void* y, const Tail& tail) {
  if (isWinogradShape(s)) return winogradForward(bf16, s, x, filter, y, tail);
  if (!bf16 && isWinogradLine(s)) return winogradLineForward(s, floats(x), filter, static_cast<float*>(y), tail);
  if (!bf16 && isWinogradStride(s)) return winogradStrideForward(s, floats(x), filter, static_cast<float*>(y), tail);
  const Patches patches = patchesOf(s, x);
  void* panels = workspace(Scratch::kFilter, panelBytes(bf16, patches.length(), s.out));
  packRows(bf16, filter, patches.length(), s.out, panels);
  multiplyPatches(bf16, patches, panels, {y, s.outHeight, s.outWidth, s.out, 1, 1, 0, 0}, tail);
}

// An input gradient is, for each phase of the stride, a convolution of dy with the taps that reach it, last tap first.
void convolveInputGradient(bool bf16, const ConvShape& s, const void* dy, const float* filter, void* dx) {
  if (isWinogradShape(s)) return winogradInputGradient(bf16, s, dy, filter, dx);
  if (!bf16 && isWinogradLine(s)) return winogradLineInputGradient(s, floats(dy), filter, static_cast<float*>(dx));
  if (!bf16 && isWinogradStride(s)) return winogradStrideInputGradient(s, floats(dy), filter, static_cast<float*>(dx));
  for (int64_t py = 0; py < s.strideHeight && py < s.height; py++) {
    const Phase rows(py, s.height, s.kernelHeight, s.strideHeight, s.padTop);
    for (int64_t px = 0; px < s.strideWidth && px < s.width; px++) {
      const Phase columns(px, s.width, s.kernelWidth, s.strideWidth, s.padLeft);
      std::vector<int64_t> taps;
      for (int64_t ty = 0; ty < rows.taps(); ty++) {
        for (int64_t tx = 0; tx < columns.taps(); tx++) {
          taps.push_back((rows.largestTap - ty * s.strideHeight) * s.kernelWidth + columns.largestTap - tx * s.strideWidth);
        }
      }
      const Patches patches{dy,  s.batch, s.outHeight, s.outWidth,  s.out,          rows.count,  columns.count,
                            1,   1,       rows.offset, columns.offset, taps.empty() ? 0 : rows.taps(), taps.empty() ? 0 : columns.taps()};
      void* panels = workspace(Scratch::kFilter, panelBytes(bf16, patches.length(), s.in));
      packTransposed(bf16, filter, taps.data(), static_cast<int64_t>(taps.size()), s.in, s.out, panels);
      multiplyPatches(bf16, patches, panels, {dx, s.height, s.width, s.in, s.strideHeight, s.strideWidth, py, px}, {});
    }
  }
}

void convolveFilterGradient(bool bf16, const ConvShape& s, const void* x, const void* dy, float* gradient) {
  if (isWinogradShape(s) && s.batch > 0) return winogradFilterGradient(bf16, s, x, dy, gradient);
  if (!bf16 && isWinogradLine(s) && s.batch > 0) return winogradLineFilterGradient(s, floats(x), floats(dy), gradient);
  if (!bf16 && isWinogradStride(s) && s.batch > 0) return winogradStrideFilterGradient(s, floats(x), floats(dy), gradient);
  sumOuterProducts(bf16, patchesOf(s, x), dy, s.out, gradient);
}

}  // namespace multigrain
