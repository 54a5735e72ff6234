// Changes of storage, and images from bytes.

void convert(const Convert& p) {
  withStorage(p.from, [&](auto* from) {
    withStorage(p.to, [&](auto* to) {
      const auto* x = (const decltype(from))p.x;
      mapTo((decltype(to))p.y, p.count,
            [&](int64_t at, int64_t some) __attribute__((always_inline)) { return loadUpTo(x + at, some); });
    });
  });
}

// Scale and shift repeat after sixteen pixels, a whole number of vectors whatever the channels.
void normaliseImages(const NormaliseImages& p) {
  const int64_t period = lanes * p.channels, count = p.pixels * p.channels;
  Scratch<float> scale(period), shift(period);
  for (int64_t i = 0; i < period; i++) scale.data[i] = p.scale[i % p.channels], shift.data[i] = p.shift[i % p.channels];
  const int64_t blocks = divideUp(count, period), blocksAtATime = 64;
  withStorage(p.storage, [&](auto* type) {
    auto* y = (decltype(type))p.y;
    parallelFor(divideUp(blocks, blocksAtATime), count >= parallelFrom, [&](int64_t index) {
      for (int64_t block = index * blocksAtATime; block < least(blocks, (index + 1) * blocksAtATime); block++) {
        const int64_t first = block * period;
        eachVector(least(period, count - first), [&](int64_t i, int64_t some) {
          Bytes bytes = {};
          if (some == lanes) bytes = readVector<Bytes>(p.bytes + first + i);
          else __builtin_memcpy(&bytes, p.bytes + first + i, some);
          storeUpTo(y + first + i, floatsOf(bytes) * load(scale.data + i) + load(shift.data + i), some);
        });
      }
    });
  });
}
