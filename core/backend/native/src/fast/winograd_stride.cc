#include "winograd_stride.h"

#include <omp.h>

#include <algorithm>

#include "conv_filter_panels.h"
#include "winograd_stride_pieces.h"
#include "workspace.h"

namespace multigrain {
namespace {

constexpr int64_t kMostChannels = 512;
constexpr int64_t kBlockBytes = 640 * 1024;   // of transformed pieces, in the second-level cache
constexpr int64_t kMostTiles = 4;
constexpr int64_t kMostPart = 256;            // channels of a filter gradient's unit, on both sides
constexpr int64_t kChunkBytes = 500 * 1024;
constexpr int64_t kMostWords = 128;
constexpr int64_t kFewestPieces = 256;        // worth sums of their own

int64_t ceilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

struct Product {
  StrideSide side;
  const StridePieces& pieces;
  const float* panels;
  const StridePieces& output;
  float* out;
  const Tail& tail;
  int64_t tilesPerBlock;
  TileProduct multiply;

  void block(int64_t index) const {
    const int64_t first = index * tilesPerBlock * kTileRows;
    const int64_t count = std::min(tilesPerBlock * kTileRows, pieces.count() - first);
    const int64_t tiles = ceilDivide(count, kTileRows), words = pieces.channels, columns = output.channels;
    // An odd number of cache lines from piece to piece keeps pieces out of each other's cache sets.
    const int64_t pieceStride = (words / 16 | 1) * 64, elementStride = tiles * kTileRows * pieceStride;
    constexpr int64_t sumsOfTile = kStrideElements * kTileRows * kTileColumns;
    char* transformed = static_cast<char*>(workspace(Scratch::kTransformed, kStrideElements * elementStride));
    float* sums = static_cast<float*>(workspace(Scratch::kSums, tiles * sumsOfTile * sizeof(float)));
    for (int row = 0; row < kStrideSide; row++) {
      char* into = transformed + row * kStrideSide * elementStride;
      transformStrideRow(side, row, pieces, first, count, 0, words, {into, elementStride, 128, pieceStride});
    }
    for (int64_t column = 0; column < columns; column += kTileColumns) {
      for (int e = 0; e < kStrideElements; e++) {
        const int64_t filter = strideFilterOf(e / kStrideSide) * kStrideFilterSide + strideFilterOf(e % kStrideSide);
        for (int64_t i = 0; i < tiles; i++) {
          Tile tile{};
          tile.a = transformed + e * elementStride + i * kTileRows * pieceStride;
          tile.aStride = pieceStride;
          tile.b = panels + (filter * columns + column) * words;
          tile.words = words;
          tile.rows = kTileRows;
          tile.columns = kTileColumns;
          tile.sums = sums + i * sumsOfTile + e * kTileRows * kTileColumns;
          tile.sumStride = kTileColumns;
          multiply(tile);
        }
      }
      for (int64_t i = 0; i < tiles; i++) {
        const int64_t rows = std::min<int64_t>(kTileRows, count - i * kTileRows);
        finishStride(side, output, out, first + i * kTileRows, rows, column, sums + i * sumsOfTile, tail);
      }
    }
  }
};

void multiplyPieces(StrideSide side, const StridePieces& pieces, const float* filter, const StridePieces& output, float* out,
                    const Tail& tail) {
  const bool transposed = side == StrideSide::kGradients;
  const int64_t filterIn = transposed ? output.channels : pieces.channels, filterOut = transposed ? pieces.channels : output.channels;
  const size_t size = kStrideFilters * panelBytes(false, pieces.channels, output.channels);
  float* panels = static_cast<float*>(workspace(Scratch::kFilter, size));
  transformStrideFilter(filter, filterIn, filterOut, transposed, panels);
  const int64_t tiles = ceilDivide(pieces.count(), kTileRows), threads = omp_get_max_threads();
  const int64_t tileBytes = kStrideElements * kTileRows * (pieces.channels * 4 + 64);
  int64_t tilesPerBlock = std::clamp<int64_t>(kBlockBytes / tileBytes, 1, kMostTiles);
  if (tiles < 2 * threads * tilesPerBlock) tilesPerBlock = std::max<int64_t>(1, tiles / (2 * threads));
  const Product product{side, pieces, panels, output, out, tail, tilesPerBlock, tileProduct(false, TileOrder::kRows)};
  const int64_t blocks = ceilDivide(tiles, tilesPerBlock);
#pragma omp parallel for schedule(dynamic, 1)
  for (int64_t block = 0; block < blocks; block++) product.block(block);
}

/** How a filter gradient's sums over pieces are cut. */
struct Cut {
  int64_t in, inParts, out, outParts, pieces, parts, chunk;
  int height;

  Cut(const ConvShape& s, int64_t count) {
    inParts = ceilDivide(s.in, kMostPart), outParts = ceilDivide(s.out, kMostPart);
    in = ceilDivide(ceilDivide(s.in, inParts), 32) * 32, out = ceilDivide(ceilDivide(s.out, outParts), 32) * 32;
    // Seven units of a part's rows of elements do not go evenly into threads; two parts do.
    parts = inParts * outParts > 1 ? 1 : std::clamp<int64_t>(2, 1, std::max<int64_t>(1, count / kFewestPieces));
    pieces = ceilDivide(count, parts);
    const int64_t words = std::min(kMostWords, kChunkBytes / (kStrideSide * (in * 4 + 64 + out * 4)));
    chunk = ceilDivide(pieces, ceilDivide(pieces, words));
    height = ceilDivide(in, 13) * 13 < ceilDivide(in, 14) * 14 ? 13 : 14;
  }
};

struct Gradient {
  const StridePieces& images;
  const StridePieces& gradients;
  const Cut& cut;
  TileProduct multiply;

  /** One part of the pieces, one row of elements, one part of the channels, into `sums` [5][in][out]. */
  void unit(int64_t part, int row, int64_t from, int64_t column, float* sums) const {
    const int64_t ins = images.channels, outs = gradients.channels;
    const int64_t to = std::min(from + cut.in, ins), end = std::min(column + cut.out, outs);
    // An odd number of cache lines from word to word; the last tile may read beyond the last element.
    const int64_t stride = (to - from) * 4 + 64;
    char* a = static_cast<char*>(workspace(Scratch::kTransformed, kStrideSide * cut.chunk * stride + 64));
    char* b = static_cast<char*>(workspace(Scratch::kGradient, kStrideSide * cut.chunk * (end - column) * 4));
    const int64_t last = std::min((part + 1) * cut.pieces, images.count());
    bool isFirst = true;
    for (int64_t piece = part * cut.pieces; piece < last; piece += cut.chunk, isFirst = false) {
      const int64_t count = std::min(cut.chunk, last - piece);
      const PixelLayout aLayout{a, count * stride, 128, stride};
      const PixelLayout bLayout{b, count * (end - column) * 4, count * 128, 128};
      transformStrideRow(StrideSide::kImages, row, images, piece, count, from, to, aLayout);
      transformStrideRow(StrideSide::kGradientsForFilter, row, gradients, piece, count, column, end, bLayout);
      for (int e = 0; e < kStrideSide; e++) {
        for (int64_t n = column; n < end; n += kTileColumns) {
          for (int64_t m = from; m < to; m += cut.height) {
            Tile tile{};
            tile.a = a + e * aLayout.element + (m - from) * 4;
            tile.aStride = stride;
            tile.b = b + e * bLayout.element + (n - column) / kTileColumns * bLayout.panel;
            tile.words = count;
            tile.rows = static_cast<int>(std::min<int64_t>(cut.height, to - m));
            tile.columns = kTileColumns;
            tile.sums = sums + (strideFilterOf(e) * ins + m) * outs + n;
            tile.addTo = isFirst && e < kStrideFilterSide ? nullptr : tile.sums;
            tile.sumStride = outs;
            multiply(tile);
          }
        }
      }
    }
  }
};

}  // namespace

bool isWinogradStride(const ConvShape& s) {
  return s.kernelHeight == 3 && s.kernelWidth == 3 && s.strideHeight == 2 && s.strideWidth == 2 && s.in % 32 == 0 &&
         s.out % 32 == 0 && s.in > 0 && s.out > 0 && s.in <= kMostChannels && s.out <= kMostChannels;
}

void winogradStrideForward(const ConvShape& s, const float* x, const float* filter, float* y, const Tail& tail) {
  const int64_t gridHeight = ceilDivide(s.outHeight, 3), gridWidth = ceilDivide(s.outWidth, 3);
  const StridePieces pieces{x, s.batch, s.height, s.width, s.in, 6, s.padTop, s.padLeft, gridHeight, gridWidth};
  const StridePieces output{y, s.batch, s.outHeight, s.outWidth, s.out, 3, 0, 0, gridHeight, gridWidth};
  multiplyPieces(StrideSide::kImages, pieces, filter, output, y, tail);
}

// Even pixels (counted from the padding's first) get two taps of dy, odd ones get one.
void winogradStrideInputGradient(const ConvShape& s, const float* dy, const float* filter, float* dx) {
  const int64_t gridHeight = ceilDivide(s.height + s.padTop, 6), gridWidth = ceilDivide(s.width + s.padLeft, 6);
  const StridePieces pieces{dy, s.batch, s.outHeight, s.outWidth, s.out, 3, 1, 1, gridHeight, gridWidth};
  const StridePieces output{dx, s.batch, s.height, s.width, s.in, 6, s.padTop, s.padLeft, gridHeight, gridWidth};
  multiplyPieces(StrideSide::kGradients, pieces, filter, output, dx, {});
}

void winogradStrideFilterGradient(const ConvShape& s, const float* x, const float* dy, float* gradient) {
  const int64_t gridHeight = ceilDivide(s.outHeight, 3), gridWidth = ceilDivide(s.outWidth, 3);
  const StridePieces images{x, s.batch, s.height, s.width, s.in, 6, s.padTop, s.padLeft, gridHeight, gridWidth};
  const StridePieces gradients{dy, s.batch, s.outHeight, s.outWidth, s.out, 3, 0, 0, gridHeight, gridWidth};
  const Cut cut(s, images.count());
  const int64_t rowSize = kStrideFilterSide * s.in * s.out;
  float* sums = static_cast<float*>(workspace(Scratch::kFilter, cut.parts * kStrideSide * rowSize * sizeof(float)));
  const Gradient work{images, gradients, cut, tileProduct(false, TileOrder::kColumns, cut.height == 13)};
#pragma omp parallel for collapse(4) schedule(dynamic, 1)
  for (int64_t part = 0; part < cut.parts; part++) {
    for (int row = 0; row < kStrideSide; row++) {
      for (int64_t in = 0; in < cut.inParts; in++) {
        for (int64_t out = 0; out < cut.outParts; out++) {
          work.unit(part, row, in * cut.in, out * cut.out, sums + (part * kStrideSide + row) * rowSize);
        }
      }
    }
  }
  finishStrideFilterGradient(sums, cut.parts, s.in, s.out, gradient);
}

}  // namespace multigrain
