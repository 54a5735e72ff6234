#include "winograd_stride_pieces.h"

#include <type_traits>
#include <utility>

#include "conv_filter_panels.h"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")
// GCC's own header leaves registers undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

namespace multigrain {
namespace {

#include "conv_words.h"
#include "winograd_matrix.h"

// Along one dimension, F(3,2) with the points 0, 1, -1 and infinity on the even pixels, and the odd ones as they are.
constexpr float kImages[7][7] = {{-1, 0, 0, 0, 1, 0, 0}, {0, 0, 1, 0, 1, 0, 0}, {0, 0, -1, 0, 1, 0, 0}, {0, 0, -1, 0, 0, 0, 1},
                                 {0, 1, 0, 0, 0, 0, 0},  {0, 0, 0, 1, 0, 0, 0}, {0, 0, 0, 0, 0, 1, 0}};
constexpr float kGradients[7][4] = {{-1, 0, 1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
constexpr float kFilter[5][3] = {{-1, 0, 0}, {0.5f, 0, 0.5f}, {0.5f, 0, -0.5f}, {0, 0, 1}, {0, 1, 0}};
constexpr float kOutputs[3][7] = {{1, 1, 1, 0, 1, 0, 0}, {0, 1, -1, 0, 0, 1, 0}, {0, 1, 1, 1, 0, 0, 1}};
constexpr float kInputs[6][7] = {{1, 1, 1, 0, 0, 0, 0},  {0, 0, 0, 0, 1, 0, 0}, {0, 1, -1, 0, 0, 0, 0},
                                 {0, 0, 0, 0, 0, 1, 0}, {0, 1, 1, 1, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 1}};

struct OfImages {
  static constexpr int rows = 7, columns = 7;
  static constexpr float at(int row, int column) { return kImages[row][column]; }
};
struct OfGradients {
  static constexpr int rows = 7, columns = 4;
  static constexpr float at(int row, int column) { return kGradients[row][column]; }
};
struct OfGradientsForFilter {
  static constexpr int rows = 7, columns = 3;
  static constexpr float at(int row, int column) { return kOutputs[column][row]; }
};
struct OfFilter {
  static constexpr int rows = 5, columns = 3;
  static constexpr float at(int row, int column) { return kFilter[row][column]; }
};
struct OfTaps {
  static constexpr int rows = 3, columns = 5;
  static constexpr float at(int row, int column) { return kFilter[column][row]; }
};
struct OfOutputs {
  static constexpr int rows = 3, columns = 7;
  static constexpr float at(int row, int column) { return kOutputs[row][column]; }
};
struct OfInputs {
  static constexpr int rows = 6, columns = 7;
  static constexpr float at(int row, int column) { return kInputs[row][column]; }
};

template <typename Matrix, int row, int column>
inline void addLine(__m512& sum, const float* const* lines, int64_t offset) {
  constexpr float factor = Matrix::at(row, column);
  if constexpr (factor != 0) {
    if (lines[column]) sum = _mm512_fmadd_ps(_mm512_set1_ps(factor), _mm512_loadu_ps(lines[column] + offset), sum);
  }
}

/** A row of the matrix times the same place of several lines; null for lines of zeros. */
template <typename Matrix, int row, int... columns>
inline __m512 linesTimes(const float* const* lines, int64_t offset, std::integer_sequence<int, columns...>) {
  __m512 sum = _mm512_setzero_ps();
  (addLine<Matrix, row, columns>(sum, lines, offset), ...);
  return sum;
}

template <typename Matrix, int row>
void transformRow(const StridePieces& s, int64_t first, int64_t count, int64_t from, int64_t to, const PixelLayout& layout) {
  int64_t px = first % s.gridWidth, py = first / s.gridWidth % s.gridHeight, image = first / s.gridWidth / s.gridHeight;
  for (int64_t p = 0; p < count; p++) {
    const int64_t x = px * s.step - s.padLeft;
    const float* lines[Matrix::columns];
    for (int i = 0; i < Matrix::columns; i++) {
      const int64_t y = py * s.step - s.padTop + i;
      lines[i] = y >= 0 && y < s.height ? s.source + (image * s.height + y) * s.width * s.channels : nullptr;
    }
    char* panel = layout.into + p * layout.word;
    for (int64_t channel = from; channel < to; channel += 32, panel += layout.panel) {
      for (int64_t half = 0; half < 32; half += 16) {
        __m512 values[Matrix::columns];
#pragma GCC unroll 8
        for (int j = 0; j < Matrix::columns; j++) {
          const bool isInside = x + j >= 0 && x + j < s.width;
          values[j] = isInside ? linesTimes<Matrix, row>(lines, (x + j) * s.channels + channel + half,
                                                         std::make_integer_sequence<int, Matrix::columns>{})
                               : _mm512_setzero_ps();
        }
        storeRows<Matrix, 0>(values, panel + half * 4, layout.element, std::make_integer_sequence<int, kStrideSide>{});
      }
    }
    if (++px == s.gridWidth) {
      px = 0;
      if (++py == s.gridHeight) py = 0, image++;
    }
  }
}

template <typename Matrix, int... rows>
void transformAnyRow(int row, const StridePieces& s, int64_t first, int64_t count, int64_t from, int64_t to, const PixelLayout& layout,
                     std::integer_sequence<int, rows...>) {
  ((rows == row ? transformRow<Matrix, rows>(s, first, count, from, to, layout) : void()), ...);
}

template <int... rows>
inline void spreadFilter(const float* const* lines, int64_t at, char* into, int64_t elementBytes, std::integer_sequence<int, rows...>) {
  const auto spreadRow = [&](auto row) {
    __m512 values[3];
#pragma GCC unroll 3
    for (int j = 0; j < 3; j++) {
      values[j] = linesTimes<OfFilter, decltype(row)::value>(lines, at + j * 16 * 16, std::make_integer_sequence<int, 3>{});
    }
    storeRows<OfFilter, 0>(values, into + row * kStrideFilterSide * elementBytes, elementBytes,
                           std::make_integer_sequence<int, kStrideFilterSide>{});
  };
  (spreadRow(std::integral_constant<int, rows>{}), ...);
}

/** One row of the outputs of a piece. */
template <typename Matrix, int row>
inline void finishRow(const StridePieces& s, float* out, int64_t image, int64_t y, int64_t x, int64_t channel, const float* sums,
                      const Tail& tail, bool plain) {
  if (y < 0 || y >= s.height) return;
  constexpr int64_t element = kTileRows * kTileColumns;
  const float* lines[kStrideSide];
  for (int i = 0; i < kStrideSide; i++) lines[i] = sums + i * kStrideSide * element;
  for (int64_t half = 0; half < 32; half += 16) {
    __m512 values[kStrideSide], y0[8];
#pragma GCC unroll 8
    for (int j = 0; j < kStrideSide; j++) {
      values[j] = linesTimes<Matrix, row>(lines, j * element + half, std::make_integer_sequence<int, kStrideSide>{});
    }
    storeRows<Matrix, 0>(values, reinterpret_cast<char*>(y0), 64, std::make_integer_sequence<int, Matrix::rows>{});
#pragma GCC unroll 6
    for (int j = 0; j < Matrix::rows; j++) {
      if (x + j < 0 || x + j >= s.width) continue;
      const int64_t at = ((image * s.height + y) * s.width + x + j) * s.channels + channel + half;
      _mm512_storeu_ps(out + at, plain ? y0[j] : withTail(y0[j], tail, channel + half, at));
    }
  }
}

template <typename Matrix, int... rows>
void finish(const StridePieces& s, float* out, int64_t first, int64_t count, int64_t channel, const float* sums, const Tail& tail,
            std::integer_sequence<int, rows...>) {
  const bool plain = !tail.scale && !tail.shift && !tail.addend && !tail.relu;
  int64_t px = first % s.gridWidth, py = first / s.gridWidth % s.gridHeight, image = first / s.gridWidth / s.gridHeight;
  for (int64_t p = 0; p < count; p++, sums += kTileColumns) {
    const int64_t y = py * s.step - s.padTop, x = px * s.step - s.padLeft;
    (finishRow<Matrix, rows>(s, out, image, y + rows, x, channel, sums, tail, plain), ...);
    if (++px == s.gridWidth) {
      px = 0;
      if (++py == s.gridHeight) py = 0, image++;
    }
  }
}

}  // namespace

void transformStrideRow(StrideSide side, int row, const StridePieces& pieces, int64_t first, int64_t count, int64_t from, int64_t to,
                        const PixelLayout& layout) {
  constexpr std::make_integer_sequence<int, kStrideSide> rows{};
  if (side == StrideSide::kImages) return transformAnyRow<OfImages>(row, pieces, first, count, from, to, layout, rows);
  if (side == StrideSide::kGradients) return transformAnyRow<OfGradients>(row, pieces, first, count, from, to, layout, rows);
  transformAnyRow<OfGradientsForFilter>(row, pieces, first, count, from, to, layout, rows);
}

void transformStrideFilter(const float* filter, int64_t in, int64_t out, bool transposed, float* panels) {
  const int64_t length = transposed ? out : in, columns = transposed ? in : out;
  const int64_t elementBytes = panelsOf(columns) * length * 128;
#pragma omp parallel for collapse(2) schedule(static)
  for (int64_t column = 0; column < columns; column += 16) {
    for (int64_t summed = 0; summed < length; summed += 16) {
      __m512 taps[9][16];
      for (int tap = 0; tap < 9; tap++) {
        readTap(filter + (transposed ? 8 - tap : tap) * in * out, out, transposed, summed, column, taps[tap]);
      }
      const float* lines[3];
      for (int i = 0; i < 3; i++) lines[i] = reinterpret_cast<const float*>(taps[3 * i]);
      char* into = reinterpret_cast<char*>(panels) + (column / 32 * length + summed) * 128 + column % 32 * 4;
      for (int k = 0; k < 16; k++, into += 128) {
        spreadFilter(lines, k * 16, into, elementBytes, std::make_integer_sequence<int, kStrideFilterSide>{});
      }
    }
  }
}

void finishStride(StrideSide side, const StridePieces& pieces, float* out, int64_t first, int64_t count, int64_t channel,
                  const float* sums, const Tail& tail) {
  if (side == StrideSide::kImages) {
    return finish<OfOutputs>(pieces, out, first, count, channel, sums, tail, std::make_integer_sequence<int, 3>{});
  }
  finish<OfInputs>(pieces, out, first, count, channel, sums, tail, std::make_integer_sequence<int, 6>{});
}

void finishStrideFilterGradient(const float* sums, int64_t parts, int64_t in, int64_t out, float* gradient) {
  const int64_t size = in * out;
#pragma omp parallel for schedule(static)
  for (int64_t at = 0; at < size; at += 16) {
    __m512 rows[5][3];
    for (int row = 0; row < kStrideSide; row++) {
      __m512 values[kStrideFilterSide], taps[3];
#pragma GCC unroll 5
      for (int e = 0; e < kStrideFilterSide; e++) {
        const float* from = sums + (row * kStrideFilterSide + e) * size + at;
        values[e] = _mm512_loadu_ps(from);
        for (int64_t part = 1; part < parts; part++) {
          values[e] = _mm512_add_ps(values[e], _mm512_loadu_ps(from + part * kStrideSide * kStrideFilterSide * size));
        }
      }
      storeRows<OfTaps, 0>(values, reinterpret_cast<char*>(taps), 64, std::make_integer_sequence<int, 3>{});
      for (int j = 0; j < 3; j++) {
        __m512& sum = rows[strideFilterOf(row)][j];
        sum = row < kStrideFilterSide ? taps[j] : _mm512_add_ps(sum, taps[j]);
      }
    }
    for (int j = 0; j < 3; j++) {
      const __m512 values[5] = {rows[0][j], rows[1][j], rows[2][j], rows[3][j], rows[4][j]};
      storeRows<OfTaps, 0>(values, reinterpret_cast<char*>(gradient + j * size + at), 3 * size * 4, std::make_integer_sequence<int, 3>{});
    }
  }
}

}  // namespace multigrain
#pragma GCC pop_options

#else

namespace multigrain {
void transformStrideRow(StrideSide, int, const StridePieces&, int64_t, int64_t, int64_t, int64_t, const PixelLayout&) {}
void transformStrideFilter(const float*, int64_t, int64_t, bool, float*) {}
void finishStride(StrideSide, const StridePieces&, float*, int64_t, int64_t, int64_t, const float*, const Tail&) {}
void finishStrideFilterGradient(const float*, int64_t, int64_t, int64_t, float*) {}
}  // namespace multigrain

#endif
