// The fast kernels for x86 processors with AVX-512 without its bfloat16 instructions.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,prefer-vector-width=512")
#define MULTIGRAIN_AVX512 1
#define MULTIGRAIN_ISA avx512
#include "passes_isa.h"
#endif
