// Filters, packed for the tiles: panels of 32 columns, [panel][words][32 words]; a word holds one float or two bfloat16.
#pragma once
#include <cstddef>
#include <cstdint>

namespace multigrain {

inline int64_t wordsOf(bool bf16, int64_t elements) { return bf16 ? (elements + 1) / 2 : elements; }
inline int64_t panelsOf(int64_t columns) { return (columns + 31) / 32; }
inline size_t panelBytes(bool bf16, int64_t length, int64_t columns) {
  return static_cast<size_t>(panelsOf(columns) * wordsOf(bf16, length) * 128);
}

/** Rows of `matrix` [length, columns] as they are: the filter of a forward convolution. */
void packRows(bool bf16, const float* matrix, int64_t length, int64_t columns, void* panels);

/**
 * The filter of an input gradient: row (tap, out) and column `in` come from filter[taps[tap]][in][out], so that `out` is
 * summed over.
 */
void packTransposed(bool bf16, const float* filter, const int64_t* taps, int64_t tapCount, int64_t in, int64_t out,
                    void* panels);

}  // namespace multigrain
