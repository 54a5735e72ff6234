// Patches and gradients, packed for sums over pixels: a word is one pixel's float or two pixels' bfloat16.
#pragma once
#include "conv_patches.h"

namespace multigrain {

/** dy[row..row+rows)[columns from `column`, `count` of them] as panels [panel][words][32 words]. */
void packGradient(bool bf16, const void* dy, int64_t columns, int64_t row, int64_t rows, int64_t column, int64_t count,
                  int64_t words, char* panels);

/**
 * Elements [from, to) of the patches' rows as columns [words][elements], `stride` bytes from word to word, filled up to whole
 * registers.
 */
void packPixels(bool bf16, const Patches& patches, int64_t row, int64_t rows, int64_t from, int64_t to, int64_t words,
                char* columns, int64_t stride);

}  // namespace multigrain
