#include "tensors.h"

#include <ATen/ATen.h>

#include <cstring>
#include <unordered_set>

#include "device.h"

namespace multigrain {

namespace {

std::vector<at::Tensor> slots;
std::vector<int32_t> freeSlots;

struct ArrayView {
  napi_typedarray_type type;
  size_t length;
  void* data;
};

ArrayView viewOf(const Call& call, size_t position) {
  ArrayView view{};
  check(call.env(),
        napi_get_typedarray_info(call.env(), call[position], &view.type, &view.length, &view.data, nullptr, nullptr),
        "expected a typed array");
  return view;
}

at::ScalarType typeOfArray(napi_typedarray_type type) {
  switch (type) {
    case napi_float32_array: return at::kFloat;
    case napi_float64_array: return at::kDouble;
    case napi_int32_array: return at::kInt;
    case napi_uint8_array:
    case napi_uint8_clamped_array: return at::kByte;
    case napi_int8_array: return at::kChar;
    case napi_int16_array: return at::kShort;
    case napi_bigint64_array: return at::kLong;
    default: throw CodedError{"argument", "a typed array of this kind cannot become a tensor"};
  }
}

// What JavaScript reads: floats of any width as float32, integers as int32, booleans as bytes, complex as pairs of float32.
at::Tensor readable(const at::Tensor& tensor) {
  at::Tensor host = tensor.device().is_cpu() ? tensor : tensor.cpu();
  if (host.is_complex()) return at::view_as_real(host.to(at::kComplexFloat).contiguous());
  switch (host.scalar_type()) {
    case at::kBFloat16:
    case at::kHalf:
    case at::kDouble: host = host.to(at::kFloat); break;
    case at::kLong:
    case at::kShort:
    case at::kChar: host = host.to(at::kInt); break;
    default: break;
  }
  return host.contiguous();
}

napi_typedarray_type arrayOfType(at::ScalarType type) {
  if (type == at::kFloat) return napi_float32_array;
  if (type == at::kInt) return napi_int32_array;
  return napi_uint8_array;
}

}  // namespace

int32_t keep(at::Tensor tensor) {
  if (freeSlots.empty()) {
    slots.push_back(std::move(tensor));
    return static_cast<int32_t>(slots.size() - 1);
  }
  const int32_t handle = freeSlots.back();
  freeSlots.pop_back();
  slots[handle] = std::move(tensor);
  return handle;
}

const at::Tensor& tensorOf(int64_t handle) {
  if (handle < 0 || handle >= static_cast<int64_t>(slots.size()) || !slots[handle].defined())
    throw CodedError{"argument", "no tensor has the handle " + std::to_string(handle) + ": it was disposed of, or never made"};
  return slots[handle];
}

void release(int64_t handle) {
  tensorOf(handle);
  slots[handle].reset();
  freeSlots.push_back(static_cast<int32_t>(handle));
}

const at::Tensor& tensorAt(const Call& call, size_t position) { return tensorOf(call.integer(position)); }

at::Tensor optionalTensorAt(const Call& call, size_t position) {
  return call.absent(position) ? at::Tensor() : tensorAt(call, position);
}

std::vector<at::Tensor> tensorsAt(const Call& call, size_t position) {
  std::vector<at::Tensor> out;
  for (const int64_t handle : call.integers(position)) out.push_back(tensorOf(handle));
  return out;
}

napi_value give(napi_env env, at::Tensor tensor) {
  if (!tensor.defined()) return null(env);
  return fromInteger(env, keep(std::move(tensor)));
}

napi_value arrayOf(napi_env env, const at::Tensor& host) {
  napi_value buffer;
  napi_value array;
  void* data = nullptr;
  const at::Tensor values = host.is_complex() ? at::view_as_real(host) : host;
  check(env, napi_create_arraybuffer(env, values.nbytes(), &data, &buffer), "no memory for the values");
  if (values.nbytes() > 0) std::memcpy(data, values.data_ptr(), values.nbytes());
  const napi_typedarray_type type = arrayOfType(values.scalar_type());
  check(env, napi_create_typedarray(env, type, values.numel(), buffer, 0, &array), "typed array");
  return array;
}

napi_value giveAll(napi_env env, std::vector<at::Tensor> tensors) {
  napi_value out;
  napi_create_array_with_length(env, tensors.size(), &out);
  for (size_t i = 0; i < tensors.size(); i++)
    napi_set_element(env, out, static_cast<uint32_t>(i), give(env, std::move(tensors[i])));
  return out;
}

}  // namespace multigrain

using namespace multigrain;

// create(data: TypedArray, shape: number[], dtype: number, device?: string): handle. Copies the data.
JS_FUNCTION(create) {
  const ArrayView view = viewOf(call, 0);
  const std::vector<int64_t> shape = call.integers(1);
  const auto type = static_cast<at::ScalarType>(call.integer(2));
  const at::ScalarType given = typeOfArray(view.type);
  const bool isComplex = at::isComplexType(type);
  std::vector<int64_t> stored = shape;
  if (isComplex) stored.push_back(2);
  const c10::Device device = call.absent(3) ? c10::Device(c10::DeviceType::CPU) : c10::Device(call.text(3));
  at::Tensor tensor = stagingBuffer(stored, given, device);
  if (tensor.numel() != static_cast<int64_t>(view.length))
    throw CodedError{"argument", "expected " + std::to_string(tensor.numel()) + " values, got " + std::to_string(view.length)};
  if (view.length > 0) std::memcpy(tensor.data_ptr(), view.data, tensor.nbytes());
  if (isComplex) tensor = at::view_as_complex(tensor);
  return give(call.env(), moveTo(tensor, device, type));
}

// read(handle): TypedArray, a copy.
JS_FUNCTION(read) {
  return arrayOf(call.env(), readable(tensorAt(call, 0)));
}

// dispose(handle)
JS_FUNCTION(dispose) {
  release(call.integer(0));
  return nothing(call.env());
}

// share(handle): handle. A second handle of the same tensor.
JS_FUNCTION(share) { return give(call.env(), tensorAt(call, 0)); }

// reshape(handle, shape): handle. Shares memory where it can.
JS_FUNCTION(reshape) { return give(call.env(), tensorAt(call, 0).reshape(call.integers(1))); }

// contiguous(handle): handle of the same values laid out densely; the same memory when they are so already.
JS_FUNCTION(contiguous) { return give(call.env(), tensorAt(call, 0).contiguous()); }

// shape(handle): number[]
JS_FUNCTION(shape) {
  const at::IntArrayRef sizes = tensorAt(call, 0).sizes();
  return fromIntegers(call.env(), sizes.data(), sizes.size());
}

// dtype(handle): libtorch's ScalarType
JS_FUNCTION(dtype) { return fromInteger(call.env(), static_cast<int64_t>(tensorAt(call, 0).scalar_type())); }

// count(): how many tensors are kept
JS_FUNCTION(count) { return fromInteger(call.env(), static_cast<int64_t>(slots.size() - freeSlots.size())); }

// heldBytes(): memory of the kept tensors, shared memory counted once
JS_FUNCTION(heldBytes) {
  std::unordered_set<const void*> seen;
  int64_t bytes = 0;
  for (const at::Tensor& tensor : slots) {
    if (!tensor.defined() || !tensor.has_storage()) continue;
    const auto& storage = tensor.storage();
    if (seen.insert(storage.unsafeGetStorageImpl()).second) bytes += static_cast<int64_t>(storage.nbytes());
  }
  return fromNumber(call.env(), static_cast<double>(bytes));
}
