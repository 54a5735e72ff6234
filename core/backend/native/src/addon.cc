// The addon's entry: exports every JS_FUNCTION.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <cstdlib>
#include <thread>

#include "allocator.h"
#include "js.h"

using namespace multigrain;

// version(): { torch, cuda, threads }
JS_FUNCTION(version) {
  napi_value out = object(call.env());
  setField(call.env(), out, "torch", fromText(call.env(), TORCH_VERSION));
  setField(call.env(), out, "cuda", fromBoolean(call.env(), at::hasCUDA()));
  setField(call.env(), out, "threads", fromInteger(call.env(), at::get_num_threads()));
  return out;
}

// setThreads(count): threads of one operation
JS_FUNCTION(setThreads) {
  at::set_num_threads(static_cast<int>(call.integer(0)));
  return nothing(call.env());
}

// Some builds of libtorch take a single thread by default.
static void useAllCores() {
  const unsigned cores = std::thread::hardware_concurrency();
  if (std::getenv("OMP_NUM_THREADS") == nullptr && cores > 0) at::set_num_threads(static_cast<int>(cores));
}

NAPI_MODULE_INIT() {
  useAllCores();
  useArena();
  // tfjs differentiates, not libtorch: without this, every call would pass through the layers of autograd. Never undone.
  static auto* mode = new c10::InferenceMode(true);
  (void)mode;
  for (const Exported* each = firstExported(); each != nullptr; each = each->next) {
    napi_value function;
    napi_create_function(env, each->name, NAPI_AUTO_LENGTH, each->callback, nullptr, &function);
    napi_set_named_property(env, exports, each->name, function);
  }
  return exports;
}
