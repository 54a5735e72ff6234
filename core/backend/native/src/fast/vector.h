// Sixteen floats at a time, with loads and stores for every storage. Included by each instruction set's file, inside its
// namespace: the compiler turns the generic vectors into what that instruction set has.

typedef float Floats __attribute__((vector_size(64)));
typedef int32_t Ints __attribute__((vector_size(64)));
typedef uint32_t Words __attribute__((vector_size(64)));
typedef uint16_t Shorts __attribute__((vector_size(32)));
typedef uint8_t Bytes __attribute__((vector_size(16)));
typedef double Doubles __attribute__((vector_size(64)));
typedef float HalfFloats __attribute__((vector_size(32)));

constexpr int64_t lanes = 16;
#define MULTIGRAIN_INLINE inline __attribute__((always_inline))

template <class V, class P>
MULTIGRAIN_INLINE V readVector(const P* from) {
  V v;
  __builtin_memcpy(&v, from, sizeof(V));
  return v;
}
template <class V, class P>
MULTIGRAIN_INLINE void writeVector(P* to, const V& v) {
  __builtin_memcpy(to, &v, sizeof(V));
}

MULTIGRAIN_INLINE Floats splat(float value) { return value - Floats{}; }
MULTIGRAIN_INLINE Words wordsOf(const Floats& v) { return (Words)v; }
MULTIGRAIN_INLINE Floats floatsOf(const Words& v) { return (Floats)v; }

// Storage to floats.
MULTIGRAIN_INLINE Floats load(const float* from) { return readVector<Floats>(from); }
MULTIGRAIN_INLINE Floats load(const BFloat16* from) {
  return floatsOf(__builtin_convertvector(readVector<Shorts>(from), Words) << 16);
}
MULTIGRAIN_INLINE Floats load(const Float16* from) {
#if MULTIGRAIN_AVX512
  return (Floats)_mm512_cvtph_ps((__m256i)readVector<Shorts>(from));
#elif MULTIGRAIN_F16C
  Floats v;
  _mm256_storeu_ps((float*)&v, _mm256_cvtph_ps(readVector<__m128i>(from)));
  _mm256_storeu_ps((float*)&v + 8, _mm256_cvtph_ps(readVector<__m128i>(from + 8)));
  return v;
#else
  float values[lanes];
  halvesToFloats((const uint16_t*)from, values);
  return load(values);
#endif
}

MULTIGRAIN_INLINE Shorts toBFloat16(const Floats& v) {
#if MULTIGRAIN_AVX512BF16
  return (Shorts)_mm512_cvtneps_pbh((__m512)v);
#else
  const Words bits = wordsOf(v);
  const Words rounded = bits + 0x7fff + ((bits >> 16) & 1);
  const Words quiet = bits | 0x400000;
  const Words isNaN = (Words)((bits & 0x7fffffff) > 0x7f800000);
  return __builtin_convertvector(((rounded & ~isNaN) | (quiet & isNaN)) >> 16, Shorts);
#endif
}
MULTIGRAIN_INLINE Shorts toFloat16(const Floats& v) {
#if MULTIGRAIN_AVX512
  return (Shorts)_mm512_cvtps_ph((__m512)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif MULTIGRAIN_F16C
  const float* values = (const float*)&v;
  Shorts bits;
  writeVector((uint16_t*)&bits, _mm256_cvtps_ph(_mm256_loadu_ps(values), _MM_FROUND_TO_NEAREST_INT));
  writeVector((uint16_t*)&bits + 8, _mm256_cvtps_ph(_mm256_loadu_ps(values + 8), _MM_FROUND_TO_NEAREST_INT));
  return bits;
#else
  uint16_t bits[lanes];
  floatsToHalves((const float*)&v, bits);
  return readVector<Shorts>(bits);
#endif
}

MULTIGRAIN_INLINE void store(float* to, const Floats& v) { writeVector(to, v); }
MULTIGRAIN_INLINE void store(BFloat16* to, const Floats& v) { writeVector(to, toBFloat16(v)); }
MULTIGRAIN_INLINE void store(Float16* to, const Floats& v) { writeVector(to, toFloat16(v)); }

// Past the caches, for outputs that are larger than these: the line is not read first. `to` is aligned to the vector.
MULTIGRAIN_INLINE void stream(float* to, const Floats& v) {
#if MULTIGRAIN_AVX512
  _mm512_stream_ps(to, (__m512)v);
#else
  store(to, v);
#endif
}
template <class T>
MULTIGRAIN_INLINE void stream(T* to, const Floats& v) {
#if MULTIGRAIN_AVX512
  Shorts bits;
  if constexpr (sizeof(T) == 2 && __is_same(T, BFloat16)) bits = toBFloat16(v);
  else bits = toFloat16(v);
  _mm256_stream_si256((__m256i*)to, (__m256i)bits);
#else
  store(to, v);
#endif
}

// The last values of a row, fewer than sixteen; lanes beyond are zero.
template <class T>
__attribute__((noinline)) Floats loadSome(const T* from, int64_t count) {
  T values[lanes] = {};
  __builtin_memcpy(values, from, count * sizeof(T));
  return load(values);
}
template <class T>
__attribute__((noinline)) void storeSome(T* to, const Floats& v, int64_t count) {
  T values[lanes];
  store(values, v);
  __builtin_memcpy(to, values, count * sizeof(T));
}

// `count` is lanes in the body of a loop, where the compiler sees it, and less at its end.
template <class T>
MULTIGRAIN_INLINE Floats loadUpTo(const T* from, int64_t count) {
  return count == lanes ? load(from) : loadSome(from, count);
}
template <class T>
MULTIGRAIN_INLINE void storeUpTo(T* to, const Floats& v, int64_t count) {
  if (count == lanes) store(to, v);
  else storeSome(to, v, count);
}

// v where the mask says so, else 0.
MULTIGRAIN_INLINE Floats where(const Ints& mask, const Floats& v) { return floatsOf(wordsOf(v) & (Words)mask); }
MULTIGRAIN_INLINE Floats choose(const Ints& mask, const Floats& yes, const Floats& no) { return mask ? yes : no; }
// As std::max(v, 0), but NaN stays.
MULTIGRAIN_INLINE Floats rectify(const Floats& v) { return v < 0 ? Floats{} : v; }

// Bytes to integers and back, and values where a byte is the one asked for.
MULTIGRAIN_INLINE Bytes bytesOf(const Ints& v) {
#if MULTIGRAIN_AVX512
  return (Bytes)_mm512_cvtepi32_epi8((__m512i)v);
#else
  return __builtin_convertvector(v, Bytes);
#endif
}
MULTIGRAIN_INLINE Floats floatsOf(const Bytes& v) {
#if MULTIGRAIN_AVX512
  return (Floats)_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32((__m128i)v));
#else
  return __builtin_convertvector(__builtin_convertvector(v, Ints), Floats);
#endif
}
MULTIGRAIN_INLINE Floats whereEqual(const Bytes& bytes, uint8_t asked, const Floats& v) {
#if MULTIGRAIN_AVX512
  return (Floats)_mm512_maskz_mov_ps(_mm_cmpeq_epi8_mask((__m128i)bytes, _mm_set1_epi8((char)asked)), (__m512)v);
#else
  const Ints won = __builtin_convertvector(bytes, Ints) == (int32_t)asked;
  return floatsOf(wordsOf(v) & (Words)won);
#endif
}

// Calls body(first, count) for 0, 16, 32, ... and once more for the rest.
template <class Body>
MULTIGRAIN_INLINE void eachVector(int64_t length, const Body& body) {
  int64_t first = 0;
  for (; first + lanes <= length; first += lanes) body(first, lanes);
  if (first < length) body(first, length - first);
}
