// Channels of pixels in registers, for the files that are compiled for AVX-512. Included inside their namespace, after immintrin.h.

/** How 16 channels are read and written: all of a register, or the even or the odd ones of 32 bfloat16. */
enum class Lanes { kFloats, kEven, kOdd };

template <Lanes lanes>
inline __m512 loadLanes(const char* from) {
  if constexpr (lanes == Lanes::kFloats) return _mm512_loadu_ps(from);
  const __m512i both = _mm512_loadu_si512(from);
  if constexpr (lanes == Lanes::kEven) return _mm512_castsi512_ps(_mm512_slli_epi32(both, 16));
  return _mm512_castsi512_ps(_mm512_and_si512(both, _mm512_set1_epi32(static_cast<int>(0xffff0000u))));
}
