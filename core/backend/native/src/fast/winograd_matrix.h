// Small constant matrices times registers of channels, for the files that are compiled for AVX-512. A matrix has `rows`, `columns` and
// `at`. Included inside their namespace, after immintrin.h, utility and conv_words.h.

template <typename Matrix, int row, int column>
inline void addTerm(__m512& sum, const __m512* values) {
  constexpr float factor = Matrix::at(row, column);
  if constexpr (factor == 1) {
    sum = _mm512_add_ps(sum, values[column]);
  } else if constexpr (factor != 0) {
    sum = _mm512_fmadd_ps(_mm512_set1_ps(factor), values[column], sum);
  }
}

template <typename Matrix, int row, int... columns>
inline __m512 rowTimes(const __m512* values, std::integer_sequence<int, columns...>) {
  __m512 sum = _mm512_setzero_ps();
  (addTerm<Matrix, row, columns>(sum, values), ...);
  return sum;
}

template <typename Matrix, int row>
inline __m512 rowTimes(const __m512* values) {
  return rowTimes<Matrix, row>(values, std::make_integer_sequence<int, Matrix::columns>{});
}

/** Rows [first, first + sizeof...(rows)) of the matrix times `values`, stored `stride` bytes from one another. */
template <typename Matrix, int first, int... rows>
inline void storeRows(const __m512* values, char* into, int64_t stride, std::integer_sequence<int, rows...>) {
  (_mm512_storeu_ps(into + rows * stride, rowTimes<Matrix, first + rows>(values)), ...);
}

/** 16 words of 16 columns of one tap, the summed channels from `summed` on. */
inline void readTap(const float* tap, int64_t out, bool transposed, int64_t summed, int64_t column, __m512 (&words)[16]) {
  if (!transposed) {
#pragma GCC unroll 16
    for (int k = 0; k < 16; k++) words[k] = _mm512_loadu_ps(tap + (summed + k) * out + column);
    return;
  }
  __m512i rows[16];
#pragma GCC unroll 16
  for (int k = 0; k < 16; k++) rows[k] = _mm512_loadu_si512(tap + (column + k) * out + summed);
  transpose(rows);
#pragma GCC unroll 16
  for (int k = 0; k < 16; k++) words[k] = _mm512_castsi512_ps(rows[k]);
}

inline __m512 withTail(__m512 y, const Tail& tail, int64_t channel, int64_t at) {
  if (tail.scale) y = _mm512_mul_ps(y, _mm512_loadu_ps(tail.scale + channel));
  if (tail.shift) y = _mm512_add_ps(y, _mm512_loadu_ps(tail.shift + channel));
  if (tail.addend) y = _mm512_add_ps(y, _mm512_loadu_ps(static_cast<const float*>(tail.addend) + at));
  return tail.relu ? _mm512_max_ps(y, _mm512_setzero_ps()) : y;
}
