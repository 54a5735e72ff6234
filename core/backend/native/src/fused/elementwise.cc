// Passes value by value that libtorch has too, but slower: sums of 16-bit tensors, ReLU and its gradient, changes of storage.
#include <ATen/ATen.h>

#include "../fast/convert.h"
#include "../fast/elementwise.h"
#include "../tensors.h"
#include "composition.h"

namespace multigrain {

namespace {

// Same shape and storage, so that a pass needs no broadcasting.
bool areAlike(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes();
}

at::Tensor sum(const at::Tensor& a, const at::Tensor& b) {
  if (!areAlike(a, b) || !takesPasses({a, b})) return at::add(a, b);
  at::Tensor out = at::empty_like(a);
  fast::sum({storageOf(a), a.data_ptr(), b.data_ptr(), out.data_ptr(), a.numel()});
  return out;
}

at::Tensor relu(const at::Tensor& x) {
  // libtorch's own relu lacks half precision on the CPU.
  if (!takesPasses({x})) return at::where(x < 0, at::zeros({}, x.options()), x);
  at::Tensor y = at::empty_like(x);
  fast::relu({storageOf(x), x.data_ptr(), y.data_ptr(), x.numel()});
  return y;
}

at::Tensor reluGradient(const at::Tensor& dy, const at::Tensor& output) {
  expectShape("ReLU", "an output", output, dy.sizes());
  const at::Tensor y = output.to(dy.scalar_type()).contiguous(), gradient = dy.contiguous();
  if (!takesPasses({gradient, y})) return at::where(y > 0, gradient, at::zeros({}, gradient.options()));
  at::Tensor dx = at::empty_like(gradient);
  fast::reluGradient({storageOf(gradient), gradient.data_ptr(), y.data_ptr(), dx.data_ptr(), dx.numel()});
  return dx;
}

at::Tensor convert(const at::Tensor& x, at::ScalarType type) {
  const bool isStorage = type == at::kFloat || type == at::kBFloat16 || type == at::kHalf;
  if (x.scalar_type() == type || !isStorage || !takesPasses({x})) return x.to(type);
  at::Tensor y = at::empty_like(x, x.options().dtype(type));
  fast::convert({storageOf(x), storageOf(y), x.data_ptr(), y.data_ptr(), x.numel()});
  return y;
}

}  // namespace

}  // namespace multigrain

using namespace multigrain;

// sum(a, b): a + b, with broadcasting
JS_FUNCTION(sum) { return give(call.env(), multigrain::sum(tensorAt(call, 0), tensorAt(call, 1))); }

// relu(x)
JS_FUNCTION(relu) { return give(call.env(), multigrain::relu(tensorAt(call, 0))); }

// reluGradient(dy, y): dy where y > 0, else 0
JS_FUNCTION(reluGradient) { return give(call.env(), multigrain::reluGradient(tensorAt(call, 0), tensorAt(call, 1))); }

// convert(x, dtype): the same memory when x is stored like that already
JS_FUNCTION(convert) {
  return give(call.env(), multigrain::convert(tensorAt(call, 0), static_cast<at::ScalarType>(call.integer(1))));
}
