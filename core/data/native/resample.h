// The two passes of a resize. Pixels come as four bytes (red, green, blue, unused) and leave as three, or as one.
#pragma once
#include <cstddef>
#include <cstdint>

#include "taps.h"

namespace jpeg {

/// Bytes that a pass may read beyond the end of its rows, and write beyond the end of a row between the passes.
constexpr size_t slackBytes = 64;

/// The inner loops for one kind of processor.
struct Resampler {
  const char* name;
  /// One row of RGBX pixels to `taps.first.size()` pixels of `channels` bytes, mirrored or not; 1 takes the red byte.
  void (*horizontal)(const uint8_t* row, uint8_t* out, const Taps& taps, int channels, bool mirrored);
  /// One output row: the sum of `count` rows, `stride` bytes apart, each times its weight. Writes `bytes`, no more.
  void (*vertical)(const uint8_t* rows, size_t stride, const int32_t* weights, int count, uint8_t* out, size_t bytes);
};

/// The fastest that this processor can run; all give the same bits.
const Resampler& fastestResampler();

/// All that this processor can run, ended by null: for tests.
const Resampler* const* availableResamplers();

}  // namespace jpeg
