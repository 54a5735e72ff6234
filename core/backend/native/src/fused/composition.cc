#include "composition.h"

#include <ATen/ATen.h>

#include <cstdlib>
#include <cstring>
#include <sstream>

#include "../fast/passes.h"
#include "../tensors.h"

namespace multigrain {

namespace {

bool asked() {
  const char* value = std::getenv("MULTIGRAIN_TORCH_COMPOSITION");
  return value && std::strcmp(value, "1") == 0;
}

bool compositionOnly = asked();

bool isStored(const at::Tensor& tensor) {
  const at::ScalarType type = tensor.scalar_type();
  return type == at::kFloat || type == at::kBFloat16 || type == at::kHalf;
}

}  // namespace

bool isCompositionOnly() { return compositionOnly; }

bool takesPasses(std::initializer_list<at::Tensor> tensors) {
  if (compositionOnly) return false;
  bool isFirst = true;
  for (const at::Tensor& tensor : tensors) {
    if (!tensor.defined()) continue;
    if (!tensor.is_cpu() || !tensor.is_contiguous() || (isFirst && !isStored(tensor))) return false;
    if (tensor.numel() == 0) return false;
    isFirst = false;
  }
  return true;
}

fast::Storage storageOf(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat: return fast::Storage::float32;
    case at::kBFloat16: return fast::Storage::bfloat16;
    default: return fast::Storage::float16;
  }
}

void expectShape(const char* operation, const char* name, const at::Tensor& tensor, at::IntArrayRef shape) {
  if (tensor.sizes() == shape) return;
  std::ostringstream message;
  message << operation << ": expected " << name << " of shape " << shape << ", got " << tensor.sizes();
  throw CodedError{"argument", message.str()};
}

at::Tensor asFloats(const at::Tensor& tensor) { return tensor.to(at::kFloat).contiguous(); }

}  // namespace multigrain

using namespace multigrain;

// setCompositionOnly(isOn): whether fused operations run as compositions of libtorch's operators on the CPU too
JS_FUNCTION(setCompositionOnly) {
  compositionOnly = call.boolean(0);
  return nothing(call.env());
}

// setInstructionSet(level): 0 plain, 1 AVX2, 2 AVX-512, 3 AVX-512 with bfloat16. Gives false when the processor has it not.
JS_FUNCTION(setInstructionSet) {
  const int64_t level = call.integer(0);
  if (level < 0 || level > 3) throw CodedError{"argument", "expected an instruction set from 0 to 3"};
  return fromBoolean(call.env(), fast::chooseIsa(static_cast<fast::Isa>(level)));
}

// instructionSet(): the one that fused operations run on
JS_FUNCTION(instructionSet) { return fromInteger(call.env(), static_cast<int64_t>(fast::isa())); }
