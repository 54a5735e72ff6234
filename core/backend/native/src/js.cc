#include "js.h"

#include <c10/util/Exception.h>

namespace multigrain {

namespace {

const Exported* first = nullptr;

bool mentions(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

// Allocation failures of the CPU and CUDA allocators differ in words only.
const char* codeOf(const std::string& message) {
  const bool isMemory = mentions(message, "not enough memory") || mentions(message, "can't allocate memory") ||
                        mentions(message, "out of memory") || mentions(message, "std::bad_alloc");
  return isMemory ? "out-of-memory" : "torch";
}

}  // namespace

Call::Call(napi_env env, napi_callback_info info) : env_(env) {
  check(env, napi_get_cb_info(env, info, &count_, values_, nullptr, nullptr), "arguments");
}

bool Call::absent(size_t position) const { return position >= count_ || isAbsent(env_, values_[position]); }
int64_t Call::integer(size_t position) const { return toInteger(env_, values_[position]); }
double Call::number(size_t position) const { return toNumber(env_, values_[position]); }
std::string Call::text(size_t position) const { return toText(env_, values_[position]); }

bool Call::boolean(size_t position) const {
  bool value = false;
  check(env_, napi_get_value_bool(env_, values_[position], &value), "expected a boolean");
  return value;
}

std::vector<int64_t> Call::integers(size_t position) const {
  std::vector<int64_t> out(lengthOf(env_, values_[position]));
  for (uint32_t i = 0; i < out.size(); i++) out[i] = toInteger(env_, elementOf(env_, values_[position], i));
  return out;
}

std::vector<double> Call::numbers(size_t position) const {
  std::vector<double> out(lengthOf(env_, values_[position]));
  for (uint32_t i = 0; i < out.size(); i++) out[i] = toNumber(env_, elementOf(env_, values_[position], i));
  return out;
}

int64_t toInteger(napi_env env, napi_value value) {
  int64_t out = 0;
  check(env, napi_get_value_int64(env, value, &out), "expected an integer");
  return out;
}

double toNumber(napi_env env, napi_value value) {
  double out = 0;
  check(env, napi_get_value_double(env, value, &out), "expected a number");
  return out;
}

std::string toText(napi_env env, napi_value value) {
  size_t length = 0;
  check(env, napi_get_value_string_utf8(env, value, nullptr, 0, &length), "expected a string");
  std::string out(length, '\0');
  napi_get_value_string_utf8(env, value, out.data(), length + 1, &length);
  return out;
}

napi_valuetype typeOf(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  napi_typeof(env, value, &type);
  return type;
}

bool isAbsent(napi_env env, napi_value value) {
  const napi_valuetype type = typeOf(env, value);
  return type == napi_undefined || type == napi_null;
}

bool isArray(napi_env env, napi_value value) {
  bool out = false;
  napi_is_array(env, value, &out);
  return out;
}

uint32_t lengthOf(napi_env env, napi_value array) {
  uint32_t length = 0;
  check(env, napi_get_array_length(env, array, &length), "expected an array");
  return length;
}

napi_value elementOf(napi_env env, napi_value array, uint32_t index) {
  napi_value out;
  check(env, napi_get_element(env, array, index, &out), "array element");
  return out;
}

napi_value fromInteger(napi_env env, int64_t value) {
  napi_value out;
  if (value >= INT32_MIN && value <= INT32_MAX) napi_create_int32(env, static_cast<int32_t>(value), &out);
  else napi_create_int64(env, value, &out);
  return out;
}

napi_value fromNumber(napi_env env, double value) {
  napi_value out;
  napi_create_double(env, value, &out);
  return out;
}

napi_value fromBoolean(napi_env env, bool value) {
  napi_value out;
  napi_get_boolean(env, value, &out);
  return out;
}

napi_value fromText(napi_env env, const std::string& value) {
  napi_value out;
  napi_create_string_utf8(env, value.data(), value.size(), &out);
  return out;
}

napi_value fromIntegers(napi_env env, const int64_t* values, size_t count) {
  napi_value out;
  napi_create_array_with_length(env, count, &out);
  for (size_t i = 0; i < count; i++) napi_set_element(env, out, static_cast<uint32_t>(i), fromInteger(env, values[i]));
  return out;
}

napi_value nothing(napi_env env) {
  napi_value out;
  napi_get_undefined(env, &out);
  return out;
}

napi_value null(napi_env env) {
  napi_value out;
  napi_get_null(env, &out);
  return out;
}

napi_value object(napi_env env) {
  napi_value out;
  napi_create_object(env, &out);
  return out;
}

void setField(napi_env env, napi_value object, const char* name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

void check(napi_env env, napi_status status, const char* what) {
  if (status == napi_ok) return;
  // An exception of JavaScript that is already on its way wins.
  bool isPending = false;
  napi_is_exception_pending(env, &isPending);
  throw CodedError{isPending ? "pending" : "argument", what};
}

napi_value guarded(Body body, napi_env env, napi_callback_info info) noexcept {
  try {
    Call call(env, info);
    return body(call);
  } catch (const CodedError& error) {
    if (error.code != "pending") napi_throw_error(env, error.code.c_str(), error.message.c_str());
  } catch (const c10::Error& error) {
    const std::string message = error.what_without_backtrace();
    napi_throw_error(env, codeOf(message), message.c_str());
  } catch (const std::exception& error) {
    napi_throw_error(env, codeOf(error.what()), error.what());
  } catch (...) {
    napi_throw_error(env, "torch", "libtorch threw something that is no exception");
  }
  return nullptr;
}

Exported::Exported(const char* name, napi_callback callback) : name(name), callback(callback), next(first) { first = this; }
const Exported* firstExported() { return first; }

}  // namespace multigrain
