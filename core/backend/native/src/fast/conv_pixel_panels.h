// Patches and gradients, packed for sums over pixels: a word is one pixel's float or two pixels' bfloat16.
#pragma once
#include "conv_patches.h"

namespace multigrain {

/** dy[row..row+rows)[columns from `column`, `count` of them] as panels [panel][words][32 words]. */
void packGradient(bool bf16, const void* dy, int64_t columns, int64_t row, int64_t rows, int64_t column, int64_t count,
                  int64_t words, char* panels);

/** Elements [from, to) of the patches' rows as tiles [tile][words][16 words], `height` elements in each tile. */
void packPixels(bool bf16, const Patches& patches, int64_t row, int64_t rows, int64_t from, int64_t to, int height,
                int64_t words, char* tiles);

}  // namespace multigrain
