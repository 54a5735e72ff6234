// Operators of float16 that libtorch has on GPUs alone: on CPUs they are computed in float32 and rounded.
#pragma once
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>

namespace multigrain {

// Calls an operator; where the CPU lacks it for float16, once more with float32 in place of it.
void callOrWiden(const c10::OperatorHandle& handle, torch::jit::Stack& stack);

}  // namespace multigrain
