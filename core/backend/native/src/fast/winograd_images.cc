#include "winograd_images.h"

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
#include "winograd_lanes.h"

template <Lanes lanes>
inline void storeLanes(char* into, __m512 value) {
  if constexpr (lanes == Lanes::kFloats) {
    _mm512_storeu_ps(into, value);
  } else {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(into + (lanes == Lanes::kOdd ? 32 : 0)), (__m256i)_mm512_cvtneps_pbh(value));
  }
}

/** One line of pieces: four lines of pixels, null outside the image. */
struct Line {
  const char* rows[4];
  int64_t width, pixelBytes;
};

/** One column of four pixels, transformed. */
template <Lanes lanes>
inline void readColumn(const Line& line, int64_t x, int64_t at, __m512 (&v)[4]) {
  if (x < 0 || x >= line.width) {
    v[0] = v[1] = v[2] = v[3] = _mm512_setzero_ps();
    return;
  }
  __m512 d[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    d[i] = line.rows[i] ? loadLanes<lanes>(line.rows[i] + x * line.pixelBytes + at) : _mm512_setzero_ps();
  }
  v[0] = _mm512_sub_ps(d[0], d[2]);
  v[1] = _mm512_add_ps(d[1], d[2]);
  v[2] = _mm512_sub_ps(d[2], d[1]);
  v[3] = _mm512_sub_ps(d[1], d[3]);
}

template <Lanes lanes>
void transformLine(const Line& line, int64_t x, int64_t count, int64_t at, char* into, int64_t elementStride,
                   int64_t pieceStride) {
  __m512 a[4], b[4], c[4], d[4];
  readColumn<lanes>(line, x, at, a);
  readColumn<lanes>(line, x + 1, at, b);
  for (int64_t p = 0; p < count; p++, x += 2, into += pieceStride) {
    readColumn<lanes>(line, x + 2, at, c);
    readColumn<lanes>(line, x + 3, at, d);
    char* to = into;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++, to += 4 * elementStride) {
      storeLanes<lanes>(to, _mm512_sub_ps(a[i], c[i]));
      storeLanes<lanes>(to + elementStride, _mm512_add_ps(b[i], c[i]));
      storeLanes<lanes>(to + 2 * elementStride, _mm512_sub_ps(c[i], b[i]));
      storeLanes<lanes>(to + 3 * elementStride, _mm512_sub_ps(b[i], d[i]));
      a[i] = c[i];
      b[i] = d[i];
    }
  }
}

/** Columns of G·g·Gᵀ: a filter's three taps to four. */
inline void spreadTaps(const __m512 (&g)[3], __m512 (&u)[4]) {
  const __m512 half = _mm512_set1_ps(0.5f);
  const __m512 outer = _mm512_mul_ps(_mm512_add_ps(g[0], g[2]), half), inner = _mm512_mul_ps(g[1], half);
  u[0] = g[0];
  u[1] = _mm512_add_ps(outer, inner);
  u[2] = _mm512_sub_ps(outer, inner);
  u[3] = g[2];
}

inline void spreadFilter(const __m512 (&g)[9], __m512 (&u)[16]) {
  __m512 rows[3][4];
#pragma GCC unroll 3
  for (int s = 0; s < 3; s++) spreadTaps({g[s], g[3 + s], g[6 + s]}, rows[s]);
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    __m512 row[4];
    spreadTaps({rows[0][i], rows[1][i], rows[2][i]}, row);
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) u[4 * i + j] = row[j];
  }
}

using Taps = __m512[9][32];  // [tap][summed][16 columns]

void readTaps(const float* filter, int64_t in, int64_t out, int64_t summed, int64_t column, Taps& taps) {
  for (int64_t tap = 0; tap < 9; tap++) {
    for (int64_t k = 0; k < 32; k++) {
      taps[tap][k] = _mm512_loadu_ps(filter + (tap * in + summed + k) * out + column);
    }
  }
}

void readTapsTransposed(const float* filter, int64_t in, int64_t out, int64_t summed, int64_t column, Taps& taps) {
  for (int64_t tap = 0; tap < 9; tap++) {
    const float* from = filter + ((8 - tap) * in + column) * out + summed;
    for (int64_t k = 0; k < 32; k += 16) {
      __m512i rows[16];
#pragma GCC unroll 16
      for (int r = 0; r < 16; r++) rows[r] = _mm512_loadu_si512(from + r * out + k);
      transpose(rows);
#pragma GCC unroll 16
      for (int r = 0; r < 16; r++) taps[tap][k + r] = _mm512_castsi512_ps(rows[r]);
    }
  }
}

inline void spreadAt(const Taps& taps, int64_t k, __m512 (&u)[16]) {
  __m512 g[9];
#pragma GCC unroll 9
  for (int tap = 0; tap < 9; tap++) g[tap] = taps[tap][k];
  spreadFilter(g, u);
}

}  // namespace

void transformPieces(bool bf16, const Pieces& s, int64_t first, int64_t count, char* into, int64_t elementStride,
                     int64_t pieceStride) {
  const int64_t size = bf16 ? 2 : 4, bytes = s.channels * size;
  int64_t px = first % s.gridWidth, py = first / s.gridWidth % s.gridHeight, image = first / s.gridWidth / s.gridHeight;
  while (count > 0) {
    const int64_t run = std::min(count, s.gridWidth - px), x = 2 * px - s.padLeft;
    Line line{{}, s.width, bytes};
    for (int i = 0; i < 4; i++) {
      const int64_t y = 2 * py - s.padTop + i;
      const bool inside = y >= 0 && y < s.height;
      line.rows[i] = inside ? static_cast<const char*>(s.source) + (image * s.height + y) * s.width * bytes : nullptr;
    }
    for (int64_t at = 0; at < bytes; at += 64) {
      if (bf16) {
        transformLine<Lanes::kEven>(line, x, run, at, into + at, elementStride, pieceStride);
        transformLine<Lanes::kOdd>(line, x, run, at, into + at, elementStride, pieceStride);
      } else {
        transformLine<Lanes::kFloats>(line, x, run, at, into + at, elementStride, pieceStride);
      }
    }
    count -= run;
    into += run * pieceStride;
    px = 0;
    if (++py == s.gridHeight) py = 0, image++;
  }
}

void transformFilter(bool bf16, const float* filter, int64_t in, int64_t out, bool transposed, void* panels) {
  const int64_t length = transposed ? out : in, columns = transposed ? in : out;
  const int64_t words = wordsOf(bf16, length), elementBytes = panelsOf(columns) * words * 128;
#pragma omp parallel for collapse(2) schedule(static)
  for (int64_t column = 0; column < columns; column += 16) {
    for (int64_t summed = 0; summed < length; summed += 32) {
      Taps taps;
      (transposed ? readTapsTransposed : readTaps)(filter, in, out, summed, column, taps);
      char* into = static_cast<char*>(panels) + (column / 32 * words + wordsOf(bf16, summed)) * 128 + column % 32 * 4;
      for (int64_t word = 0; word < (bf16 ? 16 : 32); word++, into += 128) {
        __m512 u[16], next[16];
        if (bf16) {
          // As transformPieces lays channels out: the even ones first.
          const int64_t k = word < 8 ? 4 * word : 4 * (word - 8) + 1;
          spreadAt(taps, k, u);
          spreadAt(taps, k + 2, next);
          for (int t = 0; t < 16; t++) _mm512_store_si512(into + t * elementBytes, pairRows(u[t], next[t]));
        } else {
          spreadAt(taps, word, u);
          for (int t = 0; t < 16; t++) _mm512_store_ps(into + t * elementBytes, u[t]);
        }
      }
    }
  }
}

}  // namespace multigrain
#pragma GCC pop_options

#else

namespace multigrain {
void transformPieces(bool, const Pieces&, int64_t, int64_t, char*, int64_t, int64_t) {}
void transformFilter(bool, const float*, int64_t, int64_t, bool, void*) {}
}  // namespace multigrain

#endif
