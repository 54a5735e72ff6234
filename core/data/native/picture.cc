#include "picture.h"

#include <algorithm>
#include <cmath>

#include "reader.h"
#include "turn.h"

namespace jpeg {
namespace {

constexpr size_t pixelBytes = 4;
constexpr size_t mostKept = 32u << 20;
/// `largestPixels` of core/data/decode.ts; whatever a header claims, no more memory than for this is asked.
constexpr int64_t mostPixels = 100'000'000;

/// A part of the scaled picture: whole pixels, and where in them the exact part begins.
struct Span {
  int from;
  int count;
  double origin;
  double size;
};

Span spanOf(int from, int length, int eighths, int available) {
  const double scale = eighths / 8.0;
  const double exact = from * scale;
  const int first = static_cast<int>(exact);
  const int last = std::min(static_cast<int>(std::ceil(exact + length * scale)), available);
  return {first, std::max(last - first, 1), exact - first, length * scale};
}

/// How many times as large as its result a part must stay. With less, fine patterns come out differently than from the whole.
constexpr int64_t leastSurplus = 2;

/// The largest reduction that leaves enough of the part. Only these have fast code in libjpeg.
int eighthsFor(const Plan& plan) {
  if (!plan.mayScale) return 8;
  for (int eighths = 1; eighths < 8; eighths *= 2) {
    const bool isEnough = plan.boxWidth * int64_t{eighths} >= plan.width * 8 * leastSurplus &&
                          plan.boxHeight * int64_t{eighths} >= plan.height * 8 * leastSurplus;
    if (isEnough) return eighths;
  }
  return 8;
}

/// As in core/data/decode.ts: luminance after the conversion to RGB.
void toGrey(uint8_t* row, int width) {
  for (int x = 0; x < width; x++, row += pixelBytes)
    row[0] = static_cast<uint8_t>((row[0] * 19595 + row[1] * 38470 + row[2] * 7471 + 0x8000) >> 16);
}

/// Resizes each row as it comes.
class ResizeRows final : public RowSink {
 public:
  ResizeRows(const Plan& plan, Scratch& scratch, const Resampler& resampler, size_t stride)
      : plan_(plan), scratch_(scratch), resampler_(resampler), stride_(stride) {}

  void take(uint8_t* row, int y) noexcept override {
    if (plan_.channels == 1) toGrey(row, scratch_.across.end());
    resampler_.horizontal(row, &scratch_.between[y * stride_], scratch_.across, plan_.channels, plan_.mirrored != 0);
  }

 private:
  const Plan& plan_;
  Scratch& scratch_;
  const Resampler& resampler_;
  const size_t stride_;
};

/// Keeps the rows as they are.
class KeepRows final : public RowSink {
 public:
  KeepRows(uint8_t* to, size_t rowBytes) : to_(to), rowBytes_(rowBytes) {}
  void take(uint8_t* row, int y) noexcept override { std::copy_n(row, rowBytes_, to_ + y * rowBytes_); }

 private:
  uint8_t* const to_;
  const size_t rowBytes_;
};

template <class Vector>
void atLeast(Vector& memory, size_t bytes) {
  if (memory.size() < bytes) memory.resize(bytes);
}

/// Weights of both directions for a part that lies in `across` and `down`.
void planTaps(const Plan& plan, const Span& across, const Span& down, Scratch& scratch) {
  computeTaps({across.origin, across.size, across.count, plan.width, plan.windowX, plan.windowWidth}, scratch.across);
  computeTaps({down.origin, down.size, down.count, plan.height, plan.windowY, plan.windowHeight}, scratch.down);
}

/// Sums up the rows between the passes; the first of them is input row `begin` of `down`.
void sumRows(const Plan& plan, Scratch& scratch, const Resampler& resampler, size_t stride, int begin, uint8_t* out) {
  const Taps& down = scratch.down;
  const size_t rowBytes = static_cast<size_t>(plan.windowWidth) * plan.channels;
  for (int y = 0; y < plan.windowHeight; y++) {
    const uint8_t* rows = &scratch.between[(down.first[y] - begin) * stride];
    resampler.vertical(rows, stride, &down.weights[static_cast<size_t>(y) * down.size], down.count[y], out, rowBytes);
    out += rowBytes;
  }
}

size_t strideOf(const Plan& plan) { return static_cast<size_t>(plan.windowWidth) * plan.channels; }

/// Upright already: rows are resized as they are decoded, and only those that reach the window are decoded.
bool makeUpright(Reader& reader, const Span& across, const Span& down, const Plan& plan, uint8_t* out, Scratch& scratch,
                 const Resampler& resampler) {
  planTaps(plan, across, down, scratch);
  Taps& columns = scratch.across;
  const int left = columns.begin(), top = scratch.down.begin();
  const Box region = {across.from + left, down.from + top, columns.end() - left, scratch.down.end() - top};
  for (int32_t& first : columns.first) first -= left;
  const size_t stride = strideOf(plan);
  atLeast(scratch.between, region.height * stride + slackBytes);
  atLeast(scratch.rows, reader.rowMemory() + slackBytes);
  ResizeRows sink(plan, scratch, resampler, stride);
  if (!reader.read(region, scratch.rows.data(), scratch.tables, sink)) return false;
  sumRows(plan, scratch, resampler, stride, top, out);
  return true;
}

/// Lies on its side or mirrored: the part is decoded whole, turned, then resized in the same order as any other.
bool makeTurned(Reader& reader, const Span& columns, const Span& rows, const Plan& plan, uint8_t* out,
                Scratch& scratch, const Resampler& resampler) {
  const Box region = {columns.from, rows.from, columns.count, rows.count};
  const size_t pixels = static_cast<size_t>(region.width) * region.height;
  atLeast(scratch.rows, reader.rowMemory() + slackBytes);
  atLeast(scratch.stored, pixels * pixelBytes);
  atLeast(scratch.turned, pixels * pixelBytes + slackBytes);
  KeepRows sink(scratch.stored.data(), region.width * pixelBytes);
  if (!reader.read(region, scratch.rows.data(), scratch.tables, sink)) return false;
  turn(scratch.stored.data(), region.width, region.height, plan.orientation, scratch.turned.data());
  // Seen from its far end, a part begins where its last pixel ends.
  const auto seen = [](const Span& span, bool isFar) {
    const double origin = isFar ? std::max(span.count - span.origin - span.size, 0.0) : span.origin;
    return Span{0, span.count, origin, span.size};
  };
  const bool swaps = swapsSides(plan.orientation);
  const Span across = seen(swaps ? rows : columns, startsRight(plan.orientation));
  const Span down = seen(swaps ? columns : rows, startsBottom(plan.orientation));
  planTaps(plan, across, down, scratch);
  const size_t stride = strideOf(plan);
  atLeast(scratch.between, down.count * stride + slackBytes);
  ResizeRows resize(plan, scratch, resampler, stride);
  for (int y = 0; y < down.count; y++) resize.take(&scratch.turned[y * across.count * pixelBytes], y);
  sumRows(plan, scratch, resampler, stride, 0, out);
  return true;
}

}  // namespace

void Scratch::trim() {
  for (auto* memory : {&rows, &between, &stored, &turned})
    if (memory->capacity() > mostKept) std::vector<uint8_t>().swap(*memory);
}

bool makePicture(const uint8_t* bytes, size_t length, const Plan& plan, uint8_t* out, Scratch& scratch,
                 const Resampler& resampler) {
  if (static_cast<int64_t>(plan.storedWidth) * plan.storedHeight > mostPixels) return false;
  Reader reader(bytes, length);
  const int eighths = eighthsFor(plan);
  if (!reader.open(plan.storedWidth, plan.storedHeight) || !reader.scaleTo(eighths)) return false;
  const Box box = storedBox(plan);
  const Span columns = spanOf(box.x, box.width, eighths, reader.width());
  const Span rows = spanOf(box.y, box.height, eighths, reader.height());
  if (plan.orientation == 1) return makeUpright(reader, columns, rows, plan, out, scratch, resampler);
  return makeTurned(reader, columns, rows, plan, out, scratch, resampler);
}

}  // namespace jpeg
