// Images from bytes, scaled per channel, in the storage that a network wants.
#include <ATen/ATen.h>

#include "../device.h"
#include "../fast/convert.h"
#include "../tensors.h"
#include "composition.h"

using namespace multigrain;

namespace {

std::vector<float> floatsAt(const Call& call, size_t position, int64_t count) {
  const std::vector<double> numbers = call.numbers(position);
  if (static_cast<int64_t>(numbers.size()) != count)
    throw CodedError{"argument", "images: expected " + std::to_string(count) + " numbers per channel, got " + std::to_string(numbers.size())};
  return {numbers.begin(), numbers.end()};
}

}  // namespace

// normaliseImages(bytes: Uint8Array, shape, scale: number[C], shift: number[C], dtype, device): bytes · scale + shift
JS_FUNCTION(normaliseImages) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  check(call.env(), napi_get_typedarray_info(call.env(), call[0], &type, &length, &data, nullptr, nullptr),
        "images: expected a typed array");
  if (type != napi_uint8_array && type != napi_uint8_clamped_array)
    throw CodedError{"argument", "images: expected bytes"};
  const std::vector<int64_t> shape = call.integers(1);
  if (shape.empty()) throw CodedError{"argument", "images: expected a shape [...,C]"};
  const int64_t channels = shape.back();
  const std::vector<float> scale = floatsAt(call, 2, channels), shift = floatsAt(call, 3, channels);
  const auto stored = static_cast<at::ScalarType>(call.integer(4));
  const c10::Device device(call.text(5));
  if (c10::multiply_integers(shape) != static_cast<int64_t>(length))
    throw CodedError{"argument", "images: expected " + std::to_string(c10::multiply_integers(shape)) + " bytes, got " + std::to_string(length)};

  at::Tensor y = at::empty(shape, at::TensorOptions(stored));
  if (device.is_cpu() && takesPasses({y})) {
    fast::normaliseImages({static_cast<const uint8_t*>(data), y.numel() / channels, channels, scale.data(), shift.data(),
                           storageOf(y), y.data_ptr()});
    return give(call.env(), y);
  }
  const at::Tensor bytes = stagingBuffer(shape, at::kByte, device);
  if (length > 0) std::memcpy(bytes.data_ptr(), data, length);
  const auto vector = [&](const std::vector<float>& values) { return at::tensor(values).to(device); };
  const at::Tensor floats = moveTo(bytes, device, at::kByte).to(at::kFloat);
  return give(call.env(), at::addcmul(vector(shift), floats, vector(scale)).to(stored));
}
