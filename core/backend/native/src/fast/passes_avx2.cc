// The fast kernels for x86 processors with AVX2 and FMA.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("avx2,fma,f16c")
#define MULTIGRAIN_F16C 1
#define MULTIGRAIN_ISA avx2
#include "passes_isa.h"
#endif
