// The patches of an image batch that a convolution multiplies by its filter, as rows of a matrix that is never whole in
// memory: row (n, gy, gx) holds the pixels (gy·stepY + top + ty, gx·stepX + left + tx), zero outside the image.
#pragma once
#include <cstdint>

namespace multigrain {

struct Patches {
  const void* source;
  int64_t batch, height, width, channels;
  int64_t gridHeight, gridWidth;
  int64_t stepY, stepX, top, left;
  int64_t tapsY, tapsX;

  int64_t rows() const { return batch * gridHeight * gridWidth; }
  int64_t length() const { return tapsY * tapsX * channels; }
  /** Whether a row is just one pixel, always inside the image. */
  bool pixels() const {
    return tapsY == 1 && tapsX == 1 && top >= 0 && left >= 0 && (gridHeight - 1) * stepY + top < height &&
           (gridWidth - 1) * stepX + left < width;
  }
  /** Whether the rows lie in memory one after the other. */
  bool contiguous() const { return pixels() && gridHeight == height && gridWidth == width && stepY == 1 && stepX == 1; }
};

/**
 * Copies elements [from, to) of `rows` rows from `row` on to rows `stride` bytes apart, each filled up with zeros to whole words.
 * The 64 bytes behind a row's words must be free.
 */
void gatherPatches(bool bf16, const Patches& patches, int64_t row, int64_t rows, int64_t from, int64_t to, char* into,
                   int64_t stride);

}  // namespace multigrain
