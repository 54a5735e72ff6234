// The 2x2 pieces of the output, from the sums of Winograd's products.
#pragma once
#include <cstdint>

#include "gemm_tile.h"

namespace multigrain {

struct OutputPieces {
  void* out;
  int64_t height, width, channels;
  int64_t gridHeight, gridWidth;
};

/** Aᵀ·m·A of `count` pieces from `first` on, for 32 channels from `channel`; sums [16][14][32]. `tail` at channel 0. */
void finishPieces(bool bf16, const OutputPieces& pieces, int64_t first, int64_t count, int64_t channel, const float* sums,
                  const Tail& tail);

}  // namespace multigrain
