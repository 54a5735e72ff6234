// One stretch of address space from which large blocks are cut, and to which they return. Pages that were touched once stay, so that a
// training step finds memory that needs no page faults, in huge pages where the system grants them.
#pragma once
#include <cstddef>
#include <map>
#include <mutex>
#include <set>

namespace multigrain {

struct ArenaFigures {
  size_t usedBytes;
  size_t peakBytes;
  size_t limitBytes;
};

class Arena {
 public:
  // Reserves address space only. `limitBytes`: more than this is refused.
  explicit Arena(size_t limitBytes);

  // Null when the block does not fit the limit or the address space.
  void* take(size_t bytes);
  bool owns(const void* block) const;
  void giveBack(void* block);

  // Gives the pages of free ranges to the system.
  void trim();
  void setLimit(size_t bytes);
  ArenaFigures figures() const;
  void resetPeak();

 private:
  void addFree(size_t start, size_t bytes);
  void removeFree(size_t start, size_t bytes);

  char* base_ = nullptr;
  size_t reserved_ = 0;
  size_t limit_;
  size_t top_ = 0;
  size_t used_ = 0;
  size_t peak_ = 0;
  std::map<size_t, size_t> free_;                  // start → bytes
  std::set<std::pair<size_t, size_t>> freeBySize_;  // (bytes, start)
  std::map<size_t, size_t> taken_;                 // start → bytes
  mutable std::mutex mutex_;
};

// Bytes of memory that this process may count on: the machine's, or its control group's when that is less.
size_t memoryOfMachine();

}  // namespace multigrain
