// Stochastic gradient descent over all parameters of a network in one call; everything is float32.
#pragma once
#include <cstdint>

namespace multigrain::fast {

struct SgdParameter {
  const float* value;
  const float* gradient;
  const float* velocity;  // null without momentum
  float* newValue;        // may be value
  float* newVelocity;     // may be velocity
  int64_t count;
  float weightDecay;
};

struct SgdStep {
  const SgdParameter* parameters;
  int64_t parameterCount;
  float learningRate, momentum;
  float gradientScale;  // multiplies every gradient: 1 / the loss scale
  bool nesterov;
};
// Every operation is rounded on its own, as in a composition of single operations.
void sgdStep(const SgdStep&);

struct GradientSpan {
  const float* values;
  int64_t count;
};
struct FiniteCheck {
  const GradientSpan* spans;
  int64_t spanCount;
  int64_t firstBad;  // outcome: the first span with NaN or infinity in it, or -1
};
void findNonFinite(FiniteCheck&);

}  // namespace multigrain::fast
