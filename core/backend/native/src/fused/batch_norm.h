// Batch norm over all but the last dimension, with an optional addition and ReLU behind it. Statistics, γ and β are float32.
#pragma once
#include <ATen/core/Tensor.h>

namespace multigrain {

// y [...,C], mean [C], inverseStd [C], and in training the new running mean and variance.
std::vector<at::Tensor> batchNorm(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta,
                                  const at::Tensor& runningMean, const at::Tensor& runningVariance,
                                  const at::Tensor& addend, double epsilon, double momentum, bool training, bool relu);

// mean [C], variance [C], divided by the number of values.
std::vector<at::Tensor> channelMoments(const at::Tensor& x);

at::Tensor scaleShift(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& addend,
                      bool relu);

struct NormGradient {
  at::Tensor dy, x, gamma;
  at::Tensor beta;  // read with relu and without y
  at::Tensor mean, inverseStd;
  at::Tensor y;  // the ReLU's output, or undefined: then its sign is computed again from x
  bool relu, addend, frozen;
};
// dx [...,C], dγ [C], dβ [C], and the addend's gradient where there is one.
std::vector<at::Tensor> batchNormGradient(const NormGradient&);

}  // namespace multigrain
