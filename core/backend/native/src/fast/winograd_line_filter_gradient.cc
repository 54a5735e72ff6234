#include <algorithm>

#include "conv_filter_panels.h"
#include "winograd_line.h"
#include "winograd_line_pieces.h"
#include "workspace.h"

namespace multigrain {
namespace {

constexpr int64_t kMostChannels = 256;        // of a unit, on both sides
constexpr int64_t kChunkBytes = 500 * 1024;   // of transformed pieces: half of the second-level cache
constexpr int64_t kMostWords = 128;
constexpr int64_t kUnits = 8;                 // parts of the work, the same whatever the number of threads
constexpr int64_t kFewestPieces = 256;        // worth sums of their own

int64_t ceilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** How sums over pieces are cut: into parts that are added up in their order, groups of elements, and channels on both sides. */
struct Cut {
  int64_t in, inParts, out, outParts, groups, pieces, parts, chunk;
  int height;

  Cut(const ConvShape& s, int elements, int64_t count) {
    inParts = ceilDivide(s.in, kMostChannels), outParts = ceilDivide(s.out, kMostChannels);
    in = ceilDivide(ceilDivide(s.in, inParts), 32) * 32, out = ceilDivide(ceilDivide(s.out, outParts), 32) * 32;
    groups = ceilDivide(elements, kElementGroup);
    parts = std::clamp<int64_t>(kUnits / (groups * inParts * outParts), 1, std::max<int64_t>(1, count / kFewestPieces));
    pieces = ceilDivide(count, parts);
    const int64_t words = std::min(kMostWords, kChunkBytes / (kElementGroup * (in * 4 + 64 + out * 4)));
    // Chunks of one size: a short one at the end would mostly load and store sums.
    chunk = ceilDivide(pieces, ceilDivide(pieces, words));
    height = ceilDivide(in, 13) * 13 < ceilDivide(in, 14) * 14 ? 13 : 14;
  }
};

struct Gradient {
  const LineScheme scheme;
  const LinePieces& images;
  const LinePieces& gradients;
  const Cut& cut;
  TileProduct multiply;

  /** One part of the pieces, one group of elements, one part of the channels, into `sums` [elements][in][out]. */
  void unit(int64_t part, int64_t group, int64_t from, int64_t column, float* sums) const {
    const int64_t ins = images.channels, outs = gradients.channels;
    const int64_t to = std::min(from + cut.in, ins), end = std::min(column + cut.out, outs);
    const int64_t elements = std::min<int64_t>(kElementGroup, scheme.elements - group * kElementGroup);
    // An odd number of cache lines from word to word; the last tile may read beyond the last element.
    const int64_t stride = (to - from) * 4 + 64;
    char* a = static_cast<char*>(workspace(Scratch::kTransformed, elements * cut.chunk * stride + 64));
    char* b = static_cast<char*>(workspace(Scratch::kGradient, elements * cut.chunk * (end - column) * 4));
    const int64_t last = std::min((part + 1) * cut.pieces, images.count());
    bool isFirst = true;
    for (int64_t piece = part * cut.pieces; piece < last; piece += cut.chunk, isFirst = false) {
      const int64_t count = std::min(cut.chunk, last - piece);
      const PixelLayout aLayout{a, count * stride, 128, stride};
      const PixelLayout bLayout{b, count * (end - column) * 4, count * 128, 128};
      transformLines(scheme.taps, images, static_cast<int>(group), piece, count, from, to, aLayout);
      transformLineGradient(scheme.taps, gradients, static_cast<int>(group), piece, count, column, end, bLayout);
      for (int64_t e = 0; e < elements; e++) {
        for (int64_t n = column; n < end; n += kTileColumns) {
          for (int64_t m = from; m < to; m += cut.height) {
            Tile tile{};
            tile.a = a + e * aLayout.element + (m - from) * 4;
            tile.aStride = stride;
            tile.b = b + e * bLayout.element + (n - column) / kTileColumns * bLayout.panel;
            tile.words = count;
            tile.rows = static_cast<int>(std::min<int64_t>(cut.height, to - m));
            tile.columns = kTileColumns;
            tile.sums = sums + ((group * kElementGroup + e) * ins + m) * outs + n;
            tile.addTo = isFirst ? nullptr : tile.sums;
            tile.sumStride = outs;
            multiply(tile);
          }
        }
      }
    }
  }
};

}  // namespace

void winogradLineFilterGradient(const ConvShape& s, const float* x, const float* dy, float* gradient) {
  const bool isVertical = s.kernelHeight > 1;
  const LineScheme scheme = lineScheme(std::max(s.kernelHeight, s.kernelWidth));
  const int64_t gridHeight = isVertical ? ceilDivide(s.outHeight, scheme.outputs) : s.outHeight;
  const int64_t gridWidth = isVertical ? s.outWidth : ceilDivide(s.outWidth, scheme.outputs);
  const int64_t pad = isVertical ? s.padTop : s.padLeft;
  const LinePieces images{x, s.batch, s.height, s.width, s.in, isVertical, scheme.outputs, pad, gridHeight, gridWidth};
  const LinePieces gradients{dy, s.batch, s.outHeight, s.outWidth, s.out, isVertical, scheme.outputs, 0, gridHeight, gridWidth};
  const Cut cut(s, scheme.elements, images.count());
  const int64_t size = scheme.elements * s.in * s.out;
  float* sums = static_cast<float*>(workspace(Scratch::kFilter, cut.parts * size * sizeof(float)));
  const Gradient work{scheme, images, gradients, cut, tileProduct(false, TileOrder::kColumns, cut.height == 13)};
#pragma omp parallel for collapse(4) schedule(dynamic, 1)
  for (int64_t part = 0; part < cut.parts; part++) {
    for (int64_t group = 0; group < cut.groups; group++) {
      for (int64_t in = 0; in < cut.inParts; in++) {
        for (int64_t out = 0; out < cut.outParts; out++) {
          work.unit(part, group, in * cut.in, out * cut.out, sums + part * size);
        }
      }
    }
  }
  finishLineFilterGradient(scheme.taps, sums, cut.parts, s.in, s.out, gradient);
}

}  // namespace multigrain
