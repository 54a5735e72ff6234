// The triangle filter as weights: for every output pixel, which inputs it is made of.
#pragma once
#include <cstdint>
#include <vector>

namespace jpeg {

/// One direction of a resize: `size` input pixels from `origin` on become `to` output pixels.
struct Axis {
  /// Where the box begins within the pixels at hand; not whole when the picture was decoded at a reduced size.
  double origin;
  double size;
  /// Pixels at hand that belong to the box.
  int available;
  int to;
  /// Outputs that are wanted: [from, from + count).
  int from;
  int count;
};

/// Weights in 22-bit fixed point, `size` to an output, zero beyond its last input.
struct Taps {
  int size = 0;
  std::vector<int32_t> first;
  std::vector<int32_t> count;
  std::vector<int32_t> weights;
  /// Inputs to take for every output alike, where all need few: steps that are always the same are foreseen by the processor.
  int alike = 0;

  /// The first input that is needed, and the one after the last.
  int begin() const { return first.front(); }
  int end() const { return first.back() + count.back(); }
};

constexpr int weightBits = 22;
/// Weights are padded to whole groups, which the vector code takes at a time.
constexpr int tapGroup = 4;
/// Up to this many inputs are taken alike; `slackBytes` covers those beyond the end of a row.
constexpr int mostAlike = 8;

/// Same arithmetic as `tapsOf` in core/transforms/shared/resample.ts, so that both give the same bits.
void computeTaps(const Axis& axis, Taps& taps);

}  // namespace jpeg
