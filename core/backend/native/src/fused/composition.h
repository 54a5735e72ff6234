// Which fused operations run as compositions of libtorch's operators: all on CUDA, and on the CPU those that are told to.
#pragma once
#include <ATen/core/Tensor.h>

#include "../fast/storage.h"

namespace multigrain {

// True when MULTIGRAIN_TORCH_COMPOSITION=1, or since setCompositionOnly(true).
bool isCompositionOnly();

// Whether our own passes take these tensors: all in main memory, dense, the first one stored as float32, bfloat16 or float16.
bool takesPasses(std::initializer_list<at::Tensor> tensors);

fast::Storage storageOf(const at::Tensor& tensor);

// Refuses what does not fit, naming the operation.
void expectShape(const char* operation, const char* name, const at::Tensor& tensor, at::IntArrayRef shape);

// Dense float32, as statistics and parameters must be.
at::Tensor asFloats(const at::Tensor& tensor);

}  // namespace multigrain
