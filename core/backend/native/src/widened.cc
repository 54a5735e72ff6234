#include "widened.h"

#include <ATen/ATen.h>

namespace multigrain {

namespace {

bool isHalfOnCpu(const at::Tensor& tensor) {
  return tensor.defined() && tensor.is_cpu() && tensor.scalar_type() == at::kHalf;
}

bool holdsHalf(const c10::IValue& value) {
  if (value.isTensor()) return isHalfOnCpu(value.toTensor());
  if (!value.isTensorList()) return false;
  const auto list = value.toTensorList();
  for (size_t i = 0; i < list.size(); i++)
    if (isHalfOnCpu(list.get(i))) return true;
  return false;
}

at::Tensor widen(const at::Tensor& tensor) { return isHalfOnCpu(tensor) ? tensor.to(at::kFloat) : tensor; }

c10::IValue widen(const c10::IValue& value) {
  if (value.isTensor()) return widen(value.toTensor());
  if (!value.isTensorList()) return value;
  std::vector<at::Tensor> wide;
  for (const at::Tensor& tensor : value.toTensorVector()) wide.push_back(widen(tensor));
  return wide;
}

at::Tensor narrow(const at::Tensor& tensor) {
  return tensor.defined() && tensor.scalar_type() == at::kFloat ? tensor.to(at::kHalf) : tensor;
}

c10::IValue narrow(const c10::IValue& value) {
  if (value.isTensor()) return narrow(value.toTensor());
  if (!value.isTensorList()) return value;
  std::vector<at::Tensor> narrowed;
  for (const at::Tensor& tensor : value.toTensorVector()) narrowed.push_back(narrow(tensor));
  return narrowed;
}

// libtorch's words, the name of the operator before them.
bool isMissing(const c10::Error& error) {
  return std::string(error.what_without_backtrace()).find("not implemented for 'Half'") != std::string::npos;
}

// Results of an operator that writes into its arguments are those arguments.
bool isInPlace(const c10::FunctionSchema& schema) {
  for (const c10::Argument& result : schema.returns())
    if (result.alias_info() != nullptr && result.alias_info()->isWrite()) return true;
  return false;
}

}  // namespace

void callOrWiden(const c10::OperatorHandle& handle, torch::jit::Stack& stack) {
  bool isHalf = false;
  for (const c10::IValue& value : stack) isHalf = isHalf || holdsHalf(value);
  if (!isHalf) return handle.callBoxed(stack);
  const torch::jit::Stack arguments = stack;
  try {
    return handle.callBoxed(stack);
  } catch (const c10::Error& error) {
    if (!isMissing(error) || isInPlace(handle.schema())) throw;
  }
  stack.clear();
  for (const c10::IValue& value : arguments) stack.push_back(widen(value));
  handle.callBoxed(stack);
  for (c10::IValue& value : stack) value = narrow(value);
}

}  // namespace multigrain
