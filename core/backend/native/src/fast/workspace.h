// Scratch memory that each thread keeps from call to call, because giving it back would cost page faults every time.
#pragma once
#include <cstddef>

namespace multigrain {

/** What a thread may hold scratch memory for at the same time. */
enum class Scratch { kFilter, kGradient, kPatches, kSums, kPixels, kTransformed, kCount };

/** At least `bytes` of 64-byte-aligned memory, with anything in it; valid until the thread asks for the same again. */
void* workspace(Scratch purpose, size_t bytes);

}  // namespace multigrain
