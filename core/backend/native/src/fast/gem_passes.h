// Generalised-mean pooling. Powers of whole exponents, which training uses, are products; others take the library's powf.

MULTIGRAIN_INLINE Floats power(const Floats& x, float p) {
  if (p == 1) return x;
  if (p == 2) return x * x;
  if (p == 3) return x * x * x;
  if (p == 4) return x * x * (x * x);
  Floats v;
  for (int i = 0; i < lanes; i++) v[i] = powf(x[i], p);
  return v;
}
MULTIGRAIN_INLINE Floats logarithm(const Floats& x) {
  Floats v;
  for (int i = 0; i < lanes; i++) v[i] = logf(x[i]);
  return v;
}
MULTIGRAIN_INLINE Floats atLeast(const Floats& x, float floor) { return x < floor ? splat(floor) : x; }

// body(image, first channel, count) for every vector of channels of every image.
template <class Body>
inline void eachPooled(int64_t batch, int64_t pixels, int64_t channels, const Body& body) {
  const int64_t tiles = divideUp(channels, lanes);
  parallelFor(batch * tiles, batch * pixels * channels >= parallelFrom, [&](int64_t item) {
    const int64_t first = item % tiles * lanes;
    body(item / tiles, first, least(lanes, channels - first));
  });
}

void gemPool(const GemPool& p) {
  withStorage(p.storage, [&](auto* type) {
    eachPooled(p.batch, p.pixels, p.channels, [&](int64_t image, int64_t c, int64_t count) {
      const auto* x = (const decltype(type))p.x + image * p.pixels * p.channels + c;
      Floats total = {};
      for (int64_t pixel = 0; pixel < p.pixels; pixel++)
        total += power(atLeast(loadUpTo(x + pixel * p.channels, count), p.floor), p.p);
      Floats y = total / (float)p.pixels;
      if (p.p != 1)
        for (int i = 0; i < lanes; i++) y[i] = powf(y[i], 1 / p.p);
      storeUpTo(p.y + image * p.channels + c, y, count);
    });
  });
}

// dx = dy · y^(1−p) · x^(p−1) / pixels where x is not below the floor;
// dp = Σ dy · y · (Σ x^p ln x / (p Σ x^p) − ln(y) / p).
void gemPoolGradient(const GemPoolGradient& p) {
  const int64_t tiles = divideUp(p.channels, lanes);
  Scratch<double> ofP(p.batch * tiles);
  withStorage(p.storage, [&](auto* type) {
    eachPooled(p.batch, p.pixels, p.channels, [&](int64_t image, int64_t c, int64_t count) {
      const auto* x = (const decltype(type))p.x + image * p.pixels * p.channels + c;
      auto* dx = (decltype(type))p.dx + image * p.pixels * p.channels + c;
      const Floats y = loadUpTo(p.y + image * p.channels + c, count), dy = loadUpTo(p.dy + image * p.channels + c, count);
      Floats factor = dy / (float)p.pixels;
      if (p.p != 1) factor /= power(y, p.p - 1);
      Floats powers = {}, weighted = {};
      for (int64_t pixel = 0; pixel < p.pixels; pixel++) {
        const Floats value = loadUpTo(x + pixel * p.channels, count), raised = atLeast(value, p.floor);
        const Floats before = p.p == 1 ? splat(1) : power(raised, p.p - 1);
        storeUpTo(dx + pixel * p.channels, where(value >= p.floor, factor * before), count);
        if (!p.dp) continue;
        powers += before * raised;
        weighted += before * raised * logarithm(raised);
      }
      if (!p.dp) return;
      const Floats terms = dy * y * (weighted / (powers * p.p) - logarithm(y) / p.p);
      double total = 0;
      for (int i = 0; i < count; i++) total += terms[i];
      ofP.data[image * tiles + c / lanes] = total;
    });
  });
  if (!p.dp) return;
  double total = 0;
  for (int64_t i = 0; i < p.batch * tiles; i++) total += ofP.data[i];
  *p.dp = (float)total;
}
