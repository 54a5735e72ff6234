// Collectives of libtorch's c10d: a store through which ranks find each other, and groups that reduce and broadcast tensors.
#include "async.h"
#include "group.h"
#include "tensors.h"

#include <ATen/ATen.h>

#include <map>

using namespace multigrain;

namespace {

// Never freed: libtorch's destructors wait for peers, which at the end of a process may be gone.
auto& stores = *new std::map<int64_t, StorePointer>();
auto& groups = *new std::map<int64_t, GroupPointer>();
int64_t lastId = 0;

template <typename Pointer>
int64_t keepAs(std::map<int64_t, Pointer>& table, Pointer pointer) {
  table[++lastId] = std::move(pointer);
  return lastId;
}

template <typename Pointer>
Pointer found(const std::map<int64_t, Pointer>& table, int64_t id, const char* what) {
  const auto each = table.find(id);
  if (each == table.end()) throw CodedError{"argument", std::string("there is no such ") + what + ": it was closed, or never opened"};
  return each->second;
}

StorePointer storeAt(const Call& call, size_t position) { return found(stores, call.integer(position), "store"); }
GroupPointer groupAt(const Call& call, size_t position) { return found(groups, call.integer(position), "group"); }

// Where a tensor begins in a buffer: at whole lines of the cache.
int64_t padded(int64_t count) { return (count + 15) / 16 * 16; }

// One float32 buffer with the values of all tensors, each times `scale`: what travels in one piece is summed in one piece.
at::Tensor flattened(const std::vector<at::Tensor>& tensors, double scale) {
  int64_t room = 0;
  for (const at::Tensor& tensor : tensors) room += padded(tensor.numel());
  const at::Tensor flat = at::empty({room}, tensors.at(0).options().dtype(at::kFloat));
  const at::Tensor factor = at::scalar_tensor(scale, at::kFloat);
  int64_t at = 0;
  for (const at::Tensor& tensor : tensors) {
    const int64_t count = tensor.numel();
    at::Tensor part = flat.narrow(0, at, count);
    at::mul_out(part, tensor.reshape({-1}), factor);
    if (padded(count) > count) flat.narrow(0, at + count, padded(count) - count).zero_();
    at += padded(count);
  }
  return flat;
}

}  // namespace

// storeFile(path, world): id. A store in a file, for ranks of one machine.
JS_FUNCTION(storeFile) {
  return fromInteger(call.env(), keepAs(stores, openFileStore(call.text(0), static_cast<int>(call.integer(1)))));
}

// storeTcp(host, port, isServer, timeoutMs): promise of an id
JS_FUNCTION(storeTcp) {
  const auto result = std::make_shared<StorePointer>();
  const std::string host = call.text(0);
  const auto port = static_cast<uint16_t>(call.integer(1));
  const bool isServer = call.boolean(2);
  const int64_t timeoutMs = call.integer(3);
  return inBackground(
      call.env(), [=] { *result = openTcpStore(host, port, isServer, timeoutMs); },
      [=](napi_env env) { return fromInteger(env, keepAs(stores, *result)); });
}

// storeSet(store, key, text): promise
JS_FUNCTION(storeSet) {
  const StorePointer store = storeAt(call, 0);
  const std::string key = call.text(1);
  const std::string text = call.text(2);
  return inBackground(call.env(), [=] { store->set(key, std::vector<uint8_t>(text.begin(), text.end())); }, nothing);
}

// storeGet(store, key): promise of the text, or of null while it is not there
JS_FUNCTION(storeGet) {
  const StorePointer store = storeAt(call, 0);
  const std::string key = call.text(1);
  const auto text = std::make_shared<c10::optional<std::string>>();
  return inBackground(
      call.env(),
      [=] {
        if (!store->check({key})) return;
        const std::vector<uint8_t> value = store->get(key);
        *text = std::string(value.begin(), value.end());
      },
      [=](napi_env env) { return text->has_value() ? fromText(env, **text) : null(env); });
}

// storeClose(store)
JS_FUNCTION(storeClose) {
  stores.erase(call.integer(0));
  return nothing(call.env());
}

// groupOpen(store, transport, rank, world, address, timeoutMs): promise of an id. All ranks open it at the same time.
JS_FUNCTION(groupOpen) {
  const GroupPlace place{storeAt(call, 0),
                         call.text(1),
                         static_cast<int>(call.integer(2)),
                         static_cast<int>(call.integer(3)),
                         call.text(4),
                         call.integer(5)};
  const auto result = std::make_shared<GroupPointer>();
  return inBackground(
      call.env(), [=] { *result = openGroup(place); },
      [=](napi_env env) { return fromInteger(env, keepAs(groups, *result)); });
}

// groupClose(group)
JS_FUNCTION(groupClose) {
  groups.erase(call.integer(0));
  return nothing(call.env());
}

// groupReduce(group, handles, scale): promise of handles. Sums each tensor, times scale, over all ranks in float32. The ranks have to
// ask for the same in the same order. The sum begins at once, on the group's own thread; the tensors given may be disposed of.
JS_FUNCTION(groupReduce) {
  const GroupPointer group = groupAt(call, 0);
  const std::vector<at::Tensor> tensors = tensorsAt(call, 1);
  std::vector<at::Tensor> flat{flattened(tensors, call.number(2))};
  std::vector<std::vector<int64_t>> shapes;
  for (const at::Tensor& tensor : tensors) shapes.push_back(tensor.sizes().vec());
  const WorkPointer work = group->allreduce(flat);
  return inBackground(
      call.env(), [=] { work->wait(); },
      [=](napi_env env) {
        std::vector<at::Tensor> parts;
        int64_t at = 0;
        for (const std::vector<int64_t>& shape : shapes) {
          const int64_t count = c10::multiply_integers(shape);
          parts.push_back(flat[0].narrow(0, at, count).view(shape));
          at += padded(count);
        }
        return giveAll(env, std::move(parts));
      });
}

// groupReduceNow(group, handle, scale): a handle. As groupReduce, of one tensor, and waited for: for what the forward pass needs at once.
JS_FUNCTION(groupReduceNow) {
  const GroupPointer group = groupAt(call, 0);
  const at::Tensor tensor = tensorAt(call, 1);
  std::vector<at::Tensor> sum{at::mul(tensor, call.number(2)).contiguous()};
  group->allreduce(sum)->wait();
  return give(call.env(), sum[0]);
}

// groupBroadcast(group, handle): promise of a handle of rank 0's values, in a tensor of its own
JS_FUNCTION(groupBroadcast) {
  const GroupPointer group = groupAt(call, 0);
  std::vector<at::Tensor> copies{tensorAt(call, 1).clone(at::MemoryFormat::Contiguous)};
  const WorkPointer work = group->broadcast(copies);
  return inBackground(call.env(), [=] { work->wait(); }, [=](napi_env env) { return give(env, copies[0]); });
}

// groupSum(group, numbers): promise of their sums over all ranks, in double precision
JS_FUNCTION(groupSum) {
  const GroupPointer group = groupAt(call, 0);
  const std::vector<double> numbers = call.numbers(1);
  std::vector<at::Tensor> sums{at::empty({static_cast<int64_t>(numbers.size())}, at::kDouble)};
  std::copy(numbers.begin(), numbers.end(), sums[0].data_ptr<double>());
  const WorkPointer work = group->allreduce(sums);
  return inBackground(
      call.env(), [=] { work->wait(); },
      [=](napi_env env) {
        napi_value out;
        napi_create_array_with_length(env, numbers.size(), &out);
        const double* values = sums[0].data_ptr<double>();
        for (uint32_t i = 0; i < numbers.size(); i++) napi_set_element(env, out, i, fromNumber(env, values[i]));
        return out;
      });
}
