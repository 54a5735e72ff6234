// Chooses, once, the fastest instruction set that the processor has, and hands every call to its kernels.
#include <cstdlib>
#include <cstring>
#include "batch_norm.h"
#include "convert.h"
#include "elementwise.h"
#include "gem.h"
#include "passes.h"
#include "pool.h"
#include "sgd.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define MULTIGRAIN_X86 1
#endif

#define EACH_PASS(PASS)                         \
  PASS(channelMoments, const ChannelMoments&)   \
  PASS(scaleShift, const ScaleShift&)           \
  PASS(batchNormGradient, const BatchNormGradient&) \
  PASS(convert, const Convert&)                 \
  PASS(normaliseImages, const NormaliseImages&) \
  PASS(sum, const Sum&)                         \
  PASS(relu, const Relu&)                       \
  PASS(reluGradient, const ReluGradient&)       \
  PASS(maxPool, const MaxPool&)                 \
  PASS(maxPoolGradient, const MaxPoolGradient&) \
  PASS(globalMean, const GlobalMean&)           \
  PASS(globalMeanGradient, const GlobalMeanGradient&) \
  PASS(gemPool, const GemPool&)                 \
  PASS(gemPoolGradient, const GemPoolGradient&) \
  PASS(sgdStep, const SgdStep&)                 \
  PASS(findNonFinite, FiniteCheck&)

namespace multigrain::fast {

#define DECLARE(name, Arguments) void name(Arguments);
namespace plain {
EACH_PASS(DECLARE)
}
#if MULTIGRAIN_X86
namespace avx2 {
EACH_PASS(DECLARE)
}
namespace avx512 {
EACH_PASS(DECLARE)
}
namespace avx512bf16 {
EACH_PASS(DECLARE)
}
#endif

namespace {

Isa fastest() {
#if MULTIGRAIN_X86
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("f16c")) return Isa::plain;
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (!wide) return Isa::avx2;
  return __builtin_cpu_supports("avx512bf16") ? Isa::avx512bf16 : Isa::avx512;
#else
  return Isa::plain;
#endif
}

Isa chosen = fastest();

}  // namespace

Isa isa() { return chosen; }

bool chooseIsa(Isa isa) {
  if (isa > fastest()) return false;
  chosen = isa;
  return true;
}

#if MULTIGRAIN_X86
#define DISPATCH(name, Arguments)                          \
  void name(Arguments arguments) {                         \
    if (chosen == Isa::avx512bf16) avx512bf16::name(arguments); \
    else if (chosen == Isa::avx512) avx512::name(arguments);    \
    else if (chosen == Isa::avx2) avx2::name(arguments);        \
    else plain::name(arguments);                           \
  }
#else
#define DISPATCH(name, Arguments) \
  void name(Arguments arguments) { plain::name(arguments); }
#endif
EACH_PASS(DISPATCH)

}  // namespace multigrain::fast
