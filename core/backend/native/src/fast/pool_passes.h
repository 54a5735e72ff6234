// Pooling of images [batch, height, width, channels], sixteen channels at a time.

struct Window {
  int64_t firstRow, lastRow, firstColumn, lastColumn;  // inside the image; the last ones are not included
};

inline Window windowOf(const PoolGeometry& g, int64_t outRow, int64_t outColumn) {
  const int64_t top = outRow * g.strideHeight - g.padTop, left = outColumn * g.strideWidth - g.padLeft;
  return {most(0, top), least(g.height, top + g.filterHeight), most(0, left), least(g.width, left + g.filterWidth)};
}

template <class T>
inline void maxPoolRow(const MaxPool& p, int64_t image, int64_t outRow) {
  const PoolGeometry& g = p.geometry;
  const T* x = (const T*)p.x + image * g.height * g.width * g.channels;
  for (int64_t outColumn = 0; outColumn < g.outWidth; outColumn++) {
    const Window window = windowOf(g, outRow, outColumn);
    const int64_t top = outRow * g.strideHeight - g.padTop, left = outColumn * g.strideWidth - g.padLeft;
    const int64_t out = ((image * g.outHeight + outRow) * g.outWidth + outColumn) * g.channels;
    eachVector(g.channels, [&](int64_t c, int64_t count) {
      const auto pixel = [&](int64_t row, int64_t column) {
        return loadUpTo(x + (row * g.width + column) * g.channels + c, count);
      };
      // NaN is passed over, as by tfjs's other backends.
      Floats best = Floats{} - __builtin_inff();
      Ints position = Ints{} + (int32_t)((window.firstRow - top) * g.filterWidth + window.firstColumn - left);
      for (int64_t row = window.firstRow; row < window.lastRow; row++) {
        for (int64_t column = window.firstColumn; column < window.lastColumn; column++) {
          const Floats value = pixel(row, column);
          const Ints wins = value > best;
          best = wins ? value : best;
          position = wins ? Ints{} + (int32_t)((row - top) * g.filterWidth + column - left) : position;
        }
      }
      storeUpTo((T*)p.y + out + c, best, count);
      if (!p.positions) return;
      const Bytes bytes = bytesOf(position);
      if (count == lanes) writeVector(p.positions + out + c, bytes);
      else __builtin_memcpy(p.positions + out + c, &bytes, count);
    });
  }
}

void maxPool(const MaxPool& p) {
  const PoolGeometry& g = p.geometry;
  const bool worthIt = g.batch * g.outHeight * g.outWidth * g.channels * 4 >= parallelFrom;
  withStorage(p.storage, [&](auto* type) {
    parallelFor(g.batch * g.outHeight, worthIt, [&](int64_t index) {
      maxPoolRow<std::remove_pointer_t<decltype(type)>>(p, index / g.outHeight, index % g.outHeight);
    });
  });
}

// The windows that a line or column of the image lies in: the first, and the one after the last.
inline void windowsOver(int64_t at, int64_t pad, int64_t filter, int64_t stride, int64_t outSize, int64_t& first, int64_t& end) {
  const int64_t begin = at + pad - filter + 1;
  first = begin <= 0 ? 0 : divideUp(begin, stride);
  end = least(outSize, (at + pad) / stride + 1);
}

template <bool streaming, class T>
inline void maxPoolGradientRow(const MaxPoolGradient& p, int64_t image, int64_t row) {
  const PoolGeometry& g = p.geometry;
  const T* dy = (const T*)p.dy;
  int64_t firstRow, endRow;
  windowsOver(row, g.padTop, g.filterHeight, g.strideHeight, g.outHeight, firstRow, endRow);
  for (int64_t column = 0; column < g.width; column++) {
    int64_t firstColumn, endColumn;
    windowsOver(column, g.padLeft, g.filterWidth, g.strideWidth, g.outWidth, firstColumn, endColumn);
    T* dx = (T*)p.dx + ((image * g.height + row) * g.width + column) * g.channels;
    eachVector(g.channels, [&](int64_t c, int64_t count) {
      Floats total = {};
      for (int64_t outRow = firstRow; outRow < endRow; outRow++) {
        for (int64_t outColumn = firstColumn; outColumn < endColumn; outColumn++) {
          const int64_t out = ((image * g.outHeight + outRow) * g.outWidth + outColumn) * g.channels + c;
          const int64_t position = (row + g.padTop - outRow * g.strideHeight) * g.filterWidth + column + g.padLeft -
                                   outColumn * g.strideWidth;
          Bytes bytes = {};
          if (count == lanes) bytes = readVector<Bytes>(p.positions + out);
          else __builtin_memcpy(&bytes, p.positions + out, count);
          total += whereEqual(bytes, (uint8_t)position, loadUpTo(dy + out, count));
        }
      }
      put<streaming>(dx + c, total, count);
    });
  }
}

void maxPoolGradient(const MaxPoolGradient& p) {
  const PoolGeometry& g = p.geometry;
  const int64_t count = g.batch * g.height * g.width * g.channels;
  withStorage(p.storage, [&](auto* type) {
    using T = std::remove_pointer_t<decltype(type)>;
    const auto run = [&](auto streaming) {
      parallelFor(g.batch * g.height, count >= parallelFrom, [&](int64_t index) {
        maxPoolGradientRow<streaming.value, T>(p, index / g.height, index % g.height);
      });
    };
    if (streams(p.dx, count * sizeof(T), g.channels)) run(std::true_type()), finishStreaming();
    else run(std::false_type());
  });
}

void globalMean(const GlobalMean& p) {
  const int64_t tiles = divideUp(p.channels, 256);
  withStorage(p.storage, [&](auto* type) {
    const auto* x = (const decltype(type))p.x;
    auto* y = (decltype(type))p.y;
    parallelFor(p.batch * tiles, p.batch * p.pixels * p.channels >= parallelFrom, [&](int64_t item) {
      const int64_t image = item / tiles, first = item % tiles * 256;
      eachVector(least(256, p.channels - first), [&](int64_t c, int64_t count) {
        Floats total = {};
        for (int64_t begin = 0; begin < p.pixels; begin += 32) {
          Floats some = {};
          for (int64_t pixel = begin; pixel < least(p.pixels, begin + 32); pixel++)
            some += loadUpTo(x + (image * p.pixels + pixel) * p.channels + first + c, count);
          total += some;
        }
        storeUpTo(y + image * p.channels + first + c, total / (float)p.pixels, count);
      });
    });
  });
}

void globalMeanGradient(const GlobalMeanGradient& p) {
  withStorage(p.storage, [&](auto* type) {
    const auto* dy = (const decltype(type))p.dy;
    auto* dx = (decltype(type))p.dx;
    parallelFor(p.batch * p.pixels, p.batch * p.pixels * p.channels >= parallelFrom, [&](int64_t row) {
      eachVector(p.channels, [&](int64_t c, int64_t count) {
        const Floats share = loadUpTo(dy + row / p.pixels * p.channels + c, count) / (float)p.pixels;
        storeUpTo(dx + row * p.channels + c, share, count);
      });
    });
  });
}
