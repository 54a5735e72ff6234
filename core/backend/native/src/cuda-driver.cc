#include "cuda-driver.h"

#include <dlfcn.h>

namespace multigrain {

namespace {

using Context = void*;

// https://docs.nvidia.com/cuda/cuda-driver-api
struct Driver {
  int (*init)(unsigned) = nullptr;
  int (*get)(int*, int) = nullptr;
  int (*name)(char*, int, int) = nullptr;
  int (*total)(size_t*, int) = nullptr;
  int (*attribute)(int*, int, int) = nullptr;
  int (*retain)(Context*, int) = nullptr;
  int (*release)(int) = nullptr;
  int (*push)(Context) = nullptr;
  int (*pop)(Context*) = nullptr;
  int (*memory)(size_t*, size_t*) = nullptr;
  bool isThere = false;
};

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

const Driver& driver() {
  static const Driver found = [] {
    Driver made;
    void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return made;
    made.isThere = find(library, "cuInit", made.init) && find(library, "cuDeviceGet", made.get) &&
                   find(library, "cuDeviceGetName", made.name) && find(library, "cuDeviceTotalMem_v2", made.total) &&
                   find(library, "cuDeviceGetAttribute", made.attribute) &&
                   find(library, "cuDevicePrimaryCtxRetain", made.retain) &&
                   find(library, "cuDevicePrimaryCtxRelease_v2", made.release) &&
                   find(library, "cuCtxPushCurrent_v2", made.push) && find(library, "cuCtxPopCurrent_v2", made.pop) &&
                   find(library, "cuMemGetInfo_v2", made.memory) && made.init(0) == 0;
    return made;
  }();
  return found;
}

constexpr int kCapabilityMajor = 75;
constexpr int kCapabilityMinor = 76;

}  // namespace

DriverFacts driverFacts(int index) {
  DriverFacts facts;
  const Driver& cuda = driver();
  int device = 0;
  if (!cuda.isThere || cuda.get(&device, index) != 0) return facts;
  char title[256] = "";
  if (cuda.name(title, sizeof title, device) == 0) facts.title = title;
  size_t bytes = 0;
  if (cuda.total(&bytes, device) == 0) facts.totalBytes = static_cast<double>(bytes);
  int major = 0;
  int minor = 0;
  if (cuda.attribute(&major, kCapabilityMajor, device) == 0 && cuda.attribute(&minor, kCapabilityMinor, device) == 0)
    facts.capability = std::to_string(major) + "." + std::to_string(minor);
  return facts;
}

DriverMemory driverMemory(int index) {
  DriverMemory memory;
  const Driver& cuda = driver();
  int device = 0;
  Context context = nullptr;
  // The context that libtorch uses as well.
  if (!cuda.isThere || cuda.get(&device, index) != 0 || cuda.retain(&context, device) != 0) return memory;
  if (cuda.push(context) == 0) {
    size_t unused = 0;
    size_t total = 0;
    if (cuda.memory(&unused, &total) == 0) {
      memory.freeBytes = static_cast<double>(unused);
      memory.totalBytes = static_cast<double>(total);
    }
    cuda.pop(&context);
  }
  cuda.release(device);
  return memory;
}

}  // namespace multigrain
