// Conversion of single half-precision floats in plain C++, for processors without an instruction for it.


static inline float halfToFloat(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
  const uint32_t exponent = (half >> 10) & 0x1f, fraction = half & 0x3ff;
  float value;
  if (exponent == 0) {
    value = (float)fraction * 0x1p-24f;  // zero and subnormal
  } else {
    const uint32_t bits = exponent == 31 ? 0x7f800000 | fraction << 13 : (exponent + 112) << 23 | fraction << 13;
    __builtin_memcpy(&value, &bits, 4);
  }
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  bits |= sign;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}

// To the nearest, ties to even.
static inline uint16_t floatToHalf(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) return sign | 0x7e00 | (uint16_t)(bits >> 13 & 0x3ff);  // NaN, made quiet
  if (bits >= 0x477ff000) return sign | 0x7c00;                                  // beyond the largest
  if (bits < 0x38800000) {
    // Below the smallest normal: adding 1/2 leaves the fraction in the lowest bits, rounded.
    float magnitude;
    __builtin_memcpy(&magnitude, &bits, 4);
    magnitude += 0.5f;
    __builtin_memcpy(&bits, &magnitude, 4);
    return sign | (uint16_t)(bits - 0x3f000000);
  }
  return sign | (uint16_t)((bits - 0x38000000 + 0xfff + (bits >> 13 & 1)) >> 13);
}


// Not inlined: sixteen of them at every load and store would take minutes to compile.
__attribute__((noinline, unused)) static void halvesToFloats(const uint16_t* halves, float* values) {
#pragma GCC unroll 1
  for (int i = 0; i < 16; i++) values[i] = halfToFloat(halves[i]);
}
__attribute__((noinline, unused)) static void floatsToHalves(const float* values, uint16_t* halves) {
#pragma GCC unroll 1
  for (int i = 0; i < 16; i++) halves[i] = floatToHalf(values[i]);
}
