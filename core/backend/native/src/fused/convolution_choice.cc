#include "convolution_choice.h"

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "../fast/gemm_tile.h"

namespace multigrain {
namespace {

/** MULTIGRAIN_TORCH_COMPOSITION=1 leaves everything to libtorch, so that tests can compare both ways. */
bool isForcedToLibtorch() {
  static const bool forced = [] {
    const char* value = std::getenv("MULTIGRAIN_TORCH_COMPOSITION");
    return value && std::strcmp(value, "1") == 0;
  }();
  return forced;
}

constexpr int64_t kFewestColumns = 8;

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
  if (isForcedToLibtorch() || s.batch == 0) return false;
  // Tiles are 32 columns wide: of so few channels, most of them would be computed in vain.
  if ((pass == Pass::kInputGradient ? s.in : s.out) < kFewestColumns) return false;
  if (type == c10::kFloat) return hasTileProduct(false);
  return type == c10::kBFloat16 && hasTileProduct(true) && !hasMatrixUnits();
}

}  // namespace multigrain
