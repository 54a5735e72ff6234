// What Winograd's products along one dimension multiply, and what becomes of their sums. float32.
#pragma once
#include "gemm_tile.h"
#include "winograd_pixels.h"

namespace multigrain {

/** How many taps a scheme has, outputs of a piece, and products for them. */
struct LineScheme {
  int taps, outputs, elements;
};
/** Of 3 or 7 taps. */
LineScheme lineScheme(int64_t taps);

/**
 * Images cut along lines: piece (n, py, px) begins `step` · px - pad pixels to the right of its line's beginning or, where
 * `isVertical`, so many below its column's. Zero outside.
 */
struct LinePieces {
  const float* source;
  int64_t batch, height, width, channels;
  bool isVertical;
  int64_t step, pad;
  int64_t gridHeight, gridWidth;

  int64_t count() const { return batch * gridHeight * gridWidth; }
};

/** How many elements a group of them has at most; the last one of a scheme may have fewer. */
constexpr int kElementGroup = 3;

/** B·d of pieces [first, first + count), channels [from, to): all elements where `group` is negative, otherwise those of the group. */
void transformLines(int taps, const LinePieces& pieces, int group, int64_t first, int64_t count, int64_t from, int64_t to,
                    const PixelLayout& layout);

/** Aᵀ·dy of the pieces of a gradient, without padding; elements of a group. */
void transformLineGradient(int taps, const LinePieces& pieces, int group, int64_t first, int64_t count, int64_t from, int64_t to,
                           const PixelLayout& layout);

/** G·g as panels [elements][panel][words][32]; `transposed` sums over `out`, with the taps turned round. */
void transformLineFilter(int taps, const float* filter, int64_t in, int64_t out, bool transposed, float* panels);

/**
 * A·m of `count` pieces from `first` on, into `out`, which `pieces` describes, for 32 channels from `channel`; sums
 * [elements][14][32]. `tail` at channel 0.
 */
void finishLines(int taps, const LinePieces& pieces, float* out, int64_t first, int64_t count, int64_t channel, const float* sums,
                 const Tail& tail);

/** gradient[taps][in][out] = Gᵀ·m of the sums [part][elements][in][out], added up over the parts in their order. */
void finishLineFilterGradient(int taps, const float* sums, int64_t parts, int64_t in, int64_t out, float* gradient);

}  // namespace multigrain
