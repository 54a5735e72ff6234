#include "conv_filter_panels.h"
#include "winograd.h"
#include "winograd_pixels.h"
#include "workspace.h"

namespace multigrain {
namespace {

constexpr int64_t kMostChannels = 256;        // of a unit, on both sides
constexpr int64_t kChunkBytes = 500 * 1024;   // of transformed pieces: half of the second-level cache
constexpr int64_t kMostWords = 128;
constexpr int64_t kUnits = 8;                 // parts of the work, the same whatever the number of threads
constexpr int64_t kFewestPieces = 256;        // worth sums of their own

/** How sums over pieces are cut: into parts that are added up in their order, and channels on both sides. */
struct Cut {
  int64_t in, inParts, out, outParts, pieces, parts, chunk;
  int height;

  Cut(bool bf16, const ConvShape& s, int64_t count) {
    in = std::min(s.in, kMostChannels), out = std::min(s.out, kMostChannels);
    inParts = (s.in + in - 1) / in, outParts = (s.out + out - 1) / out;
    parts = std::clamp<int64_t>(kUnits / (4 * inParts * outParts), 1, std::max<int64_t>(1, count / kFewestPieces));
    const int64_t words = std::min(kMostWords, kChunkBytes / (4 * (in * 4 + 64 + out * 4)) / 16 * 16);
    chunk = words * (bf16 ? 2 : 1);
    pieces = ((count + parts - 1) / parts + 1) / 2 * 2;
    height = (in + 12) / 13 * 13 < (in + 13) / 14 * 14 ? 13 : 14;
  }
};

struct Gradient {
  bool bf16;
  const Pieces& images;
  const Pieces& gradients;
  const Cut& cut;
  TileProduct multiply;

  /** One part of the pieces, one row of elements, one part of the channels, into `sums` [4][in][out]. */
  void unit(int64_t part, int row, int64_t from, int64_t column, float* sums) const {
    const int64_t ins = images.channels, outs = gradients.channels;
    const int64_t to = std::min(from + cut.in, ins), end = std::min(column + cut.out, outs);
    const int64_t most = wordsOf(bf16, cut.chunk), stride = (to - from) * 4 + 64;
    char* a = static_cast<char*>(workspace(Scratch::kTransformed, 4 * most * stride));
    char* b = static_cast<char*>(workspace(Scratch::kGradient, 4 * most * (end - column) * 4));
    const int64_t last = std::min((part + 1) * cut.pieces, images.count());
    bool isFirst = true;
    for (int64_t piece = part * cut.pieces; piece < last; piece += cut.chunk, isFirst = false) {
      const int64_t count = std::min(cut.chunk, last - piece), words = wordsOf(bf16, count);
      const PixelLayout aLayout{a, words * stride, 128, stride};
      const PixelLayout bLayout{b, words * (end - column) * 4, words * 128, 128};
      packPieces(bf16, images, row, piece, count, from, to, aLayout);
      packOutputPieces(bf16, gradients, row, piece, count, column, end, bLayout);
      // Where a unit takes but a part of the channels, whole lines would bring in too much.
      const int64_t next = piece + cut.chunk, rest = std::min(cut.chunk, last - next), size = bf16 ? 2 : 4;
      const int64_t steps = 4 * panelsOf(end - column) * ((to - from + cut.height - 1) / cut.height);
      Ahead ahead = aheadOf(images, next, to - from == ins ? rest : 0, size, steps);
      Ahead aheadGradients = aheadOf(gradients, next, end - column == outs ? rest : 0, size, steps);
      for (int64_t j = 0; j < 4; j++) {
        for (int64_t n = column; n < end; n += kTileColumns) {
          for (int64_t m = from; m < to; m += cut.height) {
            Tile tile{};
            tile.a = a + j * aLayout.element + (m - from) * 4;
            tile.aStride = stride;
            tile.b = b + j * bLayout.element + (n - column) / kTileColumns * bLayout.panel;
            tile.words = words;
            tile.rows = static_cast<int>(std::min<int64_t>(cut.height, to - m));
            tile.columns = kTileColumns;
            tile.sums = sums + (j * ins + m) * outs + n;
            tile.addTo = isFirst ? nullptr : tile.sums;
            tile.sumStride = outs;
            ahead.step();
            aheadGradients.step();
            multiply(tile);
          }
        }
      }
    }
  }
};

}  // namespace

void winogradFilterGradient(bool bf16, const ConvShape& s, const void* x, const void* dy, float* gradient) {
  const int64_t gridHeight = (s.outHeight + 1) / 2, gridWidth = (s.outWidth + 1) / 2;
  const Pieces images{x, s.batch, s.height, s.width, s.in, s.padTop, s.padLeft, gridHeight, gridWidth};
  const Pieces gradients{dy, s.batch, s.outHeight, s.outWidth, s.out, 0, 0, gridHeight, gridWidth};
  const Cut cut(bf16, s, images.count());
  const int64_t size = 16 * s.in * s.out;
  float* sums = static_cast<float*>(workspace(Scratch::kFilter, cut.parts * size * sizeof(float)));
  const Gradient work{bf16, images, gradients, cut, tileProduct(bf16, TileOrder::kColumns, cut.height == 13)};
#pragma omp parallel for collapse(4) schedule(dynamic, 1)
  for (int64_t part = 0; part < cut.parts; part++) {
    for (int row = 0; row < 4; row++) {
      for (int64_t in = 0; in < cut.inParts; in++) {
        for (int64_t out = 0; out < cut.outParts; out++) {
          work.unit(part, row, in * cut.in, out * cut.out, sums + part * size + row * 4 * s.in * s.out);
        }
      }
    }
  }
  finishFilterGradient(bf16, sums, cut.parts, s.in, s.out, gradient);
}

}  // namespace multigrain
