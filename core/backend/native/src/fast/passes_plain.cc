// The fast kernels for every processor: what the compiler's default target has.
#define MULTIGRAIN_ISA plain
#include "passes_isa.h"
