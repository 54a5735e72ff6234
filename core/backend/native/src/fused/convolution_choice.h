// Which convolutions our own kernels compute. The rule knows shapes, types and the processor's instructions, never timings, so
// that a run that goes on another day gives the same bits.
#pragma once
#include <c10/core/ScalarType.h>

#include "../fast/conv_shape.h"

namespace multigrain {

enum class Pass { kForward, kInputGradient, kFilterGradient };

bool choosesOwn(const ConvShape& shape, Pass pass, c10::ScalarType type);

}  // namespace multigrain
