// Included by each instruction set's file with contraction to fused multiply-add off: every operation rounds on its own.

constexpr int64_t sgdBlock = 16384;

template <bool nesterov, bool scaled>
MULTIGRAIN_INLINE void stepVectors(const SgdStep& step, const SgdParameter& p, int64_t first, int64_t length) {
  const Floats rate = splat(step.learningRate), momentum = splat(step.momentum);
  const Floats decay = splat(p.weightDecay), unscale = splat(step.gradientScale);
  eachVector(length, [&](int64_t i, int64_t count) {
    const int64_t at = first + i;
    const Floats value = loadUpTo(p.value + at, count);
    Floats g = loadUpTo(p.gradient + at, count);
    if constexpr (scaled) g = g * unscale;
    if (p.weightDecay != 0) g = g + value * decay;
    if (p.velocity) {
      const Floats v = loadUpTo(p.velocity + at, count) * momentum + g;
      storeUpTo(p.newVelocity + at, v, count);
      g = nesterov ? g + v * momentum : v;
    }
    storeUpTo(p.newValue + at, value - g * rate, count);
  });
}

struct Piece {
  int64_t parameter, first, count;
};

// Cuts all spans into pieces of about the same size.
template <class Count>
inline int64_t cut(int64_t spans, const Count& countOf, Piece* pieces) {
  int64_t made = 0;
  for (int64_t span = 0; span < spans; span++)
    for (int64_t first = 0, count = countOf(span); first < count; first += sgdBlock, made++)
      if (pieces) pieces[made] = {span, first, count - first < sgdBlock ? count - first : sgdBlock};
  return made;
}

void sgdStep(const SgdStep& step) {
  const auto countOf = [&](int64_t span) { return step.parameters[span].count; };
  const int64_t count = cut(step.parameterCount, countOf, nullptr);
  Scratch<Piece> pieces(count);
  cut(step.parameterCount, countOf, pieces.data);
  const bool scaled = step.gradientScale != 1;
#pragma omp parallel for schedule(static) if (count > 2)
  for (int64_t i = 0; i < count; i++) {
    const Piece piece = pieces.data[i];
    const SgdParameter& p = step.parameters[piece.parameter];
    if (step.nesterov && scaled) stepVectors<true, true>(step, p, piece.first, piece.count);
    else if (step.nesterov) stepVectors<true, false>(step, p, piece.first, piece.count);
    else if (scaled) stepVectors<false, true>(step, p, piece.first, piece.count);
    else stepVectors<false, false>(step, p, piece.first, piece.count);
  }
}

// v − v is zero for every finite v and NaN for all others.
inline bool isFinite(const float* values, int64_t length) {
  Words bad = {};
  eachVector(length, [&](int64_t i, int64_t count) {
    const Floats v = loadUpTo(values + i, count);
    bad |= wordsOf(v - v);
  });
  uint32_t any = 0;
  for (int i = 0; i < lanes; i++) any |= bad[i];
  return any == 0;
}

void findNonFinite(FiniteCheck& check) {
  const auto countOf = [&](int64_t span) { return check.spans[span].count; };
  const int64_t count = cut(check.spanCount, countOf, nullptr);
  Scratch<Piece> pieces(count);
  cut(check.spanCount, countOf, pieces.data);
  int64_t first = check.spanCount;
#pragma omp parallel for schedule(static) reduction(min : first) if (count > 2)
  for (int64_t i = 0; i < count; i++) {
    const Piece piece = pieces.data[i];
    if (piece.parameter >= first || isFinite(check.spans[piece.parameter].values + piece.first, piece.count)) continue;
    first = piece.parameter;
  }
  check.firstBad = first == check.spanCount ? -1 : first;
}
