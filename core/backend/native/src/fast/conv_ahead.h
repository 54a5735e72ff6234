// Brings what a thread will read next into its second-level cache, a few lines with each tile that it multiplies.
#pragma once
#include <algorithm>
#include <cstdint>

#include "conv_patches.h"

namespace multigrain {

class Ahead {
 public:
  /** Memory [begin, end) in about `steps` steps. */
  Ahead(const char* begin, const char* end, int64_t steps) : at_(begin), end_(end) {
    const int64_t lines = (end - begin + 63) / 64;
    perStep_ = steps > 0 ? (lines + steps - 1) / steps * 64 : 0;
  }

  void step() {
    const char* stop = std::min(at_ + perStep_, end_);
    for (; at_ < stop; at_ += 64) __builtin_prefetch(at_, 0, 2);
  }

 private:
  const char* at_;
  const char* end_;
  int64_t perStep_;
};

/** The memory that rows [row, row + rows) of the patches come from; none where the rows use but a part of it. */
inline Ahead aheadOf(const Patches& p, int64_t row, int64_t rows, int64_t size, int64_t steps) {
  const char* source = static_cast<const char*>(p.source);
  rows = std::min(rows, p.rows() - row);
  if (rows <= 0 || p.tapsY < p.stepY || p.tapsX < p.stepX) return Ahead(source, source, 0);
  const auto lineOf = [&](int64_t at, int64_t tap) {
    const int64_t y = at / p.gridWidth % p.gridHeight * p.stepY + p.top + tap;
    return at / p.gridWidth / p.gridHeight * p.height + std::clamp<int64_t>(y, 0, p.height);
  };
  const int64_t pixel = p.channels * size;
  if (p.contiguous()) return Ahead(source + row * pixel, source + (row + rows) * pixel, steps);
  return Ahead(source + lineOf(row, 0) * p.width * pixel, source + lineOf(row + rows - 1, p.tapsY) * p.width * pixel, steps);
}

}  // namespace multigrain
