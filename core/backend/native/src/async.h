// Work that must not hold up JavaScript: done on a thread of Node's pool, its outcome a promise.
#pragma once
#include <functional>

#include "js.h"

namespace multigrain {

// @param work runs on another thread and must not touch JavaScript nor the table of tensors
// @param outcome makes the promise's value, on JavaScript's thread
// @returns the promise
napi_value inBackground(napi_env env, std::function<void()> work, std::function<napi_value(napi_env)> outcome);

}  // namespace multigrain
