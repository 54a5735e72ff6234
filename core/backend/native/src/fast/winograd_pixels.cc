#include "winograd_pixels.h"

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

#include "winograd_lanes.h"

/** Words of two pieces' channels. */
inline __m512i pairPieces(__m512 even, __m512 odd) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5,
                                         20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(odd, even));
}

/** Two lines of pixels of which a row of elements is made: first + second, or first - second; null for lines of zeros. */
struct Line {
  const char* first;
  const char* second;
  int64_t width, pixelBytes;
};

template <Lanes lanes, bool minus>
inline __m512 readPixel(const Line& line, int64_t x, int64_t at) {
  if (x < 0 || x >= line.width) return _mm512_setzero_ps();
  const int64_t offset = x * line.pixelBytes + at;
  const __m512 a = line.first ? loadLanes<lanes>(line.first + offset) : _mm512_setzero_ps();
  const __m512 b = line.second ? loadLanes<lanes>(line.second + offset) : _mm512_setzero_ps();
  return minus ? _mm512_sub_ps(a, b) : _mm512_add_ps(a, b);
}

/** The images' pieces: 4 pixels wide, of which the next piece uses 2 again. */
template <Lanes lanes, bool minus>
struct ImageReader {
  __m512 a, b;
  void begin(const Line& line, int64_t x, int64_t at) {
    a = readPixel<lanes, minus>(line, x, at);
    b = readPixel<lanes, minus>(line, x + 1, at);
  }
  void next(const Line& line, int64_t x, int64_t at, __m512 (&e)[4]) {
    const __m512 c = readPixel<lanes, minus>(line, x + 2, at), d = readPixel<lanes, minus>(line, x + 3, at);
    e[0] = _mm512_sub_ps(a, c);
    e[1] = _mm512_add_ps(b, c);
    e[2] = _mm512_sub_ps(c, b);
    e[3] = _mm512_sub_ps(b, d);
    a = c, b = d;
  }
};

/** The gradient's pieces: 2 pixels wide. */
template <Lanes lanes, bool minus>
struct OutputReader {
  void begin(const Line&, int64_t, int64_t) {}
  void next(const Line& line, int64_t x, int64_t at, __m512 (&e)[4]) {
    const __m512 a = readPixel<lanes, minus>(line, x, at), b = readPixel<lanes, minus>(line, x + 1, at);
    e[0] = a;
    e[1] = _mm512_add_ps(a, b);
    e[2] = _mm512_sub_ps(a, b);
    e[3] = _mm512_sub_ps(_mm512_setzero_ps(), b);
  }
};

/** The lines that make up a row of elements of the pieces that begin at pixel line y. */
struct Rows {
  int first, second;  // -1 for none
  bool minus;
};
constexpr Rows kImageRows[4] = {{0, 2, true}, {1, 2, false}, {2, 1, true}, {1, 3, true}};
constexpr Rows kOutputRows[4] = {{0, -1, false}, {0, 1, false}, {0, 1, true}, {-1, 1, true}};

const char* lineAt(const Pieces& s, int64_t image, int64_t y, int row, int64_t lineBytes) {
  const int64_t at = y + row;
  if (row < 0 || at < 0 || at >= s.height) return nullptr;
  return static_cast<const char*>(s.source) + (image * s.height + at) * lineBytes;
}

template <Lanes lanes, typename Reader>
void packChannels(const Pieces& s, const Rows& rows, int64_t first, int64_t count, int64_t at, const PixelLayout& layout,
                  char* into) {
  const int64_t pixelBytes = s.channels * (lanes == Lanes::kFloats ? 4 : 2), lineBytes = s.width * pixelBytes;
  int64_t px = first % s.gridWidth, py = first / s.gridWidth % s.gridHeight, image = first / s.gridWidth / s.gridHeight;
  __m512 before[4], e[4];
  for (int64_t p = 0; p < count;) {
    const int64_t y = 2 * py - s.padTop, run = std::min(count - p, s.gridWidth - px);
    const Line line{lineAt(s, image, y, rows.first, lineBytes), lineAt(s, image, y, rows.second, lineBytes), s.width,
                    pixelBytes};
    int64_t x = 2 * px - s.padLeft;
    Reader reader;
    reader.begin(line, x, at);
    for (const int64_t end = p + run; p < end; p++, x += 2) {
      reader.next(line, x, at, e);
      if constexpr (lanes == Lanes::kFloats) {
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) _mm512_store_ps(into + j * layout.element, e[j]);
        into += layout.word;
      } else if (p % 2 == 0) {
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) before[j] = e[j];
      } else {
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) _mm512_store_si512(into + j * layout.element, pairPieces(before[j], e[j]));
        into += layout.word;
      }
    }
    px = 0;
    if (++py == s.gridHeight) py = 0, image++;
  }
  if (lanes == Lanes::kFloats || count % 2 == 0) return;
  for (int j = 0; j < 4; j++) {
    _mm512_store_si512(into + j * layout.element, pairPieces(before[j], _mm512_setzero_ps()));
  }
}

template <template <Lanes, bool> typename Reader, bool minus>
void pack(bool bf16, const Pieces& s, const Rows& rows, int64_t first, int64_t count, int64_t from, int64_t to,
          const PixelLayout& layout) {
  for (int64_t channel = from; channel < to; channel += 32) {
    char* into = layout.into + (channel - from) / 32 * layout.panel;
    if (bf16) {
      packChannels<Lanes::kEven, Reader<Lanes::kEven, minus>>(s, rows, first, count, channel * 2, layout, into);
      packChannels<Lanes::kOdd, Reader<Lanes::kOdd, minus>>(s, rows, first, count, channel * 2, layout, into + 64);
    } else {
      packChannels<Lanes::kFloats, Reader<Lanes::kFloats, minus>>(s, rows, first, count, channel * 4, layout, into);
      packChannels<Lanes::kFloats, Reader<Lanes::kFloats, minus>>(s, rows, first, count, channel * 4 + 64, layout, into + 64);
    }
  }
}

/** Gᵀ on four values: the three taps they stand for. */
inline void gatherTaps(const __m512 (&m)[4], __m512 (&g)[3]) {
  const __m512 half = _mm512_set1_ps(0.5f);
  const __m512 inner = _mm512_mul_ps(_mm512_add_ps(m[1], m[2]), half);
  g[0] = _mm512_add_ps(m[0], inner);
  g[1] = _mm512_mul_ps(_mm512_sub_ps(m[1], m[2]), half);
  g[2] = _mm512_add_ps(inner, m[3]);
}

/** Nine taps of 16 columns from their 16 elements, `elementStride` floats apart. */
inline void gatherFilter(const float* sums, int64_t parts, int64_t elementStride, __m512 (&taps)[9]) {
  __m512 columns[4][3];
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
    __m512 m[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      const float* from = sums + (4 * i + j) * elementStride;
      m[i] = _mm512_loadu_ps(from);
      for (int64_t part = 1; part < parts; part++) {
        m[i] = _mm512_add_ps(m[i], _mm512_loadu_ps(from + part * 16 * elementStride));
      }
    }
    gatherTaps(m, columns[j]);
  }
#pragma GCC unroll 3
  for (int r = 0; r < 3; r++) {
    __m512 row[3];
    gatherTaps({columns[0][r], columns[1][r], columns[2][r], columns[3][r]}, row);
#pragma GCC unroll 3
    for (int s = 0; s < 3; s++) taps[3 * r + s] = row[s];
  }
}

}  // namespace

void packPieces(bool bf16, const Pieces& pieces, int row, int64_t first, int64_t count, int64_t from, int64_t to,
                const PixelLayout& layout) {
  const Rows& rows = kImageRows[row];
  (rows.minus ? pack<ImageReader, true> : pack<ImageReader, false>)(bf16, pieces, rows, first, count, from, to, layout);
}

void packOutputPieces(bool bf16, const Pieces& pieces, int row, int64_t first, int64_t count, int64_t from, int64_t to,
                      const PixelLayout& layout) {
  const Rows& rows = kOutputRows[row];
  (rows.minus ? pack<OutputReader, true> : pack<OutputReader, false>)(bf16, pieces, rows, first, count, from, to, layout);
}

void finishFilterGradient(bool bf16, const float* sums, int64_t parts, int64_t in, int64_t out, float* gradient) {
  const int64_t size = in * out;
  const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  const __m512i high = _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8);
#pragma omp parallel for schedule(static)
  for (int64_t row = 0; row < in; row++) {
    const int64_t place = row % 32, channel = bf16 ? row - place + (place < 16 ? 2 * place : 2 * (place - 16) + 1) : row;
    for (int64_t column = 0; column < out; column += 32) {
      __m512 left[9], right[9];
      gatherFilter(sums + row * out + column, parts, size, left);
      gatherFilter(sums + row * out + column + 16, parts, size, right);
#pragma GCC unroll 9
      for (int tap = 0; tap < 9; tap++) {
        float* into = gradient + tap * size + channel * out + column;
        _mm512_storeu_ps(into, bf16 ? _mm512_permutex2var_ps(left[tap], low, right[tap]) : left[tap]);
        _mm512_storeu_ps(into + 16, bf16 ? _mm512_permutex2var_ps(left[tap], high, right[tap]) : right[tap]);
      }
    }
  }
}

}  // namespace multigrain
#pragma GCC pop_options

#else

namespace multigrain {
void packPieces(bool, const Pieces&, int, int64_t, int64_t, int64_t, int64_t, const PixelLayout&) {}
void packOutputPieces(bool, const Pieces&, int, int64_t, int64_t, int64_t, int64_t, const PixelLayout&) {}
void finishFilterGradient(bool, const float*, int64_t, int64_t, int64_t, float*) {}
}  // namespace multigrain

#endif
