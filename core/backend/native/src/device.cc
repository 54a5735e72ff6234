#include "device.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "async.h"
#include "cuda-driver.h"
#include "tensors.h"

namespace multigrain {

namespace {

// The type in which JavaScript reads a tensor: see `read` in tensors.cc.
at::ScalarType readableType(const at::Tensor& tensor) {
  if (tensor.is_complex()) return at::kComplexFloat;
  if (tensor.is_floating_point()) return at::kFloat;
  const at::ScalarType type = tensor.scalar_type();
  return type == at::kBool || type == at::kByte ? type : at::kInt;
}

// A copy on its way from a device to the host.
struct Transfer {
  at::Tensor host;
  std::unique_ptr<c10::Event> arrived;

  // An event has no call that waits in every libtorch, so that it is asked.
  void wait() const {
    while (arrived && !arrived->query()) std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
};

std::shared_ptr<Transfer> startTransfer(const at::Tensor& tensor) {
  auto transfer = std::make_shared<Transfer>();
  const at::Tensor readable = tensor.to(readableType(tensor)).contiguous();
  const c10::Device device = tensor.device();
  transfer->host = stagingBuffer(readable.sizes(), readable.scalar_type(), device);
  transfer->host.copy_(readable, /*non_blocking=*/true);
  if (device.is_cuda()) {
    const c10::impl::VirtualGuardImpl guard(device.type());
    transfer->arrived = std::make_unique<c10::Event>(device.type());
    transfer->arrived->record(guard.getStream(device));
  }
  return transfer;
}

int deviceCount(c10::DeviceType type) {
  if (type == c10::DeviceType::CPU) return 1;
  return c10::impl::hasDeviceGuardImpl(type) ? c10::impl::VirtualGuardImpl(type).deviceCount() : 0;
}

}  // namespace

at::Tensor stagingBuffer(at::IntArrayRef shape, at::ScalarType type, c10::Device target) {
  if (target.is_cuda()) {
    try {
      return at::empty(shape, at::TensorOptions(type).pinned_memory(true));
    } catch (const c10::Error&) {
      // The system allows no more locked pages: a plain copy is slower, and right.
    }
  }
  return at::empty(shape, type);
}

at::Tensor moveTo(const at::Tensor& staged, c10::Device target, at::ScalarType type) {
  // Converted over there: fewer bytes to copy for what grows, and the host has other things to do.
  return staged.to(target, staged.scalar_type(), /*non_blocking=*/true).to(type);
}

void synchronise(c10::Device device) {
  if (!device.is_cuda()) return;
  const c10::impl::VirtualGuardImpl guard(device.type());
  guard.synchronizeStream(guard.getStream(device));
}

}  // namespace multigrain

using namespace multigrain;

// devices(): { name, title, totalBytes, freeBytes, capability }[], main memory first; -1 and '' for what is not known.
JS_FUNCTION(devices) {
  const napi_env env = call.env();
  napi_value out;
  napi_create_array(env, &out);
  const auto add = [&](const std::string& name, const DriverFacts& facts) {
    napi_value each = object(env);
    setField(env, each, "name", fromText(env, name));
    setField(env, each, "title", fromText(env, facts.title));
    setField(env, each, "totalBytes", fromNumber(env, facts.totalBytes));
    setField(env, each, "capability", fromText(env, facts.capability));
    napi_set_element(env, out, lengthOf(env, out), each);
  };
  add("cpu", DriverFacts{});
  for (int i = 0; i < deviceCount(c10::DeviceType::CUDA); i++) add("cuda:" + std::to_string(i), driverFacts(i));
  return out;
}

// deviceMemory(device): { freeBytes, totalBytes } as its driver tells; -1 where nothing does.
JS_FUNCTION(deviceMemory) {
  const c10::Device device(call.text(0));
  const DriverMemory memory = device.is_cuda() ? driverMemory(device.index()) : DriverMemory{};
  napi_value out = object(call.env());
  setField(call.env(), out, "freeBytes", fromNumber(call.env(), memory.freeBytes));
  setField(call.env(), out, "totalBytes", fromNumber(call.env(), memory.totalBytes));
  return out;
}

// readLater(handle): promise of what `read` gives. The device goes on computing, and so does JavaScript.
JS_FUNCTION(readLater) {
  const auto transfer = startTransfer(tensorAt(call, 0));
  return inBackground(
      call.env(), [transfer] { transfer->wait(); },
      [transfer](napi_env env) { return arrayOf(env, transfer->host); });
}

// synchronise(device)
JS_FUNCTION(synchronise) {
  synchronise(c10::Device(call.text(0)));
  return nothing(call.env());
}

// seed(number): of libtorch's own generators, on every device.
JS_FUNCTION(seed) {
  at::manual_seed(static_cast<uint64_t>(call.integer(0)));
  return nothing(call.env());
}

// setArithmetic(tf32, autotune, deterministic): how CUDA computes. Nothing changes on a processor.
JS_FUNCTION(setArithmetic) {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuBLAS(call.boolean(0));
  context.setAllowTF32CuDNN(call.boolean(0));
  context.setBenchmarkCuDNN(call.boolean(1));
  context.setDeterministicCuDNN(call.boolean(2));
  return nothing(call.env());
}

// deviceOf(handle): where a tensor lives, as `cpu` or `cuda:0`
JS_FUNCTION(deviceOf) { return fromText(call.env(), tensorAt(call, 0).device().str()); }
