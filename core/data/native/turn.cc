#include "turn.h"

#include <cstddef>
#include <cstring>

#include "plan.h"

namespace jpeg {

bool startsRight(int orientation) {
  return orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
}

bool startsBottom(int orientation) {
  return orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
}

void turn(const uint8_t* from, int width, int height, int orientation, uint8_t* to) {
  const bool swaps = swapsSides(orientation);
  const int uprightWidth = swaps ? height : width, uprightHeight = swaps ? width : height;
  const bool right = startsRight(orientation), bottom = startsBottom(orientation);
  for (int y = 0; y < uprightHeight; y++) {
    const int down = bottom ? uprightHeight - 1 - y : y;
    for (int x = 0; x < uprightWidth; x++, to += 4) {
      const int across = right ? uprightWidth - 1 - x : x;
      const size_t at = swaps ? static_cast<size_t>(across) * width + down : static_cast<size_t>(down) * width + across;
      std::memcpy(to, from + at * 4, 4);
    }
  }
}

}  // namespace jpeg
