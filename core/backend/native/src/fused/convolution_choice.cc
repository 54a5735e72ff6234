#include "convolution_choice.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "../fast/gemm_tile.h"
#include "../fast/passes.h"
#include "composition.h"

namespace multigrain {
namespace {

constexpr int64_t kFewestColumns = 32;

/** Matrix units, which oneDNN uses and we do not. */
bool hasMatrixUnits() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 22 & 1);
#else
  return false;
#endif
}

}  // namespace

bool choosesOwn(const ConvShape& s, Pass pass, c10::ScalarType type) {
  if (isCompositionOnly()) return false;
  // Tiles are 32 columns wide: with fewer channels, half of each or more would be computed in vain.
  if ((pass == Pass::kInputGradient ? s.in : s.out) < kFewestColumns) return false;
  if (type == c10::kFloat) return fast::isa() >= fast::Isa::avx512 && hasTileProduct(false);
  if (type != c10::kBFloat16) return false;
  return fast::isa() >= fast::Isa::avx512bf16 && hasTileProduct(true) && !hasMatrixUnits();
}

}  // namespace multigrain
