// One instruction set's file: all kernels in a namespace of its name. Nothing with inline code of its own may be included
// within, as the linker would take this copy for all; the standard headers here declare only.
#pragma GCC diagnostic ignored "-Wpsabi"               // vectors are passed within one file only
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // raised by the compiler's own headers
#pragma GCC diagnostic ignored "-Wignored-attributes"
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <type_traits>
#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include "batch_norm.h"
#include "convert.h"
#include "elementwise.h"
#include "gem.h"
#include "pool.h"
#include "sgd.h"

namespace multigrain::fast::MULTIGRAIN_ISA {
#include "half.h"
#include "scratch.h"
#include "all_passes.h"
}  // namespace multigrain::fast::MULTIGRAIN_ISA

// Every operation of the optimizer rounds on its own, so that its bits are those of single operations.
#pragma GCC optimize("fp-contract=off")
namespace multigrain::fast::MULTIGRAIN_ISA {
#include "sgd_passes.h"
}  // namespace multigrain::fast::MULTIGRAIN_ISA
