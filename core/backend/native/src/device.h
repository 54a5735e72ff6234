// Devices, written once for main memory and CUDA: no header of CUDA is needed, as everything goes through libtorch's registry of
// devices.
#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

namespace multigrain {

// Memory of the host to fill and then hand to `moveTo`: page-locked when the device copies from such memory by itself.
at::Tensor stagingBuffer(at::IntArrayRef shape, at::ScalarType type, c10::Device target);

// A tensor on the device. From page-locked memory the copy goes on while JavaScript does; libtorch keeps that memory until it ends.
at::Tensor moveTo(const at::Tensor& staged, c10::Device target, at::ScalarType type);

// Waits until the device has done all that it was told.
void synchronise(c10::Device device);

}  // namespace multigrain
