#include "conv_filter_gradient.h"

#include <algorithm>
#include <cstring>

#include "conv_ahead.h"
#include "conv_filter_panels.h"
#include "conv_pixel_panels.h"
#include "gemm_tile.h"
#include "workspace.h"

namespace multigrain {
namespace {

constexpr int64_t kChunkWords = 256;   // of pixels at a time
constexpr int64_t kMostLength = 256;   // of a unit's part of the gradient: with so many pixels, half of the second-level cache
constexpr int64_t kMostColumns = 256;
constexpr int64_t kUnits = 8;          // parts of the work, the same whatever the number of threads
constexpr int64_t kFewestPixels = 512; // worth a partial sum of their own

int64_t ceilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** How the gradient is cut into units of [length, columns], and the pixels into parts that are summed in their order. */
struct Cut {
  int height;
  int64_t length, lengthParts, columns, columnParts, rows, rowParts, chunk;

  Cut(bool bf16, const Patches& patches, int64_t columnCount) {
    // Whole pixels where they fit, so that patches are copied in long pieces.
    const int64_t all = patches.length(), channels = patches.channels;
    length = std::min(all, channels < kMostLength ? kMostLength / channels * channels : kMostLength);
    lengthParts = ceilDivide(all, length);
    height = ceilDivide(length, 13) * 13 < ceilDivide(length, 14) * 14 ? 13 : 14;
    columnParts = ceilDivide(columnCount, kMostColumns);
    columns = ceilDivide(ceilDivide(columnCount, columnParts), kTileColumns) * kTileColumns;
    columnParts = ceilDivide(columnCount, columns);
    const int64_t units = lengthParts * columnParts;
    rowParts = std::clamp<int64_t>(kUnits / units, 1, std::max<int64_t>(1, patches.rows() / kFewestPixels));
    rows = ceilDivide(patches.rows(), 2 * rowParts) * 2;
    rowParts = std::max<int64_t>(1, ceilDivide(patches.rows(), rows));
    // Chunks of one size: a short one at the end would mostly load and store sums.
    const int64_t words = wordsOf(bf16, rows);
    chunk = ceilDivide(words, ceilDivide(words, kChunkWords)) * (bf16 ? 2 : 1);
  }
};

struct Gradient {
  bool bf16;
  const Patches& patches;
  const void* dy;
  int64_t columns;
  const Cut& cut;
  TileProduct multiply;

  /** Rows of one part into a part of `sums` [length, columns]. */
  void unit(int64_t rowPart, int64_t lengthPart, int64_t columnPart, float* sums) const {
    const int64_t from = lengthPart * cut.length, to = std::min(from + cut.length, patches.length());
    const int64_t column = columnPart * cut.columns, width = std::min(cut.columns, columns - column);
    const int64_t end = std::min((rowPart + 1) * cut.rows, patches.rows()), step = cut.chunk;
    const int64_t tiles = ceilDivide(to - from, cut.height), panels = panelsOf(width);
    // An odd number of cache lines from word to word; the last tile may read beyond the last element.
    const int64_t stride = (ceilDivide(to - from, 32) * 2 + 1) * 64;
    char* a = static_cast<char*>(workspace(Scratch::kPatches, kChunkWords * stride));
    char* b = static_cast<char*>(workspace(Scratch::kGradient, panels * kChunkWords * 128));
    bool first = true;
    for (int64_t row = rowPart * cut.rows; row < end; row += step, first = false) {
      const int64_t rows = std::min(step, end - row), words = wordsOf(bf16, rows);
      packPixels(bf16, patches, row, rows, from, to, words, a, stride);
      packGradient(bf16, dy, columns, row, rows, column, width, words, b);
      const int64_t size = bf16 ? 2 : 4, next = row + step;
      Ahead images = aheadOf(patches, next < end ? next : patches.rows(), step, size, panels * tiles);
      const char* gradients = static_cast<const char*>(dy) + next * columns * size;
      Ahead outputs(gradients, gradients + (std::min(step, end - next) * (width == columns)) * columns * size, panels * tiles);
      for (int64_t p = 0; p < panels; p++) {
        for (int64_t t = 0; t < tiles; t++) {
          Tile tile{};
          tile.a = a + t * cut.height * 4;
          tile.aStride = stride;
          tile.b = b + p * words * 128;
          tile.words = words;
          tile.rows = static_cast<int>(std::min<int64_t>(cut.height, to - from - t * cut.height));
          tile.columns = static_cast<int>(std::min<int64_t>(kTileColumns, width - p * kTileColumns));
          tile.sums = sums + (from + t * cut.height) * columns + column + p * kTileColumns;
          tile.addTo = first ? nullptr : tile.sums;
          tile.sumStride = columns;
          images.step();
          outputs.step();
          multiply(tile);
        }
      }
    }
  }
};

}  // namespace

void sumOuterProducts(bool bf16, const Patches& patches, const void* dy, int64_t columns, float* gradient) {
  const int64_t size = patches.length() * columns;
  if (patches.rows() == 0) std::memset(gradient, 0, size * sizeof(float));
  if (patches.rows() == 0 || size == 0) return;
  const Cut cut(bf16, patches, columns);
  const Gradient work{bf16, patches, dy, columns, cut, tileProduct(bf16, TileOrder::kColumns, cut.height == 13)};
  float* others = static_cast<float*>(workspace(Scratch::kFilter, (cut.rowParts - 1) * size * sizeof(float)));
#pragma omp parallel for collapse(3) schedule(dynamic, 1)
  for (int64_t r = 0; r < cut.rowParts; r++) {
    for (int64_t l = 0; l < cut.lengthParts; l++) {
      for (int64_t c = 0; c < cut.columnParts; c++) work.unit(r, l, c, r == 0 ? gradient : others + (r - 1) * size);
    }
  }
  if (cut.rowParts == 1) return;
#pragma omp parallel for schedule(static)
  for (int64_t i = 0; i < size; i++) {
    for (int64_t r = 1; r < cut.rowParts; r++) gradient[i] += others[(r - 1) * size + i];
  }
}

}  // namespace multigrain
