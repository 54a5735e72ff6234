// Passes over tensors value by value, in blocks of a size that suits the caches.

// body(first, count) over blocks of vectors; the last block may end in a part of one.
template <class Body>
inline void eachBlock(int64_t count, const Body& body) {
  constexpr int64_t block = 16384;
  parallelFor(divideUp(count, block), count >= parallelFrom, [&](int64_t index) {
    const int64_t first = index * block;
    eachVector(least(block, count - first), [&](int64_t at, int64_t some) { body(first + at, some); });
  });
}

template <class T, class Value>
inline void mapTo(T* out, int64_t count, const Value& value) {
  if (streams(out, count * sizeof(T), count)) {
    eachBlock(count, [&](int64_t at, int64_t) { stream(out + at, value(at, lanes)); });
    finishStreaming();
  } else {
    eachBlock(count, [&](int64_t at, int64_t some) { storeUpTo(out + at, value(at, some), some); });
  }
}

void sum(const Sum& p) {
  withStorage(p.storage, [&](auto* type) {
    const auto *a = (const decltype(type))p.a, *b = (const decltype(type))p.b;
    mapTo((decltype(type))p.out, p.count, [&](int64_t at, int64_t some) __attribute__((always_inline)) {
      return loadUpTo(a + at, some) + loadUpTo(b + at, some);
    });
  });
}

void reluGradient(const ReluGradient& p) {
  withStorage(p.storage, [&](auto* type) {
    const auto *dy = (const decltype(type))p.dy, *y = (const decltype(type))p.y;
    mapTo((decltype(type))p.dx, p.count, [&](int64_t at, int64_t some) __attribute__((always_inline)) {
      return where(loadUpTo(y + at, some) > 0, loadUpTo(dy + at, some));
    });
  });
}

void relu(const Relu& p) {
  withStorage(p.storage, [&](auto* type) {
    const auto* x = (const decltype(type))p.x;
    mapTo((decltype(type))p.y, p.count, [&](int64_t at, int64_t some) __attribute__((always_inline)) {
      return rectify(loadUpTo(x + at, some));
    });
  });
}
