#include "conv_patches.h"

#include <algorithm>

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl")
// GCC's own header leaves registers undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

namespace multigrain {
namespace {

inline __mmask64 firstBytes(int64_t bytes) { return bytes >= 64 ? ~0ull : (1ull << bytes) - 1; }

// Both write whole cache lines, up to 63 bytes more than asked for: rows are filled from left to right, and end in a margin.
// A masked store would be much slower.
inline void copyBytes(char* into, const char* from, int64_t bytes) {
  for (; bytes >= 64; bytes -= 64, into += 64, from += 64) _mm512_storeu_si512(into, _mm512_loadu_si512(from));
  if (bytes > 0) _mm512_storeu_si512(into, _mm512_maskz_loadu_epi8(firstBytes(bytes), from));
}

inline void clearBytes(char* into, int64_t bytes) {
  for (; bytes > 0; bytes -= 64, into += 64) _mm512_storeu_si512(into, _mm512_setzero_si512());
}

/** Elements [from, to) of one line of a patch (tapsX pixels), whose first pixel is at column x of the image line `line`. */
inline char* copyLine(char* into, const char* line, int64_t x, const Patches& p, int64_t size, int64_t from, int64_t to) {
  const int64_t begin = std::clamp(-x * p.channels, from, to);
  const int64_t end = std::clamp((p.width - x) * p.channels, begin, to);
  clearBytes(into, (begin - from) * size);
  copyBytes(into + (begin - from) * size, line + (x * p.channels + begin) * size, (end - begin) * size);
  clearBytes(into + (end - from) * size, (to - end) * size);
  return into + (to - from) * size;
}

}  // namespace

void gatherPatches(bool bf16, const Patches& p, int64_t row, int64_t rows, int64_t from, int64_t to, char* into,
                   int64_t stride) {
  const int64_t size = bf16 ? 2 : 4, run = p.tapsX * p.channels, lineSize = p.width * p.channels * size;
  int64_t gx = row % p.gridWidth, gy = row / p.gridWidth % p.gridHeight, image = row / p.gridWidth / p.gridHeight;
  const bool odd = ((to - from) * size & 3) != 0, whole = from == 0 && to == p.length();
  for (int64_t r = 0; r < rows; r++, into += stride) {
    char* at = into;
    const char* pixels = static_cast<const char*>(p.source) + image * p.height * lineSize;
    const int64_t x = gx * p.stepX + p.left, y0 = gy * p.stepY + p.top;
    if (whole && x >= 0 && x + p.tapsX <= p.width && y0 >= 0 && y0 + p.tapsY <= p.height) {
      const char* line = pixels + y0 * lineSize + x * p.channels * size;
      for (int64_t ty = 0; ty < p.tapsY; ty++, line += lineSize, at += run * size) copyBytes(at, line, run * size);
    } else {
      for (int64_t ty = from / run; ty * run < to; ty++) {
        const int64_t y = y0 + ty;
        const int64_t first = std::max<int64_t>(from - ty * run, 0), last = std::min(to - ty * run, run);
        if (y < 0 || y >= p.height) {
          clearBytes(at, (last - first) * size);
          at += (last - first) * size;
        } else {
          at = copyLine(at, pixels + y * lineSize, x, p, size, first, last);
        }
      }
    }
    if (odd) at[0] = at[1] = 0;
    if (++gx == p.gridWidth) {
      gx = 0;
      if (++gy == p.gridHeight) gy = 0, image++;
    }
  }
}

}  // namespace multigrain
#pragma GCC pop_options

#else

namespace multigrain {
void gatherPatches(bool, const Patches&, int64_t, int64_t, int64_t, int64_t, char*, int64_t) {}
}  // namespace multigrain

#endif
