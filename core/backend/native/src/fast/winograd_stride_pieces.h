// The pieces and sums of Winograd's products for 3x3 filters of stride 2 (winograd_stride.h). float32.
#pragma once
#include "gemm_tile.h"
#include "winograd_pixels.h"

namespace multigrain {

constexpr int kStrideSide = 7;                                // elements of a piece along one dimension
constexpr int kStrideElements = kStrideSide * kStrideSide;
constexpr int kStrideFilterSide = 5;                          // of a filter: the last one serves three elements of a piece
constexpr int kStrideFilters = kStrideFilterSide * kStrideFilterSide;

inline int strideFilterOf(int element) { return element < kStrideFilterSide ? element : kStrideFilterSide - 1; }

/** Which of a convolution's images are cut into pieces, and hence by which matrix. */
enum class StrideSide { kImages, kGradients, kGradientsForFilter };

/** Images of which piece (n, py, px) begins at pixel (step·py - padTop, step·px - padLeft), zero outside. */
struct StridePieces {
  const float* source;
  int64_t batch, height, width, channels;
  int64_t step, padTop, padLeft;
  int64_t gridHeight, gridWidth;

  int64_t count() const { return batch * gridHeight * gridWidth; }
};

/** Elements (row, 0..6) of pieces [first, first + count), channels [from, to); element j at layout.element · j. */
void transformStrideRow(StrideSide side, int row, const StridePieces& pieces, int64_t first, int64_t count, int64_t from, int64_t to,
                        const PixelLayout& layout);

/** A filter's panels [25][panel][words][32]; `transposed` sums over `out`, with the taps turned round. */
void transformStrideFilter(const float* filter, int64_t in, int64_t out, bool transposed, float* panels);

/**
 * The outputs of `count` pieces from `first` on, into `out`, which `pieces` describes, for 32 channels from `channel`; sums
 * [49][14][32]. `tail` at channel 0. Of kImages: 3x3 pixels of y; of kGradients: 6x6 pixels of dx.
 */
void finishStride(StrideSide side, const StridePieces& pieces, float* out, int64_t first, int64_t count, int64_t channel,
                  const float* sums, const Tail& tail);

/** gradient[3][3][in][out] from the sums [part][7][5][in][out], added up over the parts in their order. */
void finishStrideFilterGradient(const float* sums, int64_t parts, int64_t in, int64_t out, float* gradient);

}  // namespace multigrain
