// Convolutions of channels-last tensors, forward and both gradients, by our own kernels where they are the faster ones and by
// libtorch's everywhere else. x [N,H,W,Cin], filter [kh,kw,Cin,Cout], y [N,oh,ow,Cout].
#include <ATen/ATen.h>

#include "../fast/conv.h"
#include "../tensors.h"
#include "batch_norm.h"
#include "composition.h"
#include "convolution_choice.h"

namespace multigrain {
namespace {

struct Geometry {
  int64_t strideHeight, strideWidth, padTop, padLeft, outHeight, outWidth;

  Geometry(const Call& call, size_t position) {
    const std::vector<int64_t> numbers = call.integers(position);
    if (numbers.size() != 6) {
      throw CodedError{"argument", "a convolution's geometry has 6 numbers (strides, padding before, output size), not " +
                                       std::to_string(numbers.size())};
    }
    strideHeight = numbers[0], strideWidth = numbers[1];
    padTop = numbers[2], padLeft = numbers[3];
    outHeight = numbers[4], outWidth = numbers[5];
  }
};

ConvShape shapeOf(at::IntArrayRef x, at::IntArrayRef filter, const Geometry& g) {
  if (x.size() != 4 || filter.size() != 4 || x[3] != filter[2]) {
    throw CodedError{"argument", "a convolution needs images [N,H,W,C] and a filter [kh,kw,C,out] of as many channels"};
  }
  return {x[0],     x[1],      x[2],           x[3],          filter[0], filter[1],  filter[3],
          g.strideHeight, g.strideWidth, g.padTop, g.padLeft, g.outHeight, g.outWidth};
}

/** The narrower of two floating types, in which both are multiplied. */
at::ScalarType computeType(const at::Tensor& a, const at::Tensor& b) {
  return a.element_size() < b.element_size() ? a.scalar_type() : b.scalar_type();
}

at::Tensor dense(const at::Tensor& t, at::ScalarType type) { return t.to(type).contiguous(); }

/** How libtorch, which pads both sides alike, is to be called. */
struct Margins {
  std::vector<int64_t> padding;
  int64_t bottom, right;
  bool even;

  explicit Margins(const ConvShape& s) {
    bottom = std::max<int64_t>(0, (s.outHeight - 1) * s.strideHeight + s.kernelHeight - s.padTop - s.height);
    right = std::max<int64_t>(0, (s.outWidth - 1) * s.strideWidth + s.kernelWidth - s.padLeft - s.width);
    even = (s.height + 2 * s.padTop - s.kernelHeight) / s.strideHeight + 1 == s.outHeight &&
           (s.width + 2 * s.padLeft - s.kernelWidth) / s.strideWidth + 1 == s.outWidth;
    padding = even ? std::vector<int64_t>{s.padTop, s.padLeft} : std::vector<int64_t>{0, 0};
  }
};

at::Tensor channelsFirst(const at::Tensor& x) { return x.permute({0, 3, 1, 2}); }
at::Tensor channelsLast(const at::Tensor& x) { return x.permute({0, 2, 3, 1}).contiguous(); }

at::Tensor withMargin(const at::Tensor& x, const ConvShape& s, const Margins& m) {
  const at::Tensor images = channelsFirst(x);
  return m.even ? images : at::constant_pad_nd(images, {s.padLeft, m.right, s.padTop, m.bottom});
}

std::vector<int64_t> strides(const ConvShape& s) { return {s.strideHeight, s.strideWidth}; }

at::Tensor composedForward(const ConvShape& s, const at::Tensor& x, const at::Tensor& filter) {
  const Margins m(s);
  const at::ScalarType type = computeType(x, filter);
  const at::Tensor weights = filter.to(type).permute({3, 2, 0, 1});
  return channelsLast(
      at::convolution(withMargin(x.to(type), s, m), weights, {}, strides(s), m.padding, {1, 1}, false, {0, 0}, 1));
}

std::tuple<at::Tensor, at::Tensor> composedBackward(const ConvShape& s, const at::Tensor& dy, const at::Tensor& x,
                                                    const at::Tensor& filter, const Margins& m, bool input) {
  const auto [dx, df, unused] = at::convolution_backward(channelsFirst(dy), x, filter, c10::nullopt, strides(s), m.padding,
                                                         {1, 1}, false, {0, 0}, 1, {input, !input, false});
  return {dx, df};
}

at::Tensor composedInputGradient(const ConvShape& s, const at::Tensor& dy, const at::Tensor& filter) {
  const Margins m(s);
  const at::ScalarType type = computeType(dy, filter);
  const int64_t height = m.even ? s.height : s.padTop + s.height + m.bottom;
  const int64_t width = m.even ? s.width : s.padLeft + s.width + m.right;
  const at::Tensor like = at::empty({s.batch, s.in, height, width}, dy.options().dtype(type), at::MemoryFormat::ChannelsLast);
  const at::Tensor weights = filter.to(type).permute({3, 2, 0, 1});
  at::Tensor dx = std::get<0>(composedBackward(s, dy.to(type), like, weights, m, true));
  if (!m.even) dx = dx.narrow(2, s.padTop, s.height).narrow(3, s.padLeft, s.width);
  return channelsLast(dx);
}

at::Tensor composedFilterGradient(const ConvShape& s, const at::Tensor& x, const at::Tensor& dy) {
  const Margins m(s);
  const at::ScalarType type = computeType(x, dy);
  const at::Tensor like = at::empty({s.out, s.in, s.kernelHeight, s.kernelWidth}, x.options().dtype(type));
  const at::Tensor df = std::get<1>(composedBackward(s, dy.to(type), withMargin(x.to(type), s, m), like, m, false));
  const at::ScalarType wide = type == at::kDouble ? at::kDouble : at::kFloat;
  return df.permute({2, 3, 1, 0}).to(wide).contiguous();
}

bool isOwn(const ConvShape& s, Pass pass, const at::Tensor& a, const at::Tensor& b, at::ScalarType type) {
  return a.is_cpu() && b.is_cpu() && choosesOwn(s, pass, type);
}

// float16 on a CPU: libtorch has no such convolution there, and float32 with values of float16 sums at least as exactly.
bool isSlowHalf(const at::Tensor& tensor, at::ScalarType type) { return type == at::kHalf && tensor.is_cpu(); }
at::Tensor asHalf(const at::Tensor& tensor) { return tensor.to(at::kHalf).to(at::kFloat); }

/** Nothing to sum: an empty batch, or images without pixels or channels. */
bool isEmpty(const at::Tensor& a, const at::Tensor& b) { return a.numel() == 0 || b.numel() == 0; }

void expectOutput(const char* operation, const at::Tensor& tensor, const ConvShape& s) {
  expectShape(operation, "dy", tensor, {s.batch, s.outHeight, s.outWidth, s.out});
}

at::Tensor forward(const ConvShape& s, const at::Tensor& x, const at::Tensor& filter) {
  const at::ScalarType type = computeType(x, filter);
  if (isEmpty(x, filter)) return at::zeros({s.batch, s.outHeight, s.outWidth, s.out}, x.options().dtype(type));
  if (isSlowHalf(x, type)) return forward(s, asHalf(x), asHalf(filter)).to(at::kHalf);
  if (!isOwn(s, Pass::kForward, x, filter, type)) return composedForward(s, x, filter);
  const at::Tensor images = dense(x, type), weights = dense(filter, at::kFloat);
  at::Tensor y = at::empty({s.batch, s.outHeight, s.outWidth, s.out}, images.options());
  convolve(type == at::kBFloat16, s, images.data_ptr(), weights.data_ptr<float>(), y.data_ptr());
  return y;
}

at::Tensor inputGradient(const ConvShape& s, const at::Tensor& dy, const at::Tensor& filter) {
  expectOutput("input gradient of a convolution", dy, s);
  const at::ScalarType type = computeType(dy, filter);
  if (isEmpty(dy, filter)) return at::zeros({s.batch, s.height, s.width, s.in}, dy.options().dtype(type));
  if (isSlowHalf(dy, type)) return inputGradient(s, asHalf(dy), asHalf(filter)).to(at::kHalf);
  if (!isOwn(s, Pass::kInputGradient, dy, filter, type)) return composedInputGradient(s, dy, filter);
  const at::Tensor gradient = dense(dy, type), weights = dense(filter, at::kFloat);
  at::Tensor dx = at::empty({s.batch, s.height, s.width, s.in}, gradient.options());
  convolveInputGradient(type == at::kBFloat16, s, gradient.data_ptr(), weights.data_ptr<float>(), dx.data_ptr());
  return dx;
}

at::Tensor filterGradient(const ConvShape& s, const at::Tensor& x, const at::Tensor& dy) {
  expectOutput("filter gradient of a convolution", dy, s);
  const at::ScalarType type = computeType(x, dy);
  const std::vector<int64_t> shape{s.kernelHeight, s.kernelWidth, s.in, s.out};
  if (isEmpty(x, dy)) return at::zeros(shape, x.options().dtype(at::kFloat));
  if (isSlowHalf(x, type)) return filterGradient(s, asHalf(x), asHalf(dy));
  if (!isOwn(s, Pass::kFilterGradient, x, dy, type)) return composedFilterGradient(s, x, dy);
  const at::Tensor images = dense(x, type), gradient = dense(dy, type);
  at::Tensor df = at::empty(shape, x.options().dtype(at::kFloat));
  convolveFilterGradient(type == at::kBFloat16, s, images.data_ptr(), gradient.data_ptr(), df.data_ptr<float>());
  return df;
}

/** Convolution, then scale, shift, addend and ReLU in one pass where our own kernels compute it. */
at::Tensor forwardWithTail(const ConvShape& s, const at::Tensor& x, const at::Tensor& filter, const at::Tensor& scale,
                           const at::Tensor& shift, const at::Tensor& addend, bool relu) {
  const at::ScalarType type = computeType(x, filter);
  if (isEmpty(x, filter) || !isOwn(s, Pass::kForward, x, filter, type)) return scaleShift(forward(s, x, filter), scale, shift, addend, relu);
  const at::Tensor images = dense(x, type), weights = dense(filter, at::kFloat);
  const at::Tensor added = addend.defined() ? dense(addend, type) : addend;
  at::Tensor y = at::empty({s.batch, s.outHeight, s.outWidth, s.out}, images.options());
  const Tail tail{scale.data_ptr<float>(), shift.data_ptr<float>(), added.defined() ? added.data_ptr() : nullptr, relu};
  convolve(type == at::kBFloat16, s, images.data_ptr(), weights.data_ptr<float>(), y.data_ptr(), tail);
  return y;
}

}  // namespace

// Arguments: x, filter, geometry; γ, β, running mean and variance [Cout]; an addend like the output, or null; ε; whether a ReLU.
JS_FUNCTION(convolveNormalised) {
  constexpr const char* operation = "convolution with batch norm";
  const at::Tensor x = tensorAt(call, 0), filter = tensorAt(call, 1);
  const ConvShape s = shapeOf(x.sizes(), filter.sizes(), Geometry(call, 2));
  const at::Tensor gamma = asFloats(tensorAt(call, 3)), beta = asFloats(tensorAt(call, 4));
  const at::Tensor mean = asFloats(tensorAt(call, 5)), variance = asFloats(tensorAt(call, 6));
  for (const at::Tensor& each : {gamma, beta, mean, variance}) expectShape(operation, "a vector", each, {s.out});
  const at::Tensor addend = optionalTensorAt(call, 7);
  if (addend.defined()) expectOutput(operation, addend, s);
  const at::Tensor scale = gamma / at::sqrt(variance + call.number(8));
  const at::Tensor shift = beta - mean * scale;
  return give(call.env(), forwardWithTail(s, x, filter, scale, shift, addend, call.boolean(9)));
}

JS_FUNCTION(convolve) {
  const at::Tensor x = tensorAt(call, 0), filter = tensorAt(call, 1);
  return give(call.env(), forward(shapeOf(x.sizes(), filter.sizes(), Geometry(call, 2)), x, filter));
}

// Arguments: dy, filter, the input's shape, geometry.
JS_FUNCTION(convolveInputGradient) {
  const at::Tensor dy = tensorAt(call, 0), filter = tensorAt(call, 1);
  return give(call.env(), inputGradient(shapeOf(call.integers(2), filter.sizes(), Geometry(call, 3)), dy, filter));
}

// Arguments: x, dy, the filter's shape, geometry. The gradient is float32 whatever the images are.
JS_FUNCTION(convolveFilterGradient) {
  const at::Tensor x = tensorAt(call, 0), dy = tensorAt(call, 1);
  return give(call.env(), filterGradient(shapeOf(x.sizes(), call.integers(2), Geometry(call, 3)), x, dy));
}

}  // namespace multigrain
