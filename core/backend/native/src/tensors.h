// The tensors that JavaScript knows, each by a small integer. They belong to the thread that loaded the addon.
#pragma once
#include <ATen/core/Tensor.h>

#include "js.h"

namespace multigrain {

// Keeps a tensor until it is released. Handles of released tensors are used again.
int32_t keep(at::Tensor tensor);
// Throws for a handle that stands for nothing.
const at::Tensor& tensorOf(int64_t handle);
void release(int64_t handle);

const at::Tensor& tensorAt(const Call& call, size_t position);
// An undefined tensor when the argument is absent.
at::Tensor optionalTensorAt(const Call& call, size_t position);
std::vector<at::Tensor> tensorsAt(const Call& call, size_t position);

// A handle for a result; null for an undefined tensor.
napi_value give(napi_env env, at::Tensor tensor);
// A typed array with a copy of a dense tensor of main memory.
napi_value arrayOf(napi_env env, const at::Tensor& host);
// An array of handles.
napi_value giveAll(napi_env env, std::vector<at::Tensor> tensors);

}  // namespace multigrain
