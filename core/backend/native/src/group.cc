#define USE_C10D_GLOO
#include "group.h"

#include "js.h"

#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <cstdlib>
#include <type_traits>

namespace multigrain {

namespace {

// Newer versions prefer a server on libuv, which not every build of them has.
template <typename Options>
auto withoutLibuv(Options& options, int) -> decltype(options.useLibUV = false, void()) {
  options.useLibUV = false;
}
template <typename Options>
void withoutLibuv(Options&, long) {}

}  // namespace

StorePointer openFileStore(const std::string& path, int world) { return c10::make_intrusive<c10d::FileStore>(path, world); }

StorePointer openTcpStore(const std::string& host, uint16_t port, bool isServer, int64_t timeoutMs) {
  c10d::TCPStoreOptions options;
  options.port = port;
  options.isServer = isServer;
  options.waitWorkers = false;
  options.timeout = std::chrono::milliseconds(timeoutMs);
  withoutLibuv(options, 0);
  return c10::make_intrusive<c10d::TCPStore>(host, options);
}

GroupPointer openGroup(const GroupPlace& place) {
  if (place.transport == "gloo") return openGloo(place);
  if (place.transport == "nccl") return openNccl(place);
  throw CodedError{"argument", "there is no transport '" + place.transport + "'; known: gloo, nccl"};
}

GroupPointer openGloo(const GroupPlace& place) {
  using Gloo = c10d::ProcessGroupGloo;
  const auto options = Gloo::Options::create(std::chrono::milliseconds(place.timeoutMs));
  const char* interface = std::getenv("GLOO_SOCKET_IFNAME");
  options->devices.push_back(interface != nullptr ? Gloo::createDeviceForInterface(interface)
                                                  : Gloo::createDeviceForHostname(place.address));
  // Operations run in the order they are asked for; more threads would only take cores from the computation.
  options->threads = 1;
  const auto store = c10::make_intrusive<c10d::PrefixStore>("gloo", place.store);
  return c10::make_intrusive<Gloo>(store, place.rank, place.world, options);
}

}  // namespace multigrain
