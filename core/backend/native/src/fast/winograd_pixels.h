// Transformed pieces of images and of gradients, packed for sums over pieces: a word is one piece's float or two pieces'
// bfloat16. Done for one row of the 4x4 elements at a time, so that all of it stays in the second-level cache.
#pragma once
#include "winograd_images.h"

namespace multigrain {

/** Where words go: element j of word w of channel c at into + j·element + c/32·panel + w·word + c%32·4. */
struct PixelLayout {
  char* into;
  int64_t element, panel, word;
};

/**
 * Row `row` of Bᵀ·d·B of pieces [first, first + count), channels [from, to). In bfloat16, each 32 channels come as the 16 even
 * ones and the 16 odd ones, here and below.
 */
void packPieces(bool bf16, const Pieces& pieces, int row, int64_t first, int64_t count, int64_t from, int64_t to,
                const PixelLayout& layout);

/** Row `row` of A·d·Aᵀ of the 2x2 pieces of a gradient. */
void packOutputPieces(bool bf16, const Pieces& pieces, int row, int64_t first, int64_t count, int64_t from, int64_t to,
                      const PixelLayout& layout);

/** gradient[3,3,in,out] = Gᵀ·m·G of the sums [part][16][in][out], added up over the parts in their order. */
void finishFilterGradient(bool bf16, const float* sums, int64_t parts, int64_t in, int64_t out, float* gradient);

}  // namespace multigrain
