// The process groups and stores of c10d, of whatever version of libtorch.
#pragma once
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <torch/version.h>
#if TORCH_VERSION_MAJOR >= 2
#include <torch/csrc/distributed/c10d/Backend.hpp>
#else
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#endif

#include <string>

namespace multigrain {

#if TORCH_VERSION_MAJOR >= 2
using Group = c10d::Backend;
#else
using Group = c10d::ProcessGroup;
#endif
using StorePointer = c10::intrusive_ptr<c10d::Store>;
using GroupPointer = c10::intrusive_ptr<Group>;
using WorkPointer = c10::intrusive_ptr<c10d::Work>;

struct GroupPlace {
  StorePointer store;
  // gloo or nccl
  std::string transport;
  int rank;
  int world;
  // Of this machine, where its peers reach it.
  std::string address;
  // Of each operation.
  int64_t timeoutMs;
};

StorePointer openFileStore(const std::string& path, int world);
StorePointer openTcpStore(const std::string& host, uint16_t port, bool isServer, int64_t timeoutMs);
// Throws CodedError 'no-transport' when this libtorch does not have it.
GroupPointer openGroup(const GroupPlace& place);
GroupPointer openGloo(const GroupPlace& place);
GroupPointer openNccl(const GroupPlace& place);

}  // namespace multigrain
