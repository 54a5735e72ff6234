#include "winograd_output.h"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")
// GCC's own header leaves registers undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

namespace multigrain {
namespace {

constexpr int64_t kElement = kTileRows * kTileColumns;  // floats from one element's sums to the next one's

/** 16 channels of one piece: y[row][column]. */
inline void gather(const float* sums, __m512 (&y)[2][2]) {
  __m512 upper[4], lower[4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
    const __m512 m0 = _mm512_loadu_ps(sums + j * kElement), m1 = _mm512_loadu_ps(sums + (4 + j) * kElement);
    const __m512 m2 = _mm512_loadu_ps(sums + (8 + j) * kElement), m3 = _mm512_loadu_ps(sums + (12 + j) * kElement);
    upper[j] = _mm512_add_ps(_mm512_add_ps(m0, m1), m2);
    lower[j] = _mm512_sub_ps(_mm512_sub_ps(m1, m2), m3);
  }
  y[0][0] = _mm512_add_ps(_mm512_add_ps(upper[0], upper[1]), upper[2]);
  y[0][1] = _mm512_sub_ps(_mm512_sub_ps(upper[1], upper[2]), upper[3]);
  y[1][0] = _mm512_add_ps(_mm512_add_ps(lower[0], lower[1]), lower[2]);
  y[1][1] = _mm512_sub_ps(_mm512_sub_ps(lower[1], lower[2]), lower[3]);
}

template <bool bf16>
inline __m512 load(const void* base, int64_t at) {
  if constexpr (!bf16) return _mm512_loadu_ps(static_cast<const float*>(base) + at);
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(static_cast<const uint16_t*>(base) + at));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

template <bool bf16>
inline __m512 withTail(__m512 y, const Tail& tail, int64_t channel, int64_t at) {
  if (tail.scale) y = _mm512_mul_ps(y, _mm512_loadu_ps(tail.scale + channel));
  if (tail.shift) y = _mm512_add_ps(y, _mm512_loadu_ps(tail.shift + channel));
  if (tail.addend) y = _mm512_add_ps(y, load<bf16>(tail.addend, at));
  return tail.relu ? _mm512_max_ps(y, _mm512_setzero_ps()) : y;
}

template <bool bf16>
void finish(const OutputPieces& s, int64_t first, int64_t count, int64_t channel, const float* sums, const Tail& tail) {
  const bool plain = !tail.scale && !tail.shift && !tail.addend && !tail.relu;
  int64_t px = first % s.gridWidth, py = first / s.gridWidth % s.gridHeight, image = first / s.gridWidth / s.gridHeight;
  for (int64_t p = 0; p < count; p++, sums += kTileColumns) {
    __m512 left[2][2], right[2][2];
    gather(sums, left);
    gather(sums + 16, right);
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
#pragma GCC unroll 2
      for (int j = 0; j < 2; j++) {
        const int64_t y = 2 * py + i, x = 2 * px + j;
        if (y >= s.height || x >= s.width) continue;
        const int64_t at = ((image * s.height + y) * s.width + x) * s.channels + channel;
        __m512 a = left[i][j], b = right[i][j];
        if (!plain) {
          a = withTail<bf16>(a, tail, channel, at);
          b = withTail<bf16>(b, tail, channel + 16, at + 16);
        }
        if constexpr (bf16) {
          _mm512_storeu_si512(static_cast<uint16_t*>(s.out) + at, (__m512i)_mm512_cvtne2ps_pbh(b, a));
        } else {
          _mm512_storeu_ps(static_cast<float*>(s.out) + at, a);
          _mm512_storeu_ps(static_cast<float*>(s.out) + at + 16, b);
        }
      }
    }
    if (++px == s.gridWidth) {
      px = 0;
      if (++py == s.gridHeight) py = 0, image++;
    }
  }
}

}  // namespace

void finishPieces(bool bf16, const OutputPieces& pieces, int64_t first, int64_t count, int64_t channel, const float* sums,
                  const Tail& tail) {
  (bf16 ? finish<true> : finish<false>)(pieces, first, count, channel, sums, tail);
}

}  // namespace multigrain
#pragma GCC pop_options

#else

namespace multigrain {
void finishPieces(bool, const OutputPieces&, int64_t, int64_t, int64_t, const float*, const Tail&) {}
}  // namespace multigrain

#endif
