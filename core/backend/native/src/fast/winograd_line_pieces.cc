#include "winograd_line_pieces.h"

#include <utility>

#include "conv_filter_panels.h"
#include "winograd_line_schemes.h"

namespace multigrain {

LineScheme lineScheme(int64_t taps) {
  if (taps == 3) return {ThreeTaps::taps, ThreeTaps::outputs, ThreeTaps::elements};
  return {SevenTaps::taps, SevenTaps::outputs, SevenTaps::elements};
}

}  // namespace multigrain

#if defined(__x86_64__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")
// GCC's own header leaves registers undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

namespace multigrain {
namespace {

#include "conv_words.h"
#include "winograd_matrix.h"

/** Matrices by rows and columns, as the loops below read them. */
template <typename Scheme>
struct OfImages {
  static constexpr int rows = Scheme::elements, columns = Scheme::span;
  static constexpr float at(int row, int column) { return Scheme::b[row][column]; }
};
template <typename Scheme>
struct OfGradients {
  static constexpr int rows = Scheme::elements, columns = Scheme::outputs;
  static constexpr float at(int row, int column) { return Scheme::a[column][row]; }
};
template <typename Scheme>
struct OfFilters {
  static constexpr int rows = Scheme::elements, columns = Scheme::taps;
  static constexpr float at(int row, int column) { return Scheme::g[row][column]; }
};
template <typename Scheme>
struct OfSums {
  static constexpr int rows = Scheme::outputs, columns = Scheme::elements;
  static constexpr float at(int row, int column) { return Scheme::a[row][column]; }
};
template <typename Scheme>
struct OfTaps {
  static constexpr int rows = Scheme::taps, columns = Scheme::elements;
  static constexpr float at(int row, int column) { return Scheme::g[column][row]; }
};

template <typename Matrix, int first, int count>
void transform(const LinePieces& s, int64_t piece, int64_t pieces, int64_t from, int64_t to, const PixelLayout& layout) {
  const int64_t along = s.isVertical ? s.width * s.channels : s.channels, extent = s.isVertical ? s.height : s.width;
  int64_t px = piece % s.gridWidth, py = piece / s.gridWidth % s.gridHeight, image = piece / s.gridWidth / s.gridHeight;
  for (int64_t p = 0; p < pieces; p++) {
    const int64_t start = (s.isVertical ? py : px) * s.step - s.pad;
    const float* line = s.source + (image * s.height * s.width + (s.isVertical ? px : py * s.width)) * s.channels;
    const bool isInside = start >= 0 && start + Matrix::columns <= extent;
    char* panel = layout.into + p * layout.word;
    for (int64_t channel = from; channel < to; channel += 32, panel += layout.panel) {
      for (int64_t half = 0; half < 32; half += 16) {
        const float* at = line + start * along + channel + half;
        __m512 values[Matrix::columns];
        if (isInside) {
#pragma GCC unroll 16
          for (int i = 0; i < Matrix::columns; i++) values[i] = _mm512_loadu_ps(at + i * along);
        } else {
#pragma GCC unroll 16
          for (int i = 0; i < Matrix::columns; i++) {
            const bool isThere = start + i >= 0 && start + i < extent;
            values[i] = isThere ? _mm512_loadu_ps(at + i * along) : _mm512_setzero_ps();
          }
        }
        storeRows<Matrix, first>(values, panel + half * 4, layout.element, std::make_integer_sequence<int, count>{});
      }
    }
    if (++px == s.gridWidth) {
      px = 0;
      if (++py == s.gridHeight) py = 0, image++;
    }
  }
}

template <typename Matrix>
void transformGroup(int group, const LinePieces& s, int64_t piece, int64_t pieces, int64_t from, int64_t to,
                    const PixelLayout& layout) {
  constexpr int rows = Matrix::rows;
  if (group < 0) return transform<Matrix, 0, rows>(s, piece, pieces, from, to, layout);
  if (group == 0) return transform<Matrix, 0, 3>(s, piece, pieces, from, to, layout);
  if (group == 1) return transform<Matrix, 3, 3>(s, piece, pieces, from, to, layout);
  if constexpr (rows > 6) {
    if (group == 2) return transform<Matrix, 6, 3>(s, piece, pieces, from, to, layout);
    return transform<Matrix, 9, rows - 9>(s, piece, pieces, from, to, layout);
  }
}

template <typename Scheme>
void spreadFilter(const float* filter, int64_t in, int64_t out, bool transposed, float* panels) {
  const int64_t length = transposed ? out : in, columns = transposed ? in : out;
  const int64_t elementBytes = panelsOf(columns) * length * 128;
#pragma omp parallel for collapse(2) schedule(static)
  for (int64_t column = 0; column < columns; column += 16) {
    for (int64_t summed = 0; summed < length; summed += 16) {
      __m512 taps[Scheme::taps][16];
      for (int tap = 0; tap < Scheme::taps; tap++) {
        const int from = transposed ? Scheme::taps - 1 - tap : tap;
        readTap(filter + from * in * out, out, transposed, summed, column, taps[tap]);
      }
      char* into = reinterpret_cast<char*>(panels) + (column / 32 * length + summed) * 128 + column % 32 * 4;
      for (int k = 0; k < 16; k++, into += 128) {
        __m512 values[Scheme::taps];
#pragma GCC unroll 8
        for (int tap = 0; tap < Scheme::taps; tap++) values[tap] = taps[tap][k];
        storeRows<OfFilters<Scheme>, 0>(values, into, elementBytes, std::make_integer_sequence<int, Scheme::elements>{});
      }
    }
  }
}

template <typename Scheme, int... outputs>
inline void gather(const __m512* sums, __m512* y, std::integer_sequence<int, outputs...>) {
  ((y[outputs] = rowTimes<OfSums<Scheme>, outputs>(sums)), ...);
}

template <typename Scheme>
void finish(const LinePieces& s, float* out, int64_t first, int64_t count, int64_t channel, const float* sums, const Tail& tail) {
  const bool plain = !tail.scale && !tail.shift && !tail.addend && !tail.relu;
  const int64_t along = s.isVertical ? s.width * s.channels : s.channels, extent = s.isVertical ? s.height : s.width;
  int64_t px = first % s.gridWidth, py = first / s.gridWidth % s.gridHeight, image = first / s.gridWidth / s.gridHeight;
  for (int64_t p = 0; p < count; p++, sums += kTileColumns) {
    const int64_t start = (s.isVertical ? py : px) * s.step;
    const int64_t line = (image * s.height * s.width + (s.isVertical ? px : py * s.width)) * s.channels;
    for (int64_t half = 0; half < 32; half += 16) {
      __m512 values[Scheme::elements], y[Scheme::outputs];
#pragma GCC unroll 16
      for (int e = 0; e < Scheme::elements; e++) values[e] = _mm512_loadu_ps(sums + e * kTileRows * kTileColumns + half);
      gather<Scheme>(values, y, std::make_integer_sequence<int, Scheme::outputs>{});
#pragma GCC unroll 4
      for (int i = 0; i < Scheme::outputs; i++) {
        if (start + i >= extent) break;
        const int64_t at = line + (start + i) * along + channel + half;
        _mm512_storeu_ps(out + at, plain ? y[i] : withTail(y[i], tail, channel + half, at));
      }
    }
    if (++px == s.gridWidth) {
      px = 0;
      if (++py == s.gridHeight) py = 0, image++;
    }
  }
}

template <typename Scheme>
void gatherTaps(const float* sums, int64_t parts, int64_t in, int64_t out, float* gradient) {
  const int64_t size = in * out;
#pragma omp parallel for schedule(static)
  for (int64_t row = 0; row < in; row++) {
    for (int64_t at = row * out; at < (row + 1) * out; at += 16) {
      __m512 values[Scheme::elements];
#pragma GCC unroll 16
      for (int e = 0; e < Scheme::elements; e++) {
        values[e] = _mm512_loadu_ps(sums + e * size + at);
        for (int64_t part = 1; part < parts; part++) {
          values[e] = _mm512_add_ps(values[e], _mm512_loadu_ps(sums + (part * Scheme::elements + e) * size + at));
        }
      }
      storeRows<OfTaps<Scheme>, 0>(values, reinterpret_cast<char*>(gradient + at), size * 4,
                                   std::make_integer_sequence<int, Scheme::taps>{});
    }
  }
}

}  // namespace

void transformLines(int taps, const LinePieces& pieces, int group, int64_t first, int64_t count, int64_t from, int64_t to,
                    const PixelLayout& layout) {
  (taps == 3 ? transformGroup<OfImages<ThreeTaps>> : transformGroup<OfImages<SevenTaps>>)(group, pieces, first, count, from, to, layout);
}

void transformLineGradient(int taps, const LinePieces& pieces, int group, int64_t first, int64_t count, int64_t from, int64_t to,
                           const PixelLayout& layout) {
  (taps == 3 ? transformGroup<OfGradients<ThreeTaps>> : transformGroup<OfGradients<SevenTaps>>)(group, pieces, first, count, from, to,
                                                                                                layout);
}

void transformLineFilter(int taps, const float* filter, int64_t in, int64_t out, bool transposed, float* panels) {
  (taps == 3 ? spreadFilter<ThreeTaps> : spreadFilter<SevenTaps>)(filter, in, out, transposed, panels);
}

void finishLines(int taps, const LinePieces& pieces, float* out, int64_t first, int64_t count, int64_t channel, const float* sums,
                 const Tail& tail) {
  (taps == 3 ? finish<ThreeTaps> : finish<SevenTaps>)(pieces, out, first, count, channel, sums, tail);
}

void finishLineFilterGradient(int taps, const float* sums, int64_t parts, int64_t in, int64_t out, float* gradient) {
  (taps == 3 ? gatherTaps<ThreeTaps> : gatherTaps<SevenTaps>)(sums, parts, in, out, gradient);
}

}  // namespace multigrain
#pragma GCC pop_options

#else

namespace multigrain {
void transformLines(int, const LinePieces&, int, int64_t, int64_t, int64_t, int64_t, const PixelLayout&) {}
void transformLineGradient(int, const LinePieces&, int, int64_t, int64_t, int64_t, int64_t, const PixelLayout&) {}
void transformLineFilter(int, const float*, int64_t, int64_t, bool, float*) {}
void finishLines(int, const LinePieces&, float*, int64_t, int64_t, int64_t, const float*, const Tail&) {}
void finishLineFilterGradient(int, const float*, int64_t, int64_t, int64_t, float*) {}
}  // namespace multigrain

#endif
