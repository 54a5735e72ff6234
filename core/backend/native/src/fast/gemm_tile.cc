#include "gemm_tile.h"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,prfchw")
// GCC's own header leaves registers undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

namespace multigrain {
namespace {

using Sums = __m512[kTileRows][2];

// In assembly, because the compiler otherwise keeps one pointer for each row and spills them.
inline __m512 broadcastAt(const char* p) {
  __m512 v;
  asm("vbroadcastss (%1), %0" : "=v"(v) : "r"(p));
  return v;
}
template <int scale>
inline __m512 broadcastAt(const char* p, int64_t step) {
  __m512 v;
  asm("vbroadcastss (%1,%2,%c3), %0" : "=v"(v) : "r"(p), "r"(step), "i"(scale));
  return v;
}

template <bool bf16>
inline void multiplyAdd(__m512& sum, __m512 a, __m512 b) {
  if constexpr (bf16) {
    sum = _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
  } else {
    sum = _mm512_fmadd_ps(a, b, sum);
  }
}

template <bool bf16>
inline void addRow(__m512 (&row)[2], __m512 a, __m512 b0, __m512 b1) {
  multiplyAdd<bf16>(row[0], a, b0);
  multiplyAdd<bf16>(row[1], a, b1);
}

template <bool bf16>
inline void sumRows(Sums& c, const Tile& t) {
  const char* upper = static_cast<const char*>(t.a);
  const int64_t step = t.aStride, step3 = 3 * step, step5 = 5 * step;
  const char* lower = upper + 7 * step;
  const char* b = static_cast<const char*>(t.b);
  const char* const end = b + t.words * 128;
  for (; b != end; b += 128, upper += 4, lower += 4) {
    const __m512 b0 = _mm512_load_ps(b), b1 = _mm512_load_ps(b + 64);
    addRow<bf16>(c[0], broadcastAt(upper), b0, b1);
    addRow<bf16>(c[1], broadcastAt<1>(upper, step), b0, b1);
    addRow<bf16>(c[2], broadcastAt<2>(upper, step), b0, b1);
    addRow<bf16>(c[3], broadcastAt<1>(upper, step3), b0, b1);
    addRow<bf16>(c[4], broadcastAt<4>(upper, step), b0, b1);
    addRow<bf16>(c[5], broadcastAt<1>(upper, step5), b0, b1);
    addRow<bf16>(c[6], broadcastAt<2>(upper, step3), b0, b1);
    addRow<bf16>(c[7], broadcastAt(lower), b0, b1);
    addRow<bf16>(c[8], broadcastAt<1>(lower, step), b0, b1);
    addRow<bf16>(c[9], broadcastAt<2>(lower, step), b0, b1);
    addRow<bf16>(c[10], broadcastAt<1>(lower, step3), b0, b1);
    addRow<bf16>(c[11], broadcastAt<4>(lower, step), b0, b1);
    addRow<bf16>(c[12], broadcastAt<1>(lower, step5), b0, b1);
    addRow<bf16>(c[13], broadcastAt<2>(lower, step3), b0, b1);
  }
}

template <bool bf16, int rows>
inline void sumColumns(Sums& c, const Tile& t) {
  const char* a = static_cast<const char*>(t.a);
  const char* b = static_cast<const char*>(t.b);
  const char* const end = b + t.words * 128;
  for (; b != end; b += 128, a += t.aStride) {
    const __m512 b0 = _mm512_load_ps(b), b1 = _mm512_load_ps(b + 64);
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++) addRow<bf16>(c[r], broadcastAt(a + 4 * r), b0, b1);
  }
}

inline __m512 widen(__m256i halves) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16)); }

template <bool bf16>
inline __m512 loadOut(const void* base, int64_t element, __mmask16 mask) {
  if constexpr (bf16) {
    return widen(_mm256_maskz_loadu_epi16(mask, static_cast<const uint16_t*>(base) + element));
  } else {
    return _mm512_maskz_loadu_ps(mask, static_cast<const float*>(base) + element);
  }
}

template <bool bf16>
inline void finish(const Tile& t, const Sums& c, int rows, __mmask16 mask0, __mmask16 mask1) {
  const Tail& tail = t.tail;
  const bool plain = !tail.scale && !tail.shift && !tail.addend && !tail.relu;
  const __m512 one = _mm512_set1_ps(1.0f), zero = _mm512_setzero_ps();
  const __m512 scale0 = tail.scale ? _mm512_maskz_loadu_ps(mask0, tail.scale) : one;
  const __m512 scale1 = tail.scale ? _mm512_maskz_loadu_ps(mask1, tail.scale + 16) : one;
  const __m512 shift0 = tail.shift ? _mm512_maskz_loadu_ps(mask0, tail.shift) : zero;
  const __m512 shift1 = tail.shift ? _mm512_maskz_loadu_ps(mask1, tail.shift + 16) : zero;
#pragma GCC unroll 14
  for (int r = 0; r < kTileRows; r++) {
    if (r >= rows) break;
    const int64_t at = t.outRow[r];
    __m512 y0 = c[r][0], y1 = c[r][1];
    if (!plain) {
      y0 = _mm512_fmadd_ps(y0, scale0, shift0);
      y1 = _mm512_fmadd_ps(y1, scale1, shift1);
      if (tail.addend) {
        y0 = _mm512_add_ps(y0, loadOut<bf16>(tail.addend, at, mask0));
        y1 = _mm512_add_ps(y1, loadOut<bf16>(tail.addend, at + 16, mask1));
      }
      if (tail.relu) {
        y0 = _mm512_max_ps(y0, zero);
        y1 = _mm512_max_ps(y1, zero);
      }
    }
    if constexpr (bf16) {
      const __mmask32 mask = static_cast<__mmask32>(mask0) | static_cast<__mmask32>(mask1) << 16;
      _mm512_mask_storeu_epi16(static_cast<uint16_t*>(t.out) + at, mask, (__m512i)_mm512_cvtne2ps_pbh(y1, y0));
    } else {
      _mm512_mask_storeu_ps(static_cast<float*>(t.out) + at, mask0, y0);
      _mm512_mask_storeu_ps(static_cast<float*>(t.out) + at + 16, mask1, y1);
    }
  }
}

template <bool bf16, TileOrder order, int height>
void product(const Tile& t) {
  Sums c;
  const __mmask16 mask0 = t.columns >= 16 ? 0xffff : static_cast<__mmask16>((1u << t.columns) - 1);
  const __mmask16 mask1 =
      t.columns >= 32 ? 0xffff : t.columns > 16 ? static_cast<__mmask16>((1u << (t.columns - 16)) - 1) : 0;
  const int rows = t.rows < height ? t.rows : height;
  // What the sums are added to comes in while they are made.
  for (int r = 0; t.addTo && r < rows; r++) {
    __builtin_prefetch(t.addTo + r * t.sumStride, 1);
    __builtin_prefetch(t.addTo + r * t.sumStride + 16, 1);
  }
  for (int r = 0; !t.sums && r < rows; r++) {
    const char* line = static_cast<const char*>(t.out) + t.outRow[r] * (bf16 ? 2 : 4);
    __builtin_prefetch(line, 1);
    if constexpr (!bf16) __builtin_prefetch(line + 64, 1);
  }
#pragma GCC unroll 14
  for (int r = 0; r < height; r++) c[r][0] = c[r][1] = _mm512_setzero_ps();
  if constexpr (order == TileOrder::kRows) {
    sumRows<bf16>(c, t);
  } else {
    sumColumns<bf16, height>(c, t);
  }
  if (t.addTo) {
#pragma GCC unroll 14
    for (int r = 0; r < height; r++) {
      const float* from = t.addTo + (r < rows ? r : 0) * t.sumStride;
      c[r][0] = _mm512_add_ps(c[r][0], _mm512_maskz_loadu_ps(mask0, from));
      c[r][1] = _mm512_add_ps(c[r][1], _mm512_maskz_loadu_ps(mask1, from + 16));
    }
  }
  if (!t.sums) return finish<bf16>(t, c, rows, mask0, mask1);
#pragma GCC unroll 14
  for (int r = 0; r < height; r++) {
    if (r >= rows) break;
    _mm512_mask_storeu_ps(t.sums + r * t.sumStride, mask0, c[r][0]);
    _mm512_mask_storeu_ps(t.sums + r * t.sumStride + 16, mask1, c[r][1]);
  }
}

template <bool bf16>
TileProduct choose(TileOrder order, bool narrow) {
  if (order == TileOrder::kRows) return product<bf16, TileOrder::kRows, kTileRows>;
  return narrow ? product<bf16, TileOrder::kColumns, 13> : product<bf16, TileOrder::kColumns, kTileRows>;
}

}  // namespace

TileProduct tileProduct(bool bf16, TileOrder order, bool narrow) {
  return bf16 ? choose<true>(order, narrow) : choose<false>(order, narrow);
}

bool hasTileProduct(bool bf16) {
  const bool words = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return words && (!bf16 || __builtin_cpu_supports("avx512bf16"));
}

}  // namespace multigrain
#pragma GCC pop_options

#else

namespace multigrain {
TileProduct tileProduct(bool, TileOrder, bool) { return nullptr; }
bool hasTileProduct(bool) { return false; }
}  // namespace multigrain

#endif
