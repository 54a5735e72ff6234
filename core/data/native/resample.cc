#include "resample.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
// GCC 12 takes the deliberately undefined values in its own header for mistakes (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#endif

namespace jpeg {
namespace {

constexpr int32_t half = 1 << (weightBits - 1);

// Any processor. Compilers make vector code of these loops on arm64.

void horizontalPlain(const uint8_t* row, uint8_t* out, const Taps& taps, int channels, bool mirrored) {
  const int width = static_cast<int>(taps.first.size());
  for (int place = 0; place < width; place++) {
    const int x = mirrored ? width - 1 - place : place;
    const uint8_t* pixel = row + static_cast<size_t>(taps.first[x]) * 4;
    const int32_t* weights = &taps.weights[static_cast<size_t>(x) * taps.size];
    int32_t sums[4] = {half, half, half, half};
    for (int k = 0; k < taps.count[x]; k++, pixel += 4)
      for (int c = 0; c < 4; c++) sums[c] += pixel[c] * weights[k];
    for (int c = 0; c < channels; c++) *out++ = static_cast<uint8_t>(sums[c] >> weightBits);
  }
}

void verticalPlain(const uint8_t* rows, size_t stride, const int32_t* weights, int count, uint8_t* out, size_t bytes) {
  constexpr size_t chunk = 64;
  for (size_t from = 0; from < bytes; from += chunk) {
    const size_t length = std::min(chunk, bytes - from);
    int32_t sums[chunk];
    std::fill(sums, sums + chunk, half);
    for (int k = 0; k < count; k++) {
      const uint8_t* row = rows + k * stride + from;
      for (size_t x = 0; x < length; x++) sums[x] += row[x] * weights[k];
    }
    for (size_t x = 0; x < length; x++) out[from + x] = static_cast<uint8_t>(sums[x] >> weightBits);
  }
}

const Resampler plain = {"plain", horizontalPlain, verticalPlain};

#if defined(__x86_64__)

/// Writes the lowest bytes of four sums; with three channels the fourth is overwritten by the next pixel.
template <int channels>
__attribute__((target("avx2"), always_inline)) inline uint8_t* store(__m128i sums, uint8_t* out) {
  const __m128i shifted = _mm_srai_epi32(_mm_add_epi32(sums, _mm_set1_epi32(half)), weightBits);
  const __m128i order = _mm_set_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 12, 8, 4, 0);
  const int packed = _mm_cvtsi128_si32(_mm_shuffle_epi8(shifted, order));
  if (channels == 1) {
    *out = static_cast<uint8_t>(packed);
  } else {
    std::memcpy(out, &packed, 4);
  }
  return out + channels;
}

template <int channels>
__attribute__((target("avx2"))) void horizontal256(const uint8_t* row, uint8_t* out, const Taps& taps, bool mirrored) {
  const int width = static_cast<int>(taps.first.size());
  const __m256i spread = _mm256_set_epi32(1, 1, 1, 1, 0, 0, 0, 0);
  for (int place = 0; place < width; place++) {
    const int x = mirrored ? width - 1 - place : place;
    const uint8_t* pixel = row + static_cast<size_t>(taps.first[x]) * 4;
    const int32_t* weights = &taps.weights[static_cast<size_t>(x) * taps.size];
    __m256i sums = _mm256_setzero_si256();
    const int count = taps.alike > 0 ? taps.alike : taps.count[x];
    for (int k = 0; k < count; k += 2, pixel += 8, weights += 2) {
      const __m256i two = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(pixel)));
      const __m128i pair = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(weights));
      const __m256i each = _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(pair), spread);
      sums = _mm256_add_epi32(sums, _mm256_mullo_epi32(two, each));
    }
    out = store<channels>(_mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1)), out);
  }
}

__attribute__((target("avx2"))) void horizontalAvx2(const uint8_t* row, uint8_t* out, const Taps& taps, int channels,
                                                    bool mirrored) {
  if (channels == 3) horizontal256<3>(row, out, taps, mirrored);
  else horizontal256<1>(row, out, taps, mirrored);
}

__attribute__((target("avx2"))) void verticalAvx2(const uint8_t* rows, size_t stride, const int32_t* weights, int count,
                                                  uint8_t* out, size_t bytes) {
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  size_t from = 0;
  for (; from + 32 <= bytes; from += 32) {
    __m256i sums[4];
    for (auto& sum : sums) sum = _mm256_set1_epi32(half);
    const uint8_t* row = rows + from;
    for (int k = 0; k < count; k++, row += stride) {
      const __m256i weight = _mm256_set1_epi32(weights[k]);
      for (int part = 0; part < 4; part++) {
        const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row + 8 * part));
        sums[part] = _mm256_add_epi32(sums[part], _mm256_mullo_epi32(_mm256_cvtepu8_epi32(eight), weight));
      }
    }
    for (auto& sum : sums) sum = _mm256_srai_epi32(sum, weightBits);
    const __m256i low = _mm256_packus_epi32(sums[0], sums[1]);
    const __m256i high = _mm256_packus_epi32(sums[2], sums[3]);
    const __m256i packed = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + from), packed);
  }
  if (from < bytes) verticalPlain(rows + from, stride, weights, count, out + from, bytes - from);
}

const Resampler avx2 = {"avx2", horizontalAvx2, verticalAvx2};

#define AVX512 "avx512f,avx512bw,avx512vl,avx512dq"

template <int channels>
__attribute__((target(AVX512))) void horizontal512(const uint8_t* row, uint8_t* out, const Taps& taps, bool mirrored) {
  const int width = static_cast<int>(taps.first.size());
  const __m512i spread = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  for (int place = 0; place < width; place++) {
    const int x = mirrored ? width - 1 - place : place;
    const uint8_t* pixel = row + static_cast<size_t>(taps.first[x]) * 4;
    const int32_t* weights = &taps.weights[static_cast<size_t>(x) * taps.size];
    __m512i sums = _mm512_setzero_si512();
    const int count = taps.alike > 0 ? taps.alike : taps.count[x];
    for (int k = 0; k < count; k += 4, pixel += 16, weights += 4) {
      const __m512i four = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(pixel)));
      const __m128i given = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights));
      const __m512i each = _mm512_permutexvar_epi32(spread, _mm512_castsi128_si512(given));
      sums = _mm512_add_epi32(sums, _mm512_mullo_epi32(four, each));
    }
    const __m256i two = _mm256_add_epi32(_mm512_castsi512_si256(sums), _mm512_extracti64x4_epi64(sums, 1));
    out = store<channels>(_mm_add_epi32(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1)), out);
  }
}

__attribute__((target(AVX512))) void horizontalAvx512(const uint8_t* row, uint8_t* out, const Taps& taps, int channels,
                                                      bool mirrored) {
  if (channels == 3) horizontal512<3>(row, out, taps, mirrored);
  else horizontal512<1>(row, out, taps, mirrored);
}

__attribute__((target(AVX512))) void verticalAvx512(const uint8_t* rows, size_t stride, const int32_t* weights,
                                                    int count, uint8_t* out, size_t bytes) {
  for (size_t from = 0; from < bytes; from += 64) {
    const size_t left = bytes - from;
    const __mmask64 wanted = left >= 64 ? ~0ull : (1ull << left) - 1;
    __m512i sums[4];
    for (auto& sum : sums) sum = _mm512_set1_epi32(half);
    const uint8_t* row = rows + from;
    for (int k = 0; k < count; k++, row += stride) {
      const __m512i weight = _mm512_set1_epi32(weights[k]);
      for (int part = 0; part < 4; part++) {
        const __m128i sixteen = _mm_maskz_loadu_epi8(static_cast<__mmask16>(wanted >> (16 * part)), row + 16 * part);
        sums[part] = _mm512_add_epi32(sums[part], _mm512_mullo_epi32(_mm512_cvtepu8_epi32(sixteen), weight));
      }
    }
    for (int part = 0; part < 4; part++) {
      const __m128i packed = _mm512_cvtepi32_epi8(_mm512_srai_epi32(sums[part], weightBits));
      _mm_mask_storeu_epi8(out + from + 16 * part, static_cast<__mmask16>(wanted >> (16 * part)), packed);
    }
  }
}

const Resampler avx512 = {"avx512", horizontalAvx512, verticalAvx512};

#endif

/// Filled once, fastest first; C++ makes the first call of several threads safe.
struct Available {
  const Resampler* list[4] = {};
  Available() {
    int count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool has512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (has512) list[count++] = &avx512;
    if (__builtin_cpu_supports("avx2")) list[count++] = &avx2;
#endif
    list[count] = &plain;
  }
};

}  // namespace

const Resampler* const* availableResamplers() {
  static const Available available;
  return available.list;
}

const Resampler& fastestResampler() { return *availableResamplers()[0]; }

}  // namespace jpeg
