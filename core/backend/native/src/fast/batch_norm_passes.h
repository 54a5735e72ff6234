// Batch norm. Sums run over items: a chunk of rows by a tile of channels, whose float32 sums over a few rows are added up in
// double precision. Items depend on the shape alone, so the bits do too.

// How many rows one turn of a loop takes. Short rows lie close together; of long ones, several at a time would be more streams
// than the processor reads ahead.
#if MULTIGRAIN_AVX512
constexpr int rowsTogether = 8, longRowsTogether = 2;
#else
constexpr int rowsTogether = 2, longRowsTogether = 2;
#endif
constexpr int64_t shortRow = 128;  // channels
constexpr int64_t widestTile = 2048;

struct Items {
  int64_t rows, channels, tile, tiles, chunkRows, chunks;
  Items(int64_t rows, int64_t channels) : rows(rows), channels(channels) {
    tile = least(channels, widestTile);
    tiles = divideUp(channels, tile);
    chunkRows = most(most(64, divideUp(65536, tile)), divideUp(rows, 64));
    chunkRows = divideUp(chunkRows, 8) * 8;
    chunks = most(1, divideUp(rows, chunkRows));
  }
  bool worthIt() const { return rows * channels >= parallelFrom; }
};

// sums of item: body(first row, rows, first channel, channels, two vectors of the item's doubles).
template <class Body>
inline void eachItem(const Items& items, double* partial, const Body& body) {
  parallelFor(items.chunks * items.tiles, items.worthIt(), [&](int64_t item) {
    const int64_t chunk = item / items.tiles, firstChannel = item % items.tiles * items.tile;
    const int64_t firstRow = chunk * items.chunkRows;
    double* first = partial + chunk * 2 * items.channels + firstChannel;
    body(firstRow, least(items.chunkRows, items.rows - firstRow), firstChannel,
         least(items.tile, items.channels - firstChannel), first, first + items.channels);
  });
}

// Adds the chunks' doubles up, in order, into the first one's.
inline void addChunks(const Items& items, double* partial) {
  for (int64_t chunk = 1; chunk < items.chunks; chunk++)
    for (int64_t i = 0; i < 2 * items.channels; i++) partial[i] += partial[chunk * 2 * items.channels + i];
}

// Float sums of a tile over some rows, kept in the first cache and emptied into doubles before rounding adds up.
struct TileSums {
  static constexpr int64_t rowsBetween = 128;
  alignas(64) float first[widestTile];
  alignas(64) float second[widestTile];
  void clear(int64_t width) {
    const Floats zero = {};
    eachVector(divideUp(width, lanes) * lanes, [&](int64_t c, int64_t) { store(first + c, zero), store(second + c, zero); });
  }
  void addTo(double* a, double* b, int64_t width) const {
    for (int64_t c = 0; c < width; c++) a[c] += first[c];
    for (int64_t c = 0; c < width; c++) b[c] += second[c];
  }
  MULTIGRAIN_INLINE void add(int64_t c, const Floats& a, const Floats& b) {
    store(first + c, load(first + c) + a);
    store(second + c, load(second + c) + b);
  }
};

// Runs add(row, rows) over the rows of an item, some at a time and then one by one.
template <class Add>
MULTIGRAIN_INLINE void sumRows(int64_t firstRow, int64_t rows, int64_t width, double* a, double* b, const Add& add) {
  TileSums sums;
  for (int64_t c = 0; c < width; c++) a[c] = b[c] = 0;
  for (int64_t begin = 0; begin < rows; begin += TileSums::rowsBetween) {
    const int64_t end = least(rows, begin + TileSums::rowsBetween);
    sums.clear(width);
    int64_t row = begin;
    if (width <= shortRow)
      for (; row + rowsTogether <= end; row += rowsTogether)
        add(sums, firstRow + row, std::integral_constant<int, rowsTogether>());
    for (; row + longRowsTogether <= end; row += longRowsTogether)
      add(sums, firstRow + row, std::integral_constant<int, longRowsTogether>());
    for (; row < end; row++) add(sums, firstRow + row, std::integral_constant<int, 1>());
    sums.addTo(a, b, width);
  }
}

// A value near each channel's mean: differences from it lose no digits when they are squared.
template <class T>
inline void choosePivots(const T* x, int64_t rows, int64_t channels, float* pivots) {
  const int64_t samples = least(16, rows);
  eachVector(channels, [&](int64_t c, int64_t count) {
    Floats total = {};
    for (int64_t i = 0; i < samples; i++) total += loadUpTo(x + i * rows / samples * channels + c, count);
    storeUpTo(pivots + c, total * (1.0f / samples), count);
  });
}

template <class T>
inline void momentsOf(const ChannelMoments& p, const T* x) {
  const Items items(p.rows, p.channels);
  const int64_t channels = p.channels;
  Scratch<float> pivots(channels);
  Scratch<double> partial(items.chunks * 2 * channels);
  choosePivots(x, p.rows, channels, pivots.data);
  eachItem(items, partial.data, [&](int64_t firstRow, int64_t rows, int64_t firstChannel, int64_t width, double* a, double* b) {
    const float* pivot = pivots.data + firstChannel;
    sumRows(firstRow, rows, width, a, b, [&](TileSums& sums, int64_t row, auto together) {
      const T* from = x + row * channels + firstChannel;
      eachVector(width, [&](int64_t c, int64_t count) {
        const Floats centre = loadUpTo(pivot + c, count);
        Floats total = {}, squares = {};
#pragma GCC unroll 8
        for (int r = 0; r < together.value; r++) {
          const Floats d = loadUpTo(from + r * channels + c, count) - centre;
          total += d;
          squares += d * d;
        }
        sums.add(c, total, squares);
      });
    });
  });
  addChunks(items, partial.data);
  for (int64_t c = 0; c < channels; c++) {
    const double offset = partial.data[c] / p.rows;
    const double variance = partial.data[channels + c] / p.rows - offset * offset;
    p.mean[c] = (float)(pivots.data[c] + offset);
    p.variance[c] = variance < 0 ? 0.0f : (float)variance;
  }
}

void channelMoments(const ChannelMoments& p) {
  withStorage(p.storage, [&](auto* type) { momentsOf(p, (const decltype(type))p.x); });
}

// What a pass over rows does to some of them at a time, so that scale and shift are read once for all.
template <bool backwards, class Body>
inline void eachRows(int64_t rows, int64_t channels, const Body& body) {
  const int64_t rowsPerBlock = most(4, divideUp(16384, channels) / 4 * 4);
  const auto block = [&](int64_t index) {
    int64_t row = index * rowsPerBlock;
    const int64_t end = least(rows, row + rowsPerBlock);
    if (channels <= shortRow)
      for (; row + 4 <= end; row += 4) body(row * channels, std::integral_constant<int, 4>());
    for (; row < end; row++) body(row * channels, std::integral_constant<int, 1>());
  };
  parallelBackwards(divideUp(rows, rowsPerBlock), rows * channels >= parallelFrom, block);
}

template <bool hasAddend, bool relu, bool streaming, class T>
inline void scaleShiftOf(const ScaleShift& p, const T* x, const T* addend, T* y) {
  const int64_t channels = p.channels;
  eachRows<true>(p.rows, channels, [&](int64_t first, auto together) {
    eachVector(channels, [&](int64_t c, int64_t count) {
      const Floats scale = loadUpTo(p.scale + c, count), shift = loadUpTo(p.shift + c, count);
#pragma GCC unroll 4
      for (int r = 0; r < together.value; r++) {
        const int64_t at = first + r * channels + c;
        Floats v = loadUpTo(x + at, count) * scale + shift;
        if constexpr (hasAddend) v += loadUpTo(addend + at, count);
        if constexpr (relu) v = rectify(v);
        put<streaming>(y + at, v, count);
      }
    });
  });
  if constexpr (streaming) finishStreaming();
}

// Calls body with compile-time booleans.
template <class Body>
inline void withFlags(bool a, bool b, const Body& body) {
  constexpr std::true_type yes;
  constexpr std::false_type no;
  if (a && b) body(yes, yes);
  else if (a) body(yes, no);
  else if (b) body(no, yes);
  else body(no, no);
}

void scaleShift(const ScaleShift& p) {
  withStorage(p.storage, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const bool streaming = streams(p.y, p.rows * p.channels * sizeof(T), p.channels);
    withFlags(p.addend != nullptr, p.relu, [&](auto hasAddend, auto relu) {
      const auto run = [&](auto s) {
        scaleShiftOf<hasAddend.value, relu.value, s.value>(p, (const T*)p.x, (const T*)p.addend, (T*)p.y);
      };
      if (streaming) run(std::true_type());
      else run(std::false_type());
    });
  });
}

// Where the gradient of the ReLU comes from.
enum class Mask { none, output, input };

template <Mask mask, class T>
struct NormGradient {
  const BatchNormGradient& p;
  const T* const dy;
  const T* const x;
  const T* const y;
  T* const dx;
  T* const dz;

  // The gradient in front of the ReLU.
  MULTIGRAIN_INLINE Floats gradient(int64_t at, const Floats& value, const Floats& scale, const Floats& shift, int64_t count) const {
    const Floats v = loadUpTo(dy + at, count);
    if constexpr (mask == Mask::none) return v;
    if constexpr (mask == Mask::output) return where(loadUpTo(y + at, count) > 0, v);
    return where(value * scale + shift > 0, v);
  }

  template <bool keeps>
  void sum(const Items& items, double* partial) const {
    const int64_t channels = p.channels;
    eachItem(items, partial, [&](int64_t firstRow, int64_t rows, int64_t firstChannel, int64_t width, double* a, double* b) {
      sumRows(firstRow, rows, width, a, b, [&](TileSums& sums, int64_t row, auto together) {
        eachVector(width, [&](int64_t c, int64_t count) {
          const int64_t channel = firstChannel + c;
          const Floats mean = loadUpTo(p.mean + channel, count);
          Floats scale = {}, shift = {}, total = {}, products = {};
          if constexpr (mask == Mask::input) {
            scale = loadUpTo(p.scale + channel, count);
            shift = loadUpTo(p.shift + channel, count);
          }
#pragma GCC unroll 8
          for (int r = 0; r < together.value; r++) {
            const int64_t at = (row + r) * channels + channel;
            const Floats value = loadUpTo(x + at, count);
            const Floats d = gradient(at, value, scale, shift, count);
            if constexpr (keeps) storeUpTo(dz + at, d, count);
            total += d;
            products += d * (value - mean);
          }
          sums.add(c, total, products);
        });
      });
    });
  }

  // dx = a·dz + b·(x − mean) + c, per channel; `kept` says that dz was written by the first pass.
  template <bool kept, bool streaming>
  void input(const float* a, const float* b, const float* c0) const {
    const int64_t channels = p.channels;
    eachRows<true>(p.rows, channels, [&](int64_t first, auto together) {
      eachVector(channels, [&](int64_t c, int64_t count) {
        const Floats mean = loadUpTo(p.mean + c, count), factor = loadUpTo(a + c, count);
        const Floats slope = loadUpTo(b + c, count), offset = loadUpTo(c0 + c, count);
        Floats scale = {}, shift = {};
        if constexpr (mask == Mask::input && !kept) {
          scale = loadUpTo(p.scale + c, count);
          shift = loadUpTo(p.shift + c, count);
        }
#pragma GCC unroll 4
        for (int r = 0; r < together.value; r++) {
          const int64_t at = first + r * channels + c;
          const Floats value = loadUpTo(x + at, count);
          const Floats d = kept ? loadUpTo(dz + at, count) : gradient(at, value, scale, shift, count);
          put<streaming>(dx + at, factor * d + (slope * (value - mean) + offset), count);
        }
      });
    });
    if constexpr (streaming) finishStreaming();
  }

  void run() const {
    const Items items(p.rows, p.channels);
    const int64_t channels = p.channels;
    Scratch<double> partial(items.chunks * 2 * channels);
    Scratch<float> factors(3 * channels);
    if (dz) sum<true>(items, partial.data);
    else sum<false>(items, partial.data);
    addChunks(items, partial.data);
    for (int64_t c = 0; c < channels; c++) {
      const double total = partial.data[c], product = partial.data[channels + c], inverse = p.inverseStd[c];
      const double factor = p.gamma[c] * inverse;
      p.dgamma[c] = (float)(product * inverse);
      p.dbeta[c] = (float)total;
      factors.data[c] = (float)factor;
      factors.data[channels + c] = p.frozen ? 0.0f : (float)(-factor * inverse * inverse * product / p.rows);
      factors.data[2 * channels + c] = p.frozen ? 0.0f : (float)(-factor * total / p.rows);
    }
    const float* f = factors.data;
    const bool streaming = streams(dx, p.rows * channels * sizeof(T), channels);
    withFlags(dz != nullptr, streaming, [&](auto kept, auto s) {
      input<kept.value, s.value>(f, f + channels, f + 2 * channels);
    });
  }
};

void batchNormGradient(const BatchNormGradient& p) {
  withStorage(p.storage, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const auto run = [&](auto mask) {
      NormGradient<mask.value, T>{p, (const T*)p.dy, (const T*)p.x, (const T*)p.y, (T*)p.dx, (T*)p.dz}.run();
    };
    if (!p.relu) run(std::integral_constant<Mask, Mask::none>());
    else if (p.y) run(std::integral_constant<Mask, Mask::output>());
    else run(std::integral_constant<Mask, Mask::input>());
  });
}
