// Generalised-mean pooling: (mean over the pixels of max(x, floor)^p)^(1/p), in float32.
#include "../fast/gem.h"

#include <ATen/ATen.h>

#include "../tensors.h"
#include "composition.h"

namespace multigrain {

namespace {

struct Pooled {
  at::Tensor x;  // [N, pixels, C]
  int64_t batch, pixels, channels;
};

Pooled pooledOf(const at::Tensor& given) {
  const at::Tensor x = given.contiguous();
  if (x.dim() < 3) throw CodedError{"argument", "GeM: expected images [N,...,C]"};
  const int64_t batch = x.size(0), channels = x.size(-1), pixels = x.numel() / std::max<int64_t>(1, batch * channels);
  return {x.reshape({batch, pixels, channels}), batch, pixels, channels};
}

// The values as raised to the power.
at::Tensor raised(const at::Tensor& x, double floor) { return at::clamp_min(x.to(at::kFloat), floor); }

// [dx, dp]
std::vector<at::Tensor> composedGradient(const Pooled& p, const at::Tensor& pooled, const at::Tensor& gradient, double power,
                                         double floor, bool ofPower) {
  const at::Tensor x = raised(p.x, floor), y = pooled.unsqueeze(1), dy = gradient.unsqueeze(1);
  const at::Tensor through = at::pow(x, power - 1) * (dy * at::pow(y, 1 - power) / p.pixels);
  std::vector<at::Tensor> out = {at::where(p.x >= floor, through, at::zeros({}, through.options())).to(p.x.scalar_type())};
  if (!ofPower) return out;
  const at::Tensor powers = at::pow(x, power);
  const at::Tensor weighted = at::sum(powers * at::log(x), 1) / (at::sum(powers, 1) * power);
  out.push_back(at::sum(gradient * pooled * (weighted - at::log(pooled) / power)));
  return out;
}

}  // namespace

}  // namespace multigrain

using namespace multigrain;

// gemPool(x [N,...,C], p, floor): y [N,C]
JS_FUNCTION(gemPool) {
  const Pooled pooled = pooledOf(tensorAt(call, 0));
  const double power = call.number(1), floor = call.number(2);
  if (!takesPasses({pooled.x}))
    return give(call.env(), at::pow(at::mean(at::pow(raised(pooled.x, floor), power), {1}), 1 / power));
  at::Tensor y = at::empty({pooled.batch, pooled.channels}, pooled.x.options().dtype(at::kFloat));
  fast::gemPool({storageOf(pooled.x), pooled.x.data_ptr(), pooled.batch, pooled.pixels, pooled.channels,
                 static_cast<float>(power), static_cast<float>(floor), y.data_ptr<float>()});
  return give(call.env(), y);
}

// gemPoolGradient(dy [N,C], x, y [N,C], p, floor, ofPower): [dx, dp?]
JS_FUNCTION(gemPoolGradient) {
  const at::Tensor dy = asFloats(tensorAt(call, 0)), given = tensorAt(call, 1), y = asFloats(tensorAt(call, 2));
  const Pooled pooled = pooledOf(given);
  const double power = call.number(3), floor = call.number(4);
  const bool ofPower = call.boolean(5);
  expectShape("GeM", "a gradient", dy, {pooled.batch, pooled.channels});
  expectShape("GeM", "an output", y, dy.sizes());
  if (!takesPasses({pooled.x, y, dy})) {
    std::vector<at::Tensor> out = composedGradient(pooled, y, dy, power, floor, ofPower);
    out[0] = out[0].reshape(given.sizes());
    return giveAll(call.env(), out);
  }
  at::Tensor dx = at::empty(given.sizes(), given.options());
  at::Tensor dp = ofPower ? at::empty({}, dy.options()) : at::Tensor();
  fast::gemPoolGradient({storageOf(pooled.x), pooled.x.data_ptr(), y.data_ptr<float>(), dy.data_ptr<float>(), pooled.batch,
                         pooled.pixels, pooled.channels, static_cast<float>(power), static_cast<float>(floor),
                         dx.data_ptr(), ofPower ? dp.data_ptr<float>() : nullptr});
  std::vector<at::Tensor> out = {dx};
  if (ofPower) out.push_back(dp);
  return giveAll(call.env(), out);
}
