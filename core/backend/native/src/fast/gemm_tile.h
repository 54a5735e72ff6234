// The innermost products of all convolutions: a tile of up to 14 rows x 32 columns, summed in 28 AVX-512 registers.
//
// Both types share one layout, counted in words of 32 bits: a word of A or B is one float, or two neighbouring bfloat16
// along the summed dimension (what `vdpbf16ps` multiplies). B is packed in panels of 32 columns, [words][32]; A comes
// either as rows of words (kRows: activations as they lie in memory) or as columns, the words of all rows side by side
// (kColumns: transposed, for sums over pixels).
#pragma once
#include <cstdint>

namespace multigrain {

constexpr int kTileRows = 14;
constexpr int kTileColumns = 32;

enum class TileOrder { kRows, kColumns };

/** What becomes of the sums of one row: scale, shift, addend and ReLU, in this order; each may be absent. */
struct Tail {
  const float* scale = nullptr;   // [columns]
  const float* shift = nullptr;   // [columns]
  const void* addend = nullptr;   // like the output, in the output's type
  bool relu = false;
};

struct Tile {
  const void* a;
  int64_t aStride;         // bytes from one row to the next (kRows), or from one word to the next (kColumns)
  const void* b;
  int64_t words;           // length of the sum
  int rows;                // how many of the tile's rows are wanted
  int columns;             // how many of its columns are wanted
  const float* addTo;      // sums so far, or null for 0
  float* sums;             // where sums go that are to be continued; null for the last
  int64_t sumStride;       // floats from one row of sums to the next
  void* out;               // when sums is null: the output at the tile's first column,
  const int64_t* outRow;   // its rows by their offset in elements
  Tail tail;               // pointers at the tile's first column, addend at that of `out`
};

using TileProduct = void (*)(const Tile&);

/** For float32 when `bf16` is false. A's rows in kColumns order may also be 13 (`narrow`), to fit 64 x n channels. */
TileProduct tileProduct(bool bf16, TileOrder order, bool narrow = false);

/** Whether this processor runs these kernels. */
bool hasTileProduct(bool bf16);

}  // namespace multigrain
