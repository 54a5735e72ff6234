#pragma once

namespace multigrain {

// Makes libtorch take the memory of its tensors from our arena. Called once, before the first tensor.
void useArena();

}  // namespace multigrain
