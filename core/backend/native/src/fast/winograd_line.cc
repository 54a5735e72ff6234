#include "winograd_line.h"

#include <omp.h>

#include <algorithm>

#include "conv_filter_panels.h"
#include "winograd_line_pieces.h"
#include "workspace.h"

namespace multigrain {
namespace {

constexpr int64_t kMostChannels = 1024;
constexpr int64_t kBlockBytes = 480 * 1024;  // of transformed pieces: half of the second-level cache
constexpr int64_t kMostTiles = 8;

int64_t ceilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** The images of `source`, cut for outputs of `outHeight` x `outWidth`. */
LinePieces piecesOf(const LineScheme& scheme, bool isVertical, const float* source, int64_t batch, int64_t height, int64_t width,
                    int64_t channels, int64_t pad, int64_t outHeight, int64_t outWidth) {
  return {source, batch, height, width, channels, isVertical, scheme.outputs, pad,
          isVertical ? ceilDivide(outHeight, scheme.outputs) : outHeight, isVertical ? outWidth : ceilDivide(outWidth, scheme.outputs)};
}

struct Product {
  const LineScheme scheme;
  const LinePieces& pieces;
  const float* panels;
  const LinePieces& output;
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
    const int64_t sumsOfTile = scheme.elements * kTileRows * kTileColumns;
    char* transformed = static_cast<char*>(workspace(Scratch::kTransformed, scheme.elements * elementStride));
    float* sums = static_cast<float*>(workspace(Scratch::kSums, tiles * sumsOfTile * sizeof(float)));
    transformLines(scheme.taps, pieces, -1, first, count, 0, words, {transformed, elementStride, 128, pieceStride});
    for (int64_t column = 0; column < columns; column += kTileColumns) {
      for (int64_t e = 0; e < scheme.elements; e++) {
        for (int64_t i = 0; i < tiles; i++) {
          Tile tile{};
          tile.a = transformed + e * elementStride + i * kTileRows * pieceStride;
          tile.aStride = pieceStride;
          tile.b = panels + (e * columns + column) * words;
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
        finishLines(scheme.taps, output, out, first + i * kTileRows, rows, column, sums + i * sumsOfTile, tail);
      }
    }
  }
};

void multiplyPieces(const LineScheme& scheme, const LinePieces& pieces, const float* filter, bool transposed,
                    const LinePieces& output, float* out, const Tail& tail) {
  const int64_t filterIn = transposed ? output.channels : pieces.channels, filterOut = transposed ? pieces.channels : output.channels;
  const size_t size = scheme.elements * panelBytes(false, pieces.channels, output.channels);
  float* panels = static_cast<float*>(workspace(Scratch::kFilter, size));
  transformLineFilter(scheme.taps, filter, filterIn, filterOut, transposed, panels);
  const int64_t tiles = ceilDivide(pieces.count(), kTileRows);
  const int64_t tileBytes = scheme.elements * kTileRows * (pieces.channels * 4 + 64);
  int64_t tilesPerBlock = std::clamp<int64_t>(kBlockBytes / tileBytes, 1, kMostTiles);
  const int64_t threads = omp_get_max_threads();
  if (tiles < 2 * threads * tilesPerBlock) tilesPerBlock = std::max<int64_t>(1, tiles / (2 * threads));
  // As many blocks as the threads share evenly: with few of them, one more would keep the others waiting.
  const int64_t shared = ceilDivide(ceilDivide(tiles, tilesPerBlock), threads) * threads;
  tilesPerBlock = std::max<int64_t>(1, ceilDivide(tiles, shared));
  const Product product{scheme, pieces, panels, output, out, tail, tilesPerBlock, tileProduct(false, TileOrder::kRows)};
  const int64_t blocks = ceilDivide(tiles, tilesPerBlock);
#pragma omp parallel for schedule(dynamic, 1)
  for (int64_t block = 0; block < blocks; block++) product.block(block);
}

bool isVertical(const ConvShape& s) { return s.kernelHeight > 1; }

LineScheme schemeOf(const ConvShape& s) { return lineScheme(std::max(s.kernelHeight, s.kernelWidth)); }

}  // namespace

bool isWinogradLine(const ConvShape& s) {
  if (s.strideHeight != 1 || s.strideWidth != 1 || std::min(s.kernelHeight, s.kernelWidth) != 1) return false;
  const int64_t taps = std::max(s.kernelHeight, s.kernelWidth);
  if (taps != 3 && taps != 7) return false;
  const bool isAlong = isVertical(s) ? s.padLeft == 0 && s.outWidth == s.width : s.padTop == 0 && s.outHeight == s.height;
  return isAlong && s.in % 32 == 0 && s.out % 32 == 0 && s.in > 0 && s.out > 0 && s.in <= kMostChannels && s.out <= kMostChannels;
}

void winogradLineForward(const ConvShape& s, const float* x, const float* filter, float* y, const Tail& tail) {
  const LineScheme scheme = schemeOf(s);
  const bool vertical = isVertical(s);
  const int64_t pad = vertical ? s.padTop : s.padLeft;
  const LinePieces pieces =
      piecesOf(scheme, vertical, x, s.batch, s.height, s.width, s.in, pad, s.outHeight, s.outWidth);
  const LinePieces output =
      piecesOf(scheme, vertical, y, s.batch, s.outHeight, s.outWidth, s.out, 0, s.outHeight, s.outWidth);
  multiplyPieces(scheme, pieces, filter, false, output, y, tail);
}

// The convolution of dy with the turned filter, whose padding is what is missing to the taps before the last.
void winogradLineInputGradient(const ConvShape& s, const float* dy, const float* filter, float* dx) {
  const LineScheme scheme = schemeOf(s);
  const bool vertical = isVertical(s);
  const int64_t pad = scheme.taps - 1 - (vertical ? s.padTop : s.padLeft);
  const LinePieces pieces =
      piecesOf(scheme, vertical, dy, s.batch, s.outHeight, s.outWidth, s.out, pad, s.height, s.width);
  const LinePieces output = piecesOf(scheme, vertical, dx, s.batch, s.height, s.width, s.in, 0, s.height, s.width);
  multiplyPieces(scheme, pieces, filter, true, output, dx, {});
}

}  // namespace multigrain
