#include "conv_filter_panels.h"

#include <algorithm>

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

template <bool bf16>
void packRowsOf(const float* matrix, int64_t length, int64_t columns, char* panels) {
  const int64_t words = wordsOf(bf16, length), count = panelsOf(columns), slice = 32;
  const int64_t slices = (words + slice - 1) / slice;
#pragma omp parallel for collapse(2) schedule(static)
  for (int64_t s = 0; s < slices; s++) {
    for (int64_t panel = 0; panel < count; panel++) {
      const int64_t left = columns - panel * 32;
      const __mmask16 masks[2] = {firstLanes(left), firstLanes(left - 16)};
      for (int64_t word = s * slice; word < std::min(words, (s + 1) * slice); word++) {
        char* into = panels + (panel * words + word) * 128;
        for (int half = 0; half < 2; half++, into += 64) {
          const __mmask16 mask = masks[half];
          const int64_t column = panel * 32 + half * 16;
          if constexpr (bf16) {
            const float* even = matrix + 2 * word * columns + column;
            const __mmask16 second = 2 * word + 1 < length ? mask : 0;
            const __m512i pair =
                pairRows(_mm512_maskz_loadu_ps(mask, even), _mm512_maskz_loadu_ps(second, even + columns));
            _mm512_store_si512(into, pair);
          } else {
            _mm512_store_ps(into, _mm512_maskz_loadu_ps(mask, matrix + word * columns + column));
          }
        }
      }
    }
  }
}

/** 16 words of filter[in][from..to), one word for each one or two of `out`. */
template <bool bf16>
inline __m512i loadWords(const float* from, int64_t left) {
  if constexpr (bf16) {
    const __m512 low = _mm512_maskz_loadu_ps(firstLanes(left), from);
    const __m512 high = _mm512_maskz_loadu_ps(firstLanes(left - 16), from + 16);
    return (__m512i)_mm512_cvtne2ps_pbh(high, low);
  } else {
    return _mm512_castps_si512(_mm512_maskz_loadu_ps(firstLanes(left), from));
  }
}

template <bool bf16>
void packTransposedOf(const float* filter, const int64_t* taps, int64_t tapCount, int64_t in, int64_t out, char* panels) {
  const int64_t per = bf16 ? 2 : 1, tapWords = out / per, words = tapCount * tapWords, count = panelsOf(in);
#pragma omp parallel for collapse(2) schedule(static)
  for (int64_t tap = 0; tap < tapCount; tap++) {
    for (int64_t half = 0; half < 2 * count; half++) {
      const float* from = filter + (taps[tap] * in + half * 16) * out;
      char* into = panels + (half / 2 * words + tap * tapWords) * 128 + half % 2 * 64;
      for (int64_t word = 0; word < tapWords; word += 16) {
        __m512i rows[16];
#pragma GCC unroll 16
        for (int r = 0; r < 16; r++) {
          rows[r] = half * 16 + r < in ? loadWords<bf16>(from + r * out + word * per, out - word * per)
                                       : _mm512_setzero_si512();
        }
        transpose(rows);
        const int64_t wanted = std::min<int64_t>(16, tapWords - word);
        for (int64_t r = 0; r < wanted; r++) _mm512_store_si512(into + (word + r) * 128, rows[r]);
      }
    }
  }
}

inline uint16_t roundToBf16(float value) {
  return static_cast<uint16_t>(_mm_extract_epi16((__m128i)_mm_cvtneps_pbh(_mm_set_ss(value)), 0));
}

/** With an odd number of `out`, two taps share a word: element by element. */
void packOdd(const float* filter, const int64_t* taps, int64_t tapCount, int64_t in, int64_t out, uint16_t* panels) {
  const int64_t length = tapCount * out, words = wordsOf(true, length), count = panelsOf(in);
#pragma omp parallel for schedule(static)
  for (int64_t panel = 0; panel < count; panel++) {
    for (int64_t k = 0; k < 2 * words; k++) {
      for (int64_t lane = 0; lane < 32; lane++) {
        const int64_t column = panel * 32 + lane;
        const bool real = k < length && column < in;
        panels[((panel * words + k / 2) * 32 + lane) * 2 + k % 2] =
            real ? roundToBf16(filter[(taps[k / out] * in + column) * out + k % out]) : 0;
      }
    }
  }
}

}  // namespace

void packRows(bool bf16, const float* matrix, int64_t length, int64_t columns, void* panels) {
  (bf16 ? packRowsOf<true> : packRowsOf<false>)(matrix, length, columns, static_cast<char*>(panels));
}

void packTransposed(bool bf16, const float* filter, const int64_t* taps, int64_t tapCount, int64_t in, int64_t out,
                    void* panels) {
  if (bf16 && out % 2) return packOdd(filter, taps, tapCount, in, out, static_cast<uint16_t*>(panels));
  (bf16 ? packTransposedOf<true> : packTransposedOf<false>)(filter, taps, tapCount, in, out, static_cast<char*>(panels));
}

}  // namespace multigrain
#pragma GCC pop_options

#else

namespace multigrain {
void packRows(bool, const float*, int64_t, int64_t, void*) {}
void packTransposed(bool, const float*, const int64_t*, int64_t, int64_t, int64_t, void*) {}
}  // namespace multigrain

#endif
