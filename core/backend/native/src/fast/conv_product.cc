#include "conv_product.h"

#include <omp.h>

#include <algorithm>

#include "conv_ahead.h"
#include "conv_filter_panels.h"
#include "workspace.h"

namespace multigrain {
namespace {

constexpr int64_t kChunkWords = 512;          // of a sum at a time: 14 rows of it fill the first-level cache
constexpr int64_t kBlockBytes = 256 * 1024;   // patches of a block: a quarter of the second-level cache
constexpr int64_t kMostTiles = 16;
constexpr int64_t kFewPanelBytes = 256 * 1024;

/** How a product is cut: columns of panels and blocks of rows for the threads, chunks of the sum inside. */
struct Cut {
  int64_t words, chunks, chunkWords, stride;
  int64_t panels, panelsPerGroup, groups;
  int64_t tiles, tilesPerBlock, blocks;

  Cut(bool bf16, const Patches& patches, int64_t columns) {
    words = wordsOf(bf16, patches.length());
    chunks = std::max<int64_t>(1, (words + kChunkWords - 1) / kChunkWords);
    chunkWords = ((words + chunks - 1) / chunks + 15) / 16 * 16;
    // An odd number of cache lines from row to row keeps rows out of each other's cache sets.
    stride = chunkWords * 4 + 64 + (chunkWords / 16 % 2) * 64;
    panels = panelsOf(columns);
    tiles = (patches.rows() + kTileRows - 1) / kTileRows;
    tilesPerBlock = std::clamp<int64_t>(kBlockBytes / (kTileRows * stride), 1, kMostTiles);
    const int64_t wanted = 2 * omp_get_max_threads();
    if (tiles < wanted * tilesPerBlock) tilesPerBlock = std::max<int64_t>(1, tiles / wanted);
    // As many blocks as the threads share evenly: with few of them, one more would keep the others waiting.
    const int64_t threads = omp_get_max_threads(), least = (tiles + tilesPerBlock - 1) / tilesPerBlock;
    const int64_t shared = (least + threads - 1) / threads * threads;
    tilesPerBlock = std::max<int64_t>(1, (tiles + shared - 1) / shared);
    blocks = (tiles + tilesPerBlock - 1) / tilesPerBlock;
    groups = std::min(panels, blocks >= wanted ? 1 : (wanted + blocks - 1) / blocks);
    panelsPerGroup = (panels + groups - 1) / groups;
    groups = (panels + panelsPerGroup - 1) / panelsPerGroup;
  }
};

struct Product {
  bool bf16;
  const Patches& patches;
  const char* panels;
  const Placement& placement;
  const Tail& tail;
  const Cut& cut;
  TileProduct multiply;

  void findRows(int64_t row, int64_t rows, int64_t* offsets) const {
    const Patches& p = patches;
    int64_t gx = row % p.gridWidth, gy = row / p.gridWidth % p.gridHeight, image = row / p.gridWidth / p.gridHeight;
    for (int64_t r = 0; r < rows; r++) {
      const int64_t y = gy * placement.stepY + placement.top, x = gx * placement.stepX + placement.left;
      offsets[r] = ((image * placement.height + y) * placement.width + x) * placement.channels;
      if (++gx == p.gridWidth) {
        gx = 0;
        if (++gy == p.gridHeight) gy = 0, image++;
      }
    }
  }

  void block(int64_t index, int64_t group) const {
    const int64_t row = index * cut.tilesPerBlock * kTileRows;
    const int64_t rows = std::min(cut.tilesPerBlock * kTileRows, patches.rows() - row);
    const int64_t firstPanel = group * cut.panelsPerGroup;
    const int64_t panelCount = std::min(cut.panelsPerGroup, cut.panels - firstPanel);
    int64_t offsets[kMostTiles * kTileRows];
    findRows(row, rows, offsets);
    const int64_t tileCount = (rows + kTileRows - 1) / kTileRows;
    char* gathered = static_cast<char*>(workspace(Scratch::kPatches, tileCount * kTileRows * cut.stride));
    float* sums = cut.chunks == 1 ? nullptr
                                  : static_cast<float*>(workspace(
                                        Scratch::kSums, tileCount * kTileRows * panelCount * kTileColumns * sizeof(float)));
    const int64_t per = bf16 ? 2 : 1, size = bf16 ? 2 : 4;
    // The threads take blocks in turns: this one's next is probably as many blocks on as there are threads.
    const int64_t blockRows = cut.tilesPerBlock * kTileRows, nextRow = row + omp_get_num_threads() * blockRows;
    Ahead ahead = aheadOf(patches, cut.groups == 1 ? nextRow : patches.rows(), blockRows, size, tileCount * panelCount * cut.chunks);
    for (int64_t chunk = 0; chunk < cut.chunks; chunk++) {
      const int64_t word = chunk * cut.chunkWords, words = std::min(cut.chunkWords, cut.words - word);
      if (words > 0) {
        gatherPatches(bf16, patches, row, rows, word * per, std::min((word + words) * per, patches.length()), gathered,
                      cut.stride);
      }
      const auto tileAt = [&](int64_t t, int64_t p) {
        const int64_t panel = firstPanel + p, column = panel * kTileColumns;
        Tile tile{};
        tile.a = gathered + t * kTileRows * cut.stride;
        tile.aStride = cut.stride;
        tile.b = panels + (panel * cut.words + word) * 128;
        tile.words = words;
        tile.rows = static_cast<int>(std::min<int64_t>(kTileRows, rows - t * kTileRows));
        tile.columns = static_cast<int>(std::min<int64_t>(kTileColumns, placement.channels - column));
        float* tileSums = sums ? sums + (t * panelCount + p) * kTileRows * kTileColumns : nullptr;
        tile.addTo = chunk > 0 ? tileSums : nullptr;
        tile.sums = chunk + 1 < cut.chunks ? tileSums : nullptr;
        tile.sumStride = kTileColumns;
        tile.out = static_cast<char*>(placement.out) + column * size;
        tile.outRow = offsets + t * kTileRows;
        if (tail.scale) tile.tail.scale = tail.scale + column;
        if (tail.shift) tile.tail.shift = tail.shift + column;
        if (tail.addend) tile.tail.addend = static_cast<const char*>(tail.addend) + column * size;
        tile.tail.relu = tail.relu;
        ahead.step();
        multiply(tile);
      };
      // A filter that stays in the second-level cache allows whole rows to be written at once.
      if (panelCount * words * 128 <= kFewPanelBytes) {
        for (int64_t t = 0; t < tileCount; t++) {
          for (int64_t p = 0; p < panelCount; p++) tileAt(t, p);
        }
      } else {
        for (int64_t p = 0; p < panelCount; p++) {
          for (int64_t t = 0; t < tileCount; t++) tileAt(t, p);
        }
      }
    }
  }
};

}  // namespace

void multiplyPatches(bool bf16, const Patches& patches, const void* panels, const Placement& placement, const Tail& tail) {
  if (patches.rows() == 0 || placement.channels == 0) return;
  const Cut cut(bf16, patches, placement.channels);
  const Product product{bf16,      patches, static_cast<const char*>(panels),        placement, tail,
                        cut, tileProduct(bf16, TileOrder::kRows)};
#pragma omp parallel for collapse(2) schedule(dynamic, 1)
  for (int64_t block = 0; block < cut.blocks; block++) {
    for (int64_t group = 0; group < cut.groups; group++) product.block(block, group);
  }
}

}  // namespace multigrain
