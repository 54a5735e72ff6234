#include "workspace.h"

#include <cstdlib>
#include <new>

namespace multigrain {
namespace {

struct Area {
  void* memory = nullptr;
  size_t size = 0;
  ~Area() { std::free(memory); }
};

}  // namespace

void* workspace(Scratch purpose, size_t bytes) {
  static thread_local Area areas[static_cast<int>(Scratch::kCount)];
  Area& area = areas[static_cast<int>(purpose)];
  if (area.size < bytes) {
    std::free(area.memory);
    area.size = 0;
    const size_t rounded = (bytes + 4095) / 4096 * 4096;
    area.memory = std::aligned_alloc(4096, rounded);
    if (!area.memory) throw std::bad_alloc();
    area.size = rounded;
  }
  return area.memory;
}

}  // namespace multigrain
