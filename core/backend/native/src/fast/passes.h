// Which instruction set the fast kernels run on.
#pragma once

namespace multigrain::fast {

// From the slowest to the fastest.
enum class Isa { plain, avx2, avx512, avx512bf16 };

Isa isa();
// Takes a slower one, as tests do. @returns false when the processor does not have it.
bool chooseIsa(Isa);

}  // namespace multigrain::fast
