// Between JavaScript and C++: arguments in, values out, exceptions across. Every file of the addon exports its functions with
// JS_FUNCTION, so that none has a second place to edit.
#pragma once
#include <node_api.h>

#include <cstdint>
#include <string>
#include <vector>

namespace multigrain {

// An error that JavaScript sees with this code; everything else that is thrown gets the code 'torch'.
struct CodedError {
  std::string code;
  std::string message;
};

// One call from JavaScript, with its arguments.
class Call {
 public:
  static constexpr size_t kMost = 32;

  Call(napi_env env, napi_callback_info info);

  napi_env env() const { return env_; }
  size_t count() const { return count_; }
  napi_value operator[](size_t position) const { return values_[position]; }
  // Missing, undefined or null.
  bool absent(size_t position) const;

  int64_t integer(size_t position) const;
  double number(size_t position) const;
  bool boolean(size_t position) const;
  std::string text(size_t position) const;
  std::vector<int64_t> integers(size_t position) const;
  std::vector<double> numbers(size_t position) const;

 private:
  napi_env env_;
  size_t count_ = kMost;
  napi_value values_[kMost];
};

int64_t toInteger(napi_env env, napi_value value);
double toNumber(napi_env env, napi_value value);
std::string toText(napi_env env, napi_value value);
napi_valuetype typeOf(napi_env env, napi_value value);
bool isAbsent(napi_env env, napi_value value);
bool isArray(napi_env env, napi_value value);
uint32_t lengthOf(napi_env env, napi_value array);
napi_value elementOf(napi_env env, napi_value array, uint32_t index);

napi_value fromInteger(napi_env env, int64_t value);
napi_value fromNumber(napi_env env, double value);
napi_value fromBoolean(napi_env env, bool value);
napi_value fromText(napi_env env, const std::string& value);
napi_value fromIntegers(napi_env env, const int64_t* values, size_t count);
napi_value nothing(napi_env env);
napi_value null(napi_env env);
napi_value object(napi_env env);
void setField(napi_env env, napi_value object, const char* name, napi_value value);

// Throws when Node-API reports a failure, such as an argument of the wrong type.
void check(napi_env env, napi_status status, const char* what);

using Body = napi_value (*)(Call&);

// Runs a body and turns what it throws into a JavaScript exception.
napi_value guarded(Body body, napi_env env, napi_callback_info info) noexcept;

struct Exported {
  Exported(const char* name, napi_callback callback);
  const char* name;
  napi_callback callback;
  const Exported* next;
};
const Exported* firstExported();

}  // namespace multigrain

// Defines and exports a function: JS_FUNCTION(name) { ... use `call` ... return a napi_value; }
#define JS_FUNCTION(name)                                                                     \
  static napi_value body_##name(::multigrain::Call& call);                                    \
  static napi_value entry_##name(napi_env env, napi_callback_info info) {                     \
    return ::multigrain::guarded(body_##name, env, info);                                     \
  }                                                                                           \
  static const ::multigrain::Exported exported_##name(#name, entry_##name);                   \
  static napi_value body_##name([[maybe_unused]] ::multigrain::Call& call)
