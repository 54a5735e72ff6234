// What is asked of a picture: which part, at which size, how turned.
#pragma once
#include <cstdint>

namespace jpeg {

struct Box {
  int x, y, width, height;
};

/// The layout of `planFields` in core/data/jpeg/binding.ts, read as it is.
struct Plan {
  /// Pixels of the file as its header was understood; another size is refused.
  int32_t storedWidth, storedHeight;
  /// EXIF, 1 to 8: all that follows is in the coordinates of the picture turned upright.
  int32_t orientation;
  /// Part of the picture.
  int32_t boxX, boxY, boxWidth, boxHeight;
  /// Size to which that part is resized.
  int32_t width, height;
  /// What is kept of the resized part.
  int32_t windowX, windowY, windowWidth, windowHeight;
  int32_t mirrored;
  /// 1 or 3.
  int32_t channels;
  /// Decode at a half, a quarter or an eighth where the part stays at least twice as large as its result.
  int32_t mayScale;
};

constexpr int planFields = sizeof(Plan) / sizeof(int32_t);
static_assert(planFields == 16);

inline bool swapsSides(int orientation) { return orientation >= 5; }

/// Null where the plan is one that can be done, else what is wrong with it.
const char* faultOf(const Plan& plan);

/// The part as it lies in the file.
Box storedBox(const Plan& plan);

}  // namespace jpeg
