// What JavaScript sees: `make(bytes, plan, target, resampler?)`, `crc32c(bytes)`, and what this decoder is. core/data/jpeg/binding.ts says it in types.
#define NAPI_VERSION 8
#include <node_api.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string>

#include <jpeglib.h>

#include "crc32c.h"
#include "picture.h"

namespace {

using jpeg::Plan;
using jpeg::Scratch;

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

napi_value fail(napi_env env, const std::string& message) {
  napi_throw_error(env, nullptr, ("jpeg.make: " + message).c_str());
  return nullptr;
}

struct View {
  uint8_t* data = nullptr;
  size_t length = 0;
};

/// Elements of a typed array; shared memory is as good as any.
bool viewOf(napi_env env, napi_value value, napi_typedarray_type wanted, View& view) {
  bool isTypedArray = false;
  if (napi_is_typedarray(env, value, &isTypedArray) != napi_ok || !isTypedArray) return false;
  napi_typedarray_type type;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &view.length, &data, nullptr, nullptr) != napi_ok) return false;
  view.data = static_cast<uint8_t*>(data);
  return type == wanted;
}

const jpeg::Resampler* resamplerAt(napi_env env, napi_value value) {
  uint32_t wanted = 0;
  if (napi_get_value_uint32(env, value, &wanted) != napi_ok) return &jpeg::fastestResampler();
  const jpeg::Resampler* const* at = jpeg::availableResamplers();
  for (uint32_t place = 0; *at != nullptr; place++, at++)
    if (place == wanted) return *at;
  return nullptr;
}

napi_value make(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value given[4];
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, given, nullptr, nullptr) != napi_ok || count < 3)
    return fail(env, "expected bytes, plan and target");
  if (napi_get_instance_data(env, &data) != napi_ok || data == nullptr) return fail(env, "this thread is ending");
  View bytes, numbers, target;
  if (!viewOf(env, given[0], napi_uint8_array, bytes)) return fail(env, "bytes: expected a Uint8Array");
  if (!viewOf(env, given[1], napi_int32_array, numbers) || numbers.length != jpeg::planFields)
    return fail(env, "plan: expected an Int32Array of " + std::to_string(jpeg::planFields));
  if (!viewOf(env, given[2], napi_uint8_array, target)) return fail(env, "target: expected a Uint8Array");
  Plan plan;
  std::memcpy(&plan, numbers.data, sizeof plan);
  if (const char* fault = jpeg::faultOf(plan)) return fail(env, std::string("plan: ") + fault + " cannot be right");
  const size_t wanted = static_cast<size_t>(plan.windowWidth) * plan.windowHeight * plan.channels;
  if (target.length != wanted)
    return fail(env, "target: expected " + std::to_string(wanted) + " bytes, got " + std::to_string(target.length));
  const jpeg::Resampler* resampler = count > 3 ? resamplerAt(env, given[3]) : &jpeg::fastestResampler();
  if (resampler == nullptr) return fail(env, "resampler: there is none of that number");
  Scratch& scratch = *static_cast<Scratch*>(data);
  bool isMade = false;
  try {
    isMade = jpeg::makePicture(bytes.data, bytes.length, plan, target.data, scratch, *resampler);
  } catch (const std::bad_alloc&) {
    isMade = false;  // the other decoder may manage with less
  }
  scratch.trim();
  napi_value result = nullptr;
  napi_get_boolean(env, isMade, &result);
  return result;
}

napi_value checksum(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value given[1];
  View bytes;
  if (napi_get_cb_info(env, info, &count, given, nullptr, nullptr) != napi_ok || count < 1 ||
      !viewOf(env, given[0], napi_uint8_array, bytes)) {
    napi_throw_error(env, nullptr, "crc32c: expected a Uint8Array");
    return nullptr;
  }
  napi_value result = nullptr;
  napi_create_uint32(env, crc::crc32c(bytes.data, bytes.length), &result);
  return result;
}

napi_value text(napi_env env, const char* value) {
  napi_value made = nullptr;
  napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &made);
  return made;
}

napi_value resamplerNames(napi_env env) {
  napi_value names = nullptr;
  napi_create_array(env, &names);
  uint32_t place = 0;
  for (const jpeg::Resampler* const* at = jpeg::availableResamplers(); *at != nullptr; at++)
    napi_set_element(env, names, place++, text(env, (*at)->name));
  return names;
}

}  // namespace

// Every thread that loads the addon has memory of its own.
NAPI_MODULE_INIT() {
  auto* scratch = new (std::nothrow) Scratch;
  const auto free = [](napi_env, void* data, void*) { delete static_cast<Scratch*>(data); };
  if (scratch == nullptr || napi_set_instance_data(env, scratch, free, nullptr) != napi_ok) {
    delete scratch;
    napi_throw_error(env, nullptr, "jpeg: no memory");
    return nullptr;
  }
  napi_value function = nullptr;
  napi_create_function(env, "make", NAPI_AUTO_LENGTH, make, nullptr, &function);
  const napi_property_descriptor properties[] = {
      {"make", nullptr, nullptr, nullptr, nullptr, function, napi_enumerable, nullptr},
      {"library", nullptr, nullptr, nullptr, nullptr, text(env, "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION)),
       napi_enumerable, nullptr},
      {"resamplers", nullptr, nullptr, nullptr, nullptr, resamplerNames(env), napi_enumerable, nullptr},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof properties[0], properties);
  if (crc::isQuick()) {
    napi_value quick = nullptr;
    napi_create_function(env, "crc32c", NAPI_AUTO_LENGTH, checksum, nullptr, &quick);
    napi_set_named_property(env, exports, "crc32c", quick);
  }
  return exports;
}
