// Stochastic gradient descent over all parameters of a network, and the look at their gradients before it.
#include <ATen/ATen.h>

#include <limits>

#include "../fast/sgd.h"
#include "../tensors.h"
#include "composition.h"

namespace multigrain {

namespace {

struct Step {
  double learningRate, momentum, gradientScale;
  bool nesterov;
};

bool areFloats(const std::vector<at::Tensor>& tensors) {
  for (const at::Tensor& tensor : tensors)
    if (!tensor.is_cpu() || !tensor.is_contiguous() || tensor.scalar_type() != at::kFloat) return false;
  return !isCompositionOnly();
}

// A tensor that nobody else can see may be overwritten: one handle, and no other tensor over its memory.
bool isSole(const at::Tensor& tensor) { return tensor.use_count() == 1 && tensor.storage().use_count() == 1; }

void composedStep(const Step& step, std::vector<at::Tensor>& values, const std::vector<at::Tensor>& gradients,
                  std::vector<at::Tensor>& velocities, const std::vector<double>& decays) {
  for (size_t i = 0; i < values.size(); i++) {
    at::Tensor g = step.gradientScale == 1 ? gradients[i] : gradients[i] * step.gradientScale;
    if (decays[i] != 0) g = g + values[i] * decays[i];
    if (!velocities.empty()) {
      velocities[i] = velocities[i] * step.momentum + g;
      g = step.nesterov ? g + velocities[i] * step.momentum : velocities[i];
    }
    values[i] = values[i] - g * step.learningRate;
  }
}

}  // namespace

}  // namespace multigrain

using namespace multigrain;

// sgd(values, gradients, velocities, weightDecays, mayOverwrite, learningRate, momentum, nesterov, gradientScale):
// [values..., velocities...]. Values and velocities marked in mayOverwrite (values first) give their memory to the results
// when no other tensor shares it.
JS_FUNCTION(sgd) {
  const std::vector<int64_t> valueHandles = call.integers(0), velocityHandles = call.integers(2);
  const std::vector<at::Tensor> gradients = tensorsAt(call, 1);
  const std::vector<double> decays = call.numbers(3), overwrite = call.numbers(4);
  const Step step{call.number(5), call.number(6), call.number(8), call.boolean(7)};
  const size_t count = valueHandles.size();
  if (gradients.size() != count || decays.size() != count || (velocityHandles.size() != count && !velocityHandles.empty()) ||
      overwrite.size() != count + velocityHandles.size())
    throw CodedError{"argument", "sgd: expected as many gradients, velocities and decays as values"};

  // Whether memory may be reused is seen before the vectors below hold the tensors once more.
  const auto targetOf = [&](int64_t handle, size_t position) {
    const at::Tensor& tensor = tensorOf(handle);
    const bool isFree = overwrite[position] != 0 && isSole(tensor);
    return isFree ? tensor : at::Tensor();
  };
  std::vector<at::Tensor> values, velocities, targets;
  for (size_t i = 0; i < count; i++) targets.push_back(targetOf(valueHandles[i], i));
  for (size_t i = 0; i < velocityHandles.size(); i++) targets.push_back(targetOf(velocityHandles[i], count + i));
  for (const int64_t handle : valueHandles) values.push_back(tensorOf(handle));
  for (const int64_t handle : velocityHandles) velocities.push_back(tensorOf(handle));
  for (size_t i = 0; i < count; i++) {
    expectShape("sgd", "a gradient", gradients[i], values[i].sizes());
    if (!velocities.empty()) expectShape("sgd", "a velocity", velocities[i], values[i].sizes());
  }
  if (!areFloats(values) || !areFloats(gradients) || !areFloats(velocities)) {
    composedStep(step, values, gradients, velocities, decays);
    values.insert(values.end(), velocities.begin(), velocities.end());
    return giveAll(call.env(), values);
  }
  std::vector<fast::SgdParameter> parameters;
  for (size_t i = 0; i < targets.size(); i++)
    if (!targets[i].defined()) targets[i] = at::empty_like(i < count ? values[i] : velocities[i - count]);
  for (size_t i = 0; i < count; i++) {
    const bool moves = !velocities.empty();
    parameters.push_back({values[i].data_ptr<float>(), gradients[i].data_ptr<float>(),
                          moves ? velocities[i].data_ptr<float>() : nullptr, targets[i].data_ptr<float>(),
                          moves ? targets[count + i].data_ptr<float>() : nullptr, values[i].numel(),
                          static_cast<float>(decays[i])});
  }
  fast::sgdStep({parameters.data(), static_cast<int64_t>(count), static_cast<float>(step.learningRate),
                 static_cast<float>(step.momentum), static_cast<float>(step.gradientScale), step.nesterov});
  return giveAll(call.env(), targets);
}

// allFinite(tensors): a scalar, 1 when all values are finite and NaN otherwise
JS_FUNCTION(allFinite) {
  const std::vector<at::Tensor> tensors = tensorsAt(call, 0);
  if (tensors.empty()) throw CodedError{"argument", "allFinite: expected at least one tensor"};
  if (areFloats(tensors)) {
    std::vector<fast::GradientSpan> spans;
    for (const at::Tensor& tensor : tensors) spans.push_back({tensor.data_ptr<float>(), tensor.numel()});
    fast::FiniteCheck found{spans.data(), static_cast<int64_t>(spans.size()), -1};
    fast::findNonFinite(found);
    return give(call.env(), at::scalar_tensor(found.firstBad < 0 ? 1.0 : std::numeric_limits<double>::quiet_NaN(), at::kFloat));
  }
  std::vector<at::Tensor> sums;
  for (const at::Tensor& tensor : tensors) sums.push_back(at::sum(tensor, at::kFloat));
  return give(call.env(), at::sum(at::stack(sums)) * 0 + 1);
}
