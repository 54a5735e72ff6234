#include "batch_norm.h"

#include <ATen/ATen.h>

#include <cmath>

#include "../fast/batch_norm.h"
#include "../tensors.h"
#include "composition.h"

namespace multigrain {

namespace {

int64_t channelsOf(const at::Tensor& x) {
  if (x.dim() < 1) throw CodedError{"argument", "batch norm: expected a tensor [...,C], got a scalar"};
  return x.size(-1);
}
int64_t rowsOf(const at::Tensor& x) { return channelsOf(x) == 0 ? 0 : x.numel() / x.size(-1); }

at::Tensor vectorLike(const at::Tensor& x) { return at::empty({channelsOf(x)}, x.options().dtype(at::kFloat)); }
float* floats(const at::Tensor& tensor) { return tensor.defined() ? tensor.data_ptr<float>() : nullptr; }
void* memory(const at::Tensor& tensor) { return tensor.defined() ? tensor.data_ptr() : nullptr; }

void expectVector(const char* name, const at::Tensor& vector, const at::Tensor& x) {
  expectShape("batch norm", name, vector, {channelsOf(x)});
}

// The types that a pass reads side by side must be one.
at::Tensor stored(const at::Tensor& tensor, const at::Tensor& like) {
  return tensor.defined() ? tensor.to(like.scalar_type()).contiguous() : tensor;
}

std::vector<at::Tensor> composedMoments(const at::Tensor& x) {
  const at::Tensor rows = x.to(at::kFloat).reshape({rowsOf(x), channelsOf(x)});
  auto [variance, mean] = at::var_mean(rows, at::IntArrayRef{0}, /*unbiased=*/false);
  return {mean, variance};
}

at::Tensor composedScaleShift(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift,
                              const at::Tensor& addend, bool relu) {
  at::Tensor y = at::addcmul(shift, x.to(at::kFloat), scale);
  if (addend.defined()) y = y + addend;
  if (relu) y = at::relu(y);
  return y.to(x.scalar_type());
}

std::vector<at::Tensor> composedGradient(const NormGradient& p, const at::Tensor& scale, const at::Tensor& shift) {
  const int64_t rows = rowsOf(p.x), channels = channelsOf(p.x);
  const at::Tensor x = p.x.to(at::kFloat);
  at::Tensor dz = p.dy.to(at::kFloat);
  if (p.relu) {
    const at::Tensor y = p.y.defined() ? p.y : at::addcmul(shift, x, scale);
    dz = at::where(y > 0, dz, at::zeros({}, dz.options()));
  }
  const at::Tensor normalised = (x - p.mean) * p.inverseStd;
  const at::Tensor dgamma = (dz * normalised).reshape({rows, channels}).sum(0), dbeta = dz.reshape({rows, channels}).sum(0);
  const at::Tensor ofStatistics = p.frozen ? dz : dz - dbeta / rows - normalised * (dgamma / rows);
  std::vector<at::Tensor> out = {(ofStatistics * (p.gamma * p.inverseStd)).to(p.dy.scalar_type()), dgamma, dbeta};
  if (p.addend) out.push_back(p.relu ? dz.to(p.dy.scalar_type()) : p.dy);
  return out;
}

}  // namespace

std::vector<at::Tensor> channelMoments(const at::Tensor& input) {
  const at::Tensor x = input.contiguous();
  if (!takesPasses({x})) return composedMoments(x);
  at::Tensor mean = vectorLike(x), variance = vectorLike(x);
  fast::channelMoments({storageOf(x), x.data_ptr(), rowsOf(x), channelsOf(x), floats(mean), floats(variance)});
  return {mean, variance};
}

at::Tensor scaleShift(const at::Tensor& input, const at::Tensor& scale, const at::Tensor& shift,
                      const at::Tensor& addend, bool relu) {
  expectVector("scale", scale, input);
  expectVector("shift", shift, input);
  if (addend.defined()) expectShape("batch norm", "an addend", addend, input.sizes());
  const at::Tensor x = input.contiguous(), added = stored(addend, x), a = asFloats(scale), b = asFloats(shift);
  if (!takesPasses({x, a, b, added})) return composedScaleShift(x, a, b, added, relu);
  at::Tensor y = at::empty_like(x);
  fast::scaleShift({storageOf(x), x.data_ptr(), floats(a), floats(b), memory(added), relu, y.data_ptr(), rowsOf(x), channelsOf(x)});
  return y;
}

namespace {

// The vectors are short: on the CPU, loops cost less than libtorch's operators.
struct Factors {
  at::Tensor scale, shift;
};

Factors factorsOf(const at::Tensor& gamma, const at::Tensor& beta, const at::Tensor& mean, const at::Tensor& inverseStd) {
  if (!takesPasses({gamma, beta, mean, inverseStd})) {
    const at::Tensor scale = gamma * inverseStd;
    return {scale, beta - mean * scale};
  }
  Factors out{at::empty_like(gamma), at::empty_like(gamma)};
  const float *g = floats(gamma), *b = floats(beta), *m = floats(mean), *i = floats(inverseStd);
  for (int64_t c = 0; c < gamma.numel(); c++) {
    const double scale = static_cast<double>(g[c]) * i[c];
    floats(out.scale)[c] = static_cast<float>(scale);
    floats(out.shift)[c] = static_cast<float>(b[c] - m[c] * scale);
  }
  return out;
}

at::Tensor inverseOf(const at::Tensor& variance, double epsilon) {
  if (!takesPasses({variance})) return at::rsqrt(variance + epsilon);
  at::Tensor out = at::empty_like(variance);
  for (int64_t c = 0; c < variance.numel(); c++)
    floats(out)[c] = static_cast<float>(1 / std::sqrt(floats(variance)[c] + epsilon));
  return out;
}

// old·(1 − momentum) + fresh·factor·momentum
at::Tensor blend(const at::Tensor& old, const at::Tensor& fresh, double factor, double momentum) {
  if (!takesPasses({old, fresh})) return old * (1 - momentum) + fresh * (factor * momentum);
  at::Tensor out = at::empty_like(old);
  for (int64_t c = 0; c < old.numel(); c++)
    floats(out)[c] = static_cast<float>(floats(old)[c] * (1 - momentum) + floats(fresh)[c] * factor * momentum);
  return out;
}

}  // namespace

std::vector<at::Tensor> batchNorm(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                                  const at::Tensor& runningMean, const at::Tensor& runningVariance,
                                  const at::Tensor& addend, double epsilon, double momentum, bool training, bool relu) {
  expectVector("gamma", gamma, x);
  expectVector("beta", beta, x);
  expectVector("a running mean", runningMean, x);
  expectVector("a running variance", runningVariance, x);
  const at::Tensor oldMean = asFloats(runningMean), oldVariance = asFloats(runningVariance);
  std::vector<at::Tensor> moments = training ? channelMoments(x) : std::vector<at::Tensor>{oldMean, oldVariance};
  const at::Tensor mean = moments[0], inverseStd = inverseOf(moments[1], epsilon);
  const Factors factors = factorsOf(asFloats(gamma), asFloats(beta), mean, inverseStd);
  std::vector<at::Tensor> out = {scaleShift(x, factors.scale, factors.shift, addend, relu), mean, inverseStd};
  if (training) {
    const double count = static_cast<double>(rowsOf(x));
    out.push_back(blend(oldMean, mean, 1, momentum));
    out.push_back(blend(oldVariance, moments[1], count / (count - 1), momentum));
  }
  return out;
}

std::vector<at::Tensor> batchNormGradient(const NormGradient& given) {
  NormGradient p = given;
  expectShape("batch norm", "a gradient", p.dy, p.x.sizes());
  if (p.y.defined()) expectShape("batch norm", "an output", p.y, p.x.sizes());
  for (const at::Tensor& vector : {p.gamma, p.mean, p.inverseStd}) expectVector("gamma, mean and 1/σ", vector, p.x);
  if (p.relu && !p.y.defined() && !p.beta.defined())
    throw CodedError{"argument", "batch norm: the gradient of a ReLU needs its output y, or beta"};
  p.x = p.x.contiguous();
  p.dy = stored(p.dy, p.x), p.y = p.relu ? stored(p.y, p.x) : at::Tensor();
  p.gamma = asFloats(p.gamma), p.mean = asFloats(p.mean), p.inverseStd = asFloats(p.inverseStd);
  const bool needsFactors = p.relu && !p.y.defined();
  const Factors factors = needsFactors ? factorsOf(p.gamma, asFloats(p.beta), p.mean, p.inverseStd) : Factors{};
  if (!takesPasses({p.x, p.dy, p.y, p.gamma, p.mean, p.inverseStd})) return composedGradient(p, factors.scale, factors.shift);

  at::Tensor dx = at::empty_like(p.x), dgamma = vectorLike(p.x), dbeta = vectorLike(p.x);
  at::Tensor dz = p.addend && p.relu ? at::empty_like(p.x) : at::Tensor();
  fast::batchNormGradient({storageOf(p.x), p.dy.data_ptr(), p.x.data_ptr(), memory(p.y), p.relu, p.frozen, rowsOf(p.x),
                           channelsOf(p.x), floats(p.gamma), floats(p.mean), floats(p.inverseStd), floats(factors.scale),
                           floats(factors.shift), dx.data_ptr(), floats(dgamma), floats(dbeta), memory(dz)});
  std::vector<at::Tensor> out = {dx, dgamma, dbeta};
  if (p.addend) out.push_back(p.relu ? dz : p.dy);
  return out;
}

}  // namespace multigrain

using namespace multigrain;

// channelMoments(x): [mean, variance]
JS_FUNCTION(channelMoments) { return giveAll(call.env(), multigrain::channelMoments(tensorAt(call, 0))); }

// scaleShift(x, scale, shift, addend | null, relu): y
JS_FUNCTION(scaleShift) {
  return give(call.env(), multigrain::scaleShift(tensorAt(call, 0), tensorAt(call, 1), tensorAt(call, 2),
                                                 optionalTensorAt(call, 3), call.boolean(4)));
}

// batchNorm(x, gamma, beta, runningMean, runningVariance, addend | null, epsilon, momentum, training, relu):
// [y, mean, inverseStd] and in training also [runningMean, runningVariance]
JS_FUNCTION(batchNorm) {
  return giveAll(call.env(), multigrain::batchNorm(tensorAt(call, 0), tensorAt(call, 1), tensorAt(call, 2), tensorAt(call, 3),
                                                   tensorAt(call, 4), optionalTensorAt(call, 5), call.number(6),
                                                   call.number(7), call.boolean(8), call.boolean(9)));
}

// batchNormGradient(dy, x, gamma, beta | null, mean, inverseStd, y | null, relu, addend, frozen): [dx, dgamma, dbeta, daddend?]
JS_FUNCTION(batchNormGradient) {
  return giveAll(call.env(), multigrain::batchNormGradient({tensorAt(call, 0), tensorAt(call, 1), tensorAt(call, 2),
                                                            optionalTensorAt(call, 3), tensorAt(call, 4), tensorAt(call, 5),
                                                            optionalTensorAt(call, 6), call.boolean(7), call.boolean(8),
                                                            call.boolean(9)}));
}
