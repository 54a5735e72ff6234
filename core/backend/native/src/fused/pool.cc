// Max pooling that notes which pixel of each window won, and the mean over whole images. Images are [N,H,W,C].
#include <ATen/ATen.h>

#include "../fast/pool.h"
#include "../tensors.h"
#include "composition.h"

namespace multigrain {

namespace {

// numbers: filter height and width, strides, padding above and on the left, output height and width
fast::PoolGeometry geometryOf(at::IntArrayRef x, const std::vector<int64_t>& numbers) {
  if (x.size() != 4 || numbers.size() != 8)
    throw CodedError{"argument", "pooling: expected images [N,H,W,C] and a geometry of 8 numbers"};
  const fast::PoolGeometry g{x[0],       x[1],       x[2],       x[3],       numbers[6], numbers[7],
                             numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]};
  const bool isPool = g.filterHeight > 0 && g.filterWidth > 0 && g.strideHeight > 0 && g.strideWidth > 0 && g.padTop >= 0 &&
                      g.padLeft >= 0 && g.padTop < g.filterHeight && g.padLeft < g.filterWidth;
  const bool endsInside = (g.outHeight - 1) * g.strideHeight - g.padTop < g.height && (g.outWidth - 1) * g.strideWidth - g.padLeft < g.width;
  if (!isPool || !endsInside || g.filterHeight * g.filterWidth > 255)
    throw CodedError{"argument", "pooling: expected windows of at most 255 pixels that each have one inside the image"};
  return g;
}

// The window's pixels as one dimension behind the others: [N,oh,ow,C,kh·kw], −∞ outside the image.
at::Tensor windowsOf(const at::Tensor& x, const fast::PoolGeometry& g) {
  const int64_t bottom = std::max<int64_t>(0, (g.outHeight - 1) * g.strideHeight + g.filterHeight - g.padTop - g.height);
  const int64_t right = std::max<int64_t>(0, (g.outWidth - 1) * g.strideWidth + g.filterWidth - g.padLeft - g.width);
  // tfjs's maximum passes over NaN, libtorch's does not.
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const at::Tensor numbers = at::nan_to_num(x, -infinity, infinity, -infinity);
  const at::Tensor padded = at::constant_pad_nd(numbers, {0, 0, g.padLeft, right, g.padTop, bottom}, -infinity);
  const at::Tensor rows = padded.unfold(1, g.filterHeight, g.strideHeight).narrow(1, 0, g.outHeight);
  return rows.unfold(2, g.filterWidth, g.strideWidth).narrow(2, 0, g.outWidth).flatten(-2);
}

std::vector<at::Tensor> composedMaxPool(const at::Tensor& x, const fast::PoolGeometry& g) {
  const auto [y, positions] = windowsOf(x, g).max(-1);
  return {y.contiguous(), positions.to(at::kByte).contiguous()};
}

at::Tensor composedMaxPoolGradient(const at::Tensor& dy, const at::Tensor& positions, const fast::PoolGeometry& g) {
  // Where each winner lies in the image, counted in values.
  const auto longs = dy.options().dtype(at::kLong);
  const at::Tensor at = positions.to(at::kLong);
  const at::Tensor rows = at::arange(g.outHeight, longs).mul(g.strideHeight).sub(g.padTop).view({1, -1, 1, 1}) +
                          at::div(at, g.filterWidth, "floor");
  const at::Tensor columns = at::arange(g.outWidth, longs).mul(g.strideWidth).sub(g.padLeft).view({1, 1, -1, 1}) +
                             at::remainder(at, g.filterWidth);
  const at::Tensor targets = (rows * g.width + columns) * g.channels + at::arange(g.channels, longs);
  const at::Tensor dx = at::zeros({g.batch, g.height * g.width * g.channels}, dy.options().dtype(at::kFloat));
  dx.scatter_add_(1, targets.reshape({g.batch, -1}), dy.to(at::kFloat).reshape({g.batch, -1}));
  return dx.reshape({g.batch, g.height, g.width, g.channels}).to(dy.scalar_type());
}

}  // namespace

}  // namespace multigrain

using namespace multigrain;

// maxPool(x, geometry): [y, positions]
JS_FUNCTION(maxPool) {
  const at::Tensor x = tensorAt(call, 0).contiguous();
  const fast::PoolGeometry g = geometryOf(x.sizes(), call.integers(1));
  if (!takesPasses({x})) return giveAll(call.env(), composedMaxPool(x, g));
  const std::vector<int64_t> shape = {g.batch, g.outHeight, g.outWidth, g.channels};
  at::Tensor y = at::empty(shape, x.options()), positions = at::empty(shape, x.options().dtype(at::kByte));
  fast::maxPool({storageOf(x), g, x.data_ptr(), y.data_ptr(), positions.data_ptr<uint8_t>()});
  return giveAll(call.env(), {y, positions});
}

// maxPoolGradient(dy, positions, shape of x, geometry): dx
JS_FUNCTION(maxPoolGradient) {
  const at::Tensor dy = tensorAt(call, 0).contiguous(), positions = tensorAt(call, 1).contiguous();
  const std::vector<int64_t> shape = call.integers(2);
  const fast::PoolGeometry g = geometryOf(shape, call.integers(3));
  expectShape("pooling", "a gradient", dy, {g.batch, g.outHeight, g.outWidth, g.channels});
  expectShape("pooling", "positions", positions, dy.sizes());
  if (positions.scalar_type() != at::kByte) throw CodedError{"argument", "pooling: positions are bytes"};
  if (!takesPasses({dy, positions})) return give(call.env(), composedMaxPoolGradient(dy, positions, g));
  at::Tensor dx = at::empty(shape, dy.options());
  fast::maxPoolGradient({storageOf(dy), g, dy.data_ptr(), positions.data_ptr<uint8_t>(), dx.data_ptr()});
  return give(call.env(), dx);
}

// globalMean(x [N,...,C]): [N,C]
JS_FUNCTION(globalMean) {
  const at::Tensor x = tensorAt(call, 0).contiguous();
  if (x.dim() < 3) throw CodedError{"argument", "globalMean: expected images [N,...,C]"};
  const int64_t batch = x.size(0), channels = x.size(-1), pixels = x.numel() / std::max<int64_t>(1, batch * channels);
  if (!takesPasses({x})) return give(call.env(), at::mean(x.reshape({batch, pixels, channels}), {1}));
  at::Tensor y = at::empty({batch, channels}, x.options());
  fast::globalMean({storageOf(x), x.data_ptr(), y.data_ptr(), batch, pixels, channels});
  return give(call.env(), y);
}

// globalMeanGradient(dy [N,C], shape of x): dx
JS_FUNCTION(globalMeanGradient) {
  const at::Tensor dy = tensorAt(call, 0).contiguous();
  const std::vector<int64_t> shape = call.integers(1);
  if (shape.size() < 3) throw CodedError{"argument", "globalMean: expected the shape of images [N,...,C]"};
  expectShape("globalMean", "a gradient", dy, {shape.front(), shape.back()});
  const int64_t batch = shape.front(), channels = shape.back();
  const int64_t pixels = c10::multiply_integers(shape) / std::max<int64_t>(1, batch * channels);
  if (!takesPasses({dy})) {
    const at::Tensor share = (dy / pixels).unsqueeze(1).expand({batch, pixels, channels});
    return give(call.env(), share.reshape(shape).contiguous());
  }
  at::Tensor dx = at::empty(shape, dy.options());
  fast::globalMeanGradient({storageOf(dy), dy.data_ptr(), dx.data_ptr(), batch, pixels, channels});
  return give(call.env(), dx);
}
