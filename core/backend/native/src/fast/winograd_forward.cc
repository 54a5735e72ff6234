#include <omp.h>

#include "conv_filter_panels.h"
#include "winograd.h"
#include "winograd_images.h"
#include "winograd_output.h"
#include "workspace.h"

namespace multigrain {
namespace {

constexpr int64_t kBlockBytes = 480 * 1024;  // of transformed pieces: half of the second-level cache
constexpr int64_t kMostTiles = 8;
constexpr int64_t kMostChannels = 1024;      // of the images, so that at least one tile of pieces fits

struct Product {
  bool bf16;
  const Pieces& pieces;
  const char* panels;
  const OutputPieces& output;
  const Tail& tail;
  int64_t tilesPerBlock;
  TileProduct multiply;

  void block(int64_t index) const {
    const int64_t first = index * tilesPerBlock * kTileRows;
    const int64_t count = std::min(tilesPerBlock * kTileRows, pieces.count() - first);
    const int64_t tiles = (count + kTileRows - 1) / kTileRows;
    const int64_t words = wordsOf(bf16, pieces.channels), columns = output.channels;
    // An odd number of cache lines from piece to piece keeps pieces out of each other's cache sets.
    const int64_t pieceStride = (words / 16 | 1) * 64, elementStride = tiles * kTileRows * pieceStride;
    char* transformed = static_cast<char*>(workspace(Scratch::kTransformed, 16 * elementStride));
    float* sums = static_cast<float*>(workspace(Scratch::kSums, tiles * 16 * kTileRows * kTileColumns * sizeof(float)));
    transformPieces(bf16, pieces, first, count, transformed, elementStride, pieceStride);
    // The threads take blocks in turns: this one's next is probably as many blocks on as there are threads.
    const int64_t blockPieces = tilesPerBlock * kTileRows, next = first + omp_get_num_threads() * blockPieces;
    Ahead ahead = aheadOf(pieces, next, blockPieces, bf16 ? 2 : 4, panelsOf(columns) * 16 * tiles);
    for (int64_t column = 0; column < columns; column += kTileColumns) {
      for (int64_t t = 0; t < 16; t++) {
        for (int64_t i = 0; i < tiles; i++) {
          Tile tile{};
          tile.a = transformed + t * elementStride + i * kTileRows * pieceStride;
          tile.aStride = pieceStride;
          tile.b = panels + (t * columns + column) / kTileColumns * words * 128;
          tile.words = words;
          tile.rows = kTileRows;
          tile.columns = kTileColumns;
          tile.sums = sums + (i * 16 + t) * kTileRows * kTileColumns;
          tile.sumStride = kTileColumns;
          ahead.step();
          multiply(tile);
        }
      }
      for (int64_t i = 0; i < tiles; i++) {
        const int64_t rows = std::min<int64_t>(kTileRows, count - i * kTileRows);
        finishPieces(bf16, output, first + i * kTileRows, rows, column, sums + i * 16 * kTileRows * kTileColumns, tail);
      }
    }
  }
};

void multiplyPieces(bool bf16, const Pieces& pieces, const float* filter, bool transposed, const OutputPieces& output,
                    const Tail& tail) {
  const int64_t in = transposed ? output.channels : pieces.channels, out = transposed ? pieces.channels : output.channels;
  char* panels = static_cast<char*>(workspace(Scratch::kFilter, 16 * panelBytes(bf16, pieces.channels, output.channels)));
  transformFilter(bf16, filter, in, out, transposed, panels);
  const int64_t tiles = (pieces.count() + kTileRows - 1) / kTileRows;
  const int64_t tileBytes = 16 * kTileRows * (wordsOf(bf16, pieces.channels) * 4 + 64);
  int64_t tilesPerBlock = std::clamp<int64_t>(kBlockBytes / tileBytes, 1, kMostTiles);
  const int64_t wanted = 2 * omp_get_max_threads();
  if (tiles < wanted * tilesPerBlock) tilesPerBlock = std::max<int64_t>(1, tiles / wanted);
  const Product product{bf16, pieces, panels, output, tail, tilesPerBlock, tileProduct(bf16, TileOrder::kRows)};
  const int64_t blocks = (tiles + tilesPerBlock - 1) / tilesPerBlock;
#pragma omp parallel for schedule(dynamic, 1)
  for (int64_t block = 0; block < blocks; block++) product.block(block);
}

}  // namespace

bool isWinogradShape(const ConvShape& s) {
  return s.kernelHeight == 3 && s.kernelWidth == 3 && s.strideHeight == 1 && s.strideWidth == 1 && s.in % 32 == 0 &&
         s.out % 32 == 0 && s.in > 0 && s.out > 0 && s.in <= kMostChannels && s.out <= kMostChannels;
}

void winogradForward(bool bf16, const ConvShape& s, const void* x, const float* filter, void* y, const Tail& tail) {
  const int64_t gridHeight = (s.outHeight + 1) / 2, gridWidth = (s.outWidth + 1) / 2;
  const Pieces pieces{x, s.batch, s.height, s.width, s.in, s.padTop, s.padLeft, gridHeight, gridWidth};
  multiplyPieces(bf16, pieces, filter, false, {y, s.outHeight, s.outWidth, s.out, gridHeight, gridWidth}, tail);
}

// The convolution of dy with the turned filter, whose padding is what is missing to 2.
void winogradInputGradient(bool bf16, const ConvShape& s, const void* dy, const float* filter, void* dx) {
  const int64_t gridHeight = (s.height + 1) / 2, gridWidth = (s.width + 1) / 2;
  const Pieces pieces{dy, s.batch, s.outHeight, s.outWidth, s.out, 2 - s.padTop, 2 - s.padLeft, gridHeight, gridWidth};
  multiplyPieces(bf16, pieces, filter, true, {dx, s.height, s.width, s.in, gridHeight, gridWidth}, {});
}

}  // namespace multigrain
