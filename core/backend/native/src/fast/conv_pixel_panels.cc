#include "conv_pixel_panels.h"

#include <algorithm>

#include "workspace.h"

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl")
// GCC's own header leaves registers undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

namespace multigrain {
namespace {

inline uint32_t firstLanes(int64_t lanes) {
  return lanes >= 32 ? 0xffffffffu : lanes <= 0 ? 0 : (1u << lanes) - 1;
}

inline void interleave(const uint16_t* even, const uint16_t* odd, uint32_t evenMask, uint32_t oddMask, char* into) {
  const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37, 5, 36,
                                       4, 35, 3, 34, 2, 33, 1, 32, 0);
  const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
  const __m512i a = _mm512_maskz_loadu_epi16(evenMask, even), b = _mm512_maskz_loadu_epi16(oddMask, odd);
  _mm512_store_si512(into, _mm512_permutex2var_epi16(a, low, b));
  _mm512_store_si512(into + 64, _mm512_permutex2var_epi16(a, high, b));
}

/** The rows of `patches` one after the other: where each begins, copied only when it is more than one pixel. */
class RowReader {
 public:
  RowReader(bool bf16, const Patches& patches, int64_t row, int64_t from, int64_t to)
      : bf16_(bf16), patches_(patches), row_(row), from_(from), to_(to), direct_(patches.pixels()) {
    stride_ = ((to - from) * (bf16 ? 2 : 4) + 127) / 64 * 64;
    if (!direct_) copies_ = static_cast<char*>(workspace(Scratch::kPixels, kAhead * stride_));
    gx_ = row % patches.gridWidth;
    gy_ = row / patches.gridWidth % patches.gridHeight;
    image_ = row / patches.gridWidth / patches.gridHeight;
  }

  /** Valid until `kAhead` more rows have been read, from an even start. */
  const char* next() {
    if (!direct_) {
      const int64_t slot = read_++ % kAhead;
      if (slot == 0) {
        const int64_t rows = std::min<int64_t>(kAhead, patches_.rows() - row_);
        gatherPatches(bf16_, patches_, row_, rows, from_, to_, copies_, stride_);
        row_ += rows;
      }
      return copies_ + slot * stride_;
    }
    const int64_t y = gy_ * patches_.stepY + patches_.top, x = gx_ * patches_.stepX + patches_.left;
    const int64_t at = ((image_ * patches_.height + y) * patches_.width + x) * patches_.channels + from_;
    if (++gx_ == patches_.gridWidth) {
      gx_ = 0;
      if (++gy_ == patches_.gridHeight) gy_ = 0, image_++;
    }
    return static_cast<const char*>(patches_.source) + at * (bf16_ ? 2 : 4);
  }

 private:
  static constexpr int64_t kAhead = 8;
  bool bf16_;
  const Patches& patches_;
  int64_t row_, from_, to_;
  bool direct_;
  char* copies_ = nullptr;
  int64_t stride_, read_ = 0;
  int64_t gx_, gy_, image_;
};

}  // namespace

void packGradient(bool bf16, const void* dy, int64_t columns, int64_t row, int64_t rows, int64_t column, int64_t count,
                  int64_t words, char* panels) {
  const int64_t panelCount = (count + 31) / 32;
  for (int64_t word = 0; word < words; word++) {
    char* into = panels + word * 128;
    for (int64_t panel = 0; panel < panelCount; panel++, into += words * 128) {
      const uint32_t mask = firstLanes(count - panel * 32);
      if (bf16) {
        const uint16_t* even = static_cast<const uint16_t*>(dy) + (row + 2 * word) * columns + column + panel * 32;
        interleave(even, even + columns, mask, 2 * word + 1 < rows ? mask : 0, into);
      } else {
        const float* from = static_cast<const float*>(dy) + (row + word) * columns + column + panel * 32;
        _mm512_store_ps(into, _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), from));
        _mm512_store_ps(into + 64, _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask >> 16), from + 16));
      }
    }
  }
}

void packPixels(bool bf16, const Patches& patches, int64_t row, int64_t rows, int64_t from, int64_t to, int64_t words,
                char* columns, int64_t stride) {
  RowReader reader(bf16, patches, row, from, to);
  const int64_t length = to - from;
  for (int64_t word = 0; word < words; word++, columns += stride) {
    char* into = columns;
    const char* first = reader.next();
    if (bf16) {
      const bool paired = 2 * word + 1 < rows;
      const uint16_t* even = reinterpret_cast<const uint16_t*>(first);
      const uint16_t* odd = paired ? reinterpret_cast<const uint16_t*>(reader.next()) : even;
      for (int64_t at = 0; at < length; at += 32, into += 128) {
        const uint32_t mask = firstLanes(length - at);
        interleave(even + at, odd + at, mask, paired ? mask : 0, into);
      }
    } else {
      const float* floats = reinterpret_cast<const float*>(first);
      for (int64_t at = 0; at < length; at += 16, into += 64) {
        _mm512_store_ps(into, _mm512_maskz_loadu_ps(static_cast<__mmask16>(firstLanes(length - at)), floats + at));
      }
    }
  }
}

}  // namespace multigrain
#pragma GCC pop_options

#else

namespace multigrain {
void packGradient(bool, const void*, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t, char*) {}
void packPixels(bool, const Patches&, int64_t, int64_t, int64_t, int64_t, int64_t, char*, int64_t) {}
}  // namespace multigrain

#endif
