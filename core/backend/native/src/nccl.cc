// NCCL's process group. Its header needs CUDA's, and this addon is built without them, so that one build serves every machine: the
// group is made through the constructors that the CUDA half of libtorch exports, and from then on used through its base class.
#include "group.h"

#include "js.h"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>

#include <dlfcn.h>

#include <cstring>

namespace multigrain {

namespace {

// More than the objects take in any version; they are freed by their own destructors.
constexpr size_t kRoom = 64 * 1024;

const char* const kOptions = "_ZN4c10d16ProcessGroupNCCL7OptionsC1Eb";
// The store by reference, and in some versions by value, which is passed in the same way.
const char* const kGroups[] = {
    "_ZN4c10d16ProcessGroupNCCLC1ERKN3c1013intrusive_ptrINS_5StoreENS1_6detail34intrusive_target_default_null_typeIS3_EEEE"
    "iiNS2_INS0_7OptionsENS5_ISA_EEEE",
    "_ZN4c10d16ProcessGroupNCCLC1EN3c1013intrusive_ptrINS_5StoreENS1_6detail34intrusive_target_default_null_typeIS3_EEEE"
    "iiNS2_INS0_7OptionsENS5_IS8_EEEE",
};

void* zeroed() {
  void* room = ::operator new(kRoom);
  std::memset(room, 0, kRoom);
  return room;
}

}  // namespace

GroupPointer openNccl(const GroupPlace& place) {
  void* const makeOptions = dlsym(RTLD_DEFAULT, kOptions);
  void* makeGroup = nullptr;
  for (const char* name : kGroups) makeGroup = makeGroup != nullptr ? makeGroup : dlsym(RTLD_DEFAULT, name);
  if (makeOptions == nullptr || makeGroup == nullptr)
    throw CodedError{"no-transport", "this libtorch (" TORCH_VERSION ") comes without NCCL"};

  using Options = Group::Options;
  void* const optionsRoom = zeroed();
  reinterpret_cast<void (*)(void*, bool)>(makeOptions)(optionsRoom, false);
  auto options = c10::intrusive_ptr<Options>::unsafe_steal_from_new(static_cast<Options*>(optionsRoom));
  // A constant where the version declares it so: written before anybody has read it.
  const_cast<std::chrono::milliseconds&>(options->timeout) = std::chrono::milliseconds(place.timeoutMs);

  StorePointer store = c10::make_intrusive<c10d::PrefixStore>("nccl", place.store);
  void* const room = zeroed();
  using Make = void (*)(void*, StorePointer*, int, int, c10::intrusive_ptr<Options>*);
  reinterpret_cast<Make>(makeGroup)(room, &store, place.rank, place.world, &options);
  return GroupPointer::unsafe_steal_from_new(static_cast<Group*>(room));
}

}  // namespace multigrain
