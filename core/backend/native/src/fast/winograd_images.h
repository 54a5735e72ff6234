// The 4x4 pieces of an image batch, transformed for Winograd's products.
#pragma once
#include <algorithm>
#include <cstdint>

#include "conv_ahead.h"
#include "conv_shape.h"

namespace multigrain {

/** Images cut into overlapping pieces: piece (n, py, px) begins at pixel (2·py - padTop, 2·px - padLeft), zero outside. */
struct Pieces {
  const void* source;
  int64_t batch, height, width, channels;
  int64_t padTop, padLeft;
  int64_t gridHeight, gridWidth;

  int64_t count() const { return batch * gridHeight * gridWidth; }
};

/** The lines of pixels that pieces [first, first + count) come from. */
inline Ahead aheadOf(const Pieces& p, int64_t first, int64_t count, int64_t size, int64_t steps) {
  const char* source = static_cast<const char*>(p.source);
  count = std::min(count, p.count() - first);
  if (count <= 0) return Ahead(source, source, 0);
  const auto lineOf = [&](int64_t piece, int64_t row) {
    const int64_t y = piece / p.gridWidth % p.gridHeight * 2 - p.padTop + row;
    return piece / p.gridWidth / p.gridHeight * p.height + std::clamp<int64_t>(y, 0, p.height);
  };
  const int64_t line = p.width * p.channels * size;
  return Ahead(source + lineOf(first, 0) * line, source + lineOf(first + count - 1, 4) * line, steps);
}

/**
 * Bᵀ·d·B of `count` pieces from `first` on: words of element t of piece p at into + t·elementStride + p·pieceStride. In
 * bfloat16, each 32 channels come as the 16 even ones and the 16 odd ones.
 */
void transformPieces(bool bf16, const Pieces& pieces, int64_t first, int64_t count, char* into, int64_t elementStride,
                     int64_t pieceStride);

/** The filter's side, as panels [16][panel][words][32 words]; `transposed` sums over `out`, with the taps turned round. */
void transformFilter(bool bf16, const float* filter, int64_t in, int64_t out, bool transposed, void* panels);

}  // namespace multigrain
