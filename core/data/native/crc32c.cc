#include "crc32c.h"

#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

namespace crc {

#if defined(__x86_64__)

bool isQuick() { return __builtin_cpu_supports("sse4.2"); }

__attribute__((target("sse4.2"))) uint32_t crc32c(const uint8_t* bytes, size_t length) {
  uint64_t crc = 0xffffffffu;
  for (; length >= 8; bytes += 8, length -= 8) {
    uint64_t word;
    std::memcpy(&word, bytes, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  for (; length > 0; bytes++, length--) crc = _mm_crc32_u8(static_cast<uint32_t>(crc), *bytes);
  return ~static_cast<uint32_t>(crc);
}

#elif defined(__aarch64__) && defined(__linux__)

bool isQuick() { return (getauxval(AT_HWCAP) & (1 << 7)) != 0; }  // HWCAP_CRC32

__attribute__((target("+crc"))) uint32_t crc32c(const uint8_t* bytes, size_t length) {
  uint32_t crc = 0xffffffffu;
  for (; length >= 8; bytes += 8, length -= 8) {
    uint64_t word;
    std::memcpy(&word, bytes, 8);
    crc = __crc32cd(crc, word);
  }
  for (; length > 0; bytes++, length--) crc = __crc32cb(crc, *bytes);
  return ~crc;
}

#else

bool isQuick() { return false; }
uint32_t crc32c(const uint8_t*, size_t) { return 0; }

#endif

}  // namespace crc
