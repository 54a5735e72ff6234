#include "arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace multigrain {

namespace {

constexpr size_t kPage = 4096;

size_t rounded(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

size_t numberIn(const char* path) {
  std::ifstream file(path);
  std::string word;
  if (!(file >> word) || word == "max") return SIZE_MAX;
  try {
    return std::stoull(word);
  } catch (...) {
    return SIZE_MAX;
  }
}

}  // namespace

size_t memoryOfMachine() {
  const size_t physical = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t group = std::min(numberIn("/sys/fs/cgroup/memory.max"), numberIn("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
  return std::min(physical, group);
}

Arena::Arena(size_t limitBytes) : limit_(limitBytes) {
  // Twice the limit leaves room for gaps between blocks; it costs addresses, not memory.
  reserved_ = rounded(2 * limitBytes);
  void* space = mmap(nullptr, reserved_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == MAP_FAILED) {
    reserved_ = 0;
    return;
  }
  base_ = static_cast<char*>(space);
#ifdef MADV_HUGEPAGE
  madvise(base_, reserved_, MADV_HUGEPAGE);
#endif
}

void* Arena::take(size_t bytes) {
  const size_t size = rounded(bytes);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (size > limit_ || used_ > limit_ - size) return nullptr;
  size_t start;
  const auto fit = freeBySize_.lower_bound({size, 0});
  if (fit != freeBySize_.end()) {
    const auto [available, at] = *fit;
    removeFree(at, available);
    if (available > size) addFree(at + size, available - size);
    start = at;
  } else {
    if (size > reserved_ - top_) return nullptr;
    start = top_;
    top_ += size;
  }
  taken_[start] = size;
  used_ += size;
  peak_ = std::max(peak_, used_);
  return base_ + start;
}

bool Arena::owns(const void* block) const {
  const char* at = static_cast<const char*>(block);
  return base_ != nullptr && at >= base_ && at < base_ + reserved_;
}

void Arena::giveBack(void* block) {
  const std::lock_guard<std::mutex> lock(mutex_);
  size_t start = static_cast<size_t>(static_cast<char*>(block) - base_);
  const auto found = taken_.find(start);
  if (found == taken_.end()) return;
  size_t size = found->second;
  used_ -= size;
  taken_.erase(found);
  const auto after = free_.lower_bound(start);
  if (after != free_.end() && after->first == start + size) {
    size += after->second;
    removeFree(after->first, after->second);
  }
  const auto next = free_.lower_bound(start);
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == start) {
      start = before->first;
      size += before->second;
      removeFree(before->first, before->second);
    }
  }
  if (start + size == top_) top_ = start;
  else addFree(start, size);
}

void Arena::trim() {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [start, bytes] : free_) madvise(base_ + start, bytes, MADV_DONTNEED);
  if (reserved_ > top_) madvise(base_ + top_, reserved_ - top_, MADV_DONTNEED);
}

void Arena::setLimit(size_t bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  limit_ = bytes;
}

ArenaFigures Arena::figures() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {used_, peak_, limit_};
}

void Arena::resetPeak() {
  const std::lock_guard<std::mutex> lock(mutex_);
  peak_ = used_;
}

void Arena::addFree(size_t start, size_t bytes) {
  free_[start] = bytes;
  freeBySize_.insert({bytes, start});
}

void Arena::removeFree(size_t start, size_t bytes) {
  free_.erase(start);
  freeBySize_.erase({bytes, start});
}

}  // namespace multigrain
