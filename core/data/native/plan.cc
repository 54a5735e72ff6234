#include "plan.h"

#include <utility>

namespace jpeg {
namespace {

/// The largest side of a JPEG, and of anything that is made of one.
constexpr int32_t longest = 65535;

bool isInside(int32_t from, int32_t length, int32_t whole) {
  return from >= 0 && length >= 1 && length <= whole && from <= whole - length;
}

bool isLength(int32_t value) { return value >= 1 && value <= longest; }

}  // namespace

const char* faultOf(const Plan& plan) {
  if (!isLength(plan.storedWidth) || !isLength(plan.storedHeight)) return "the size of the file";
  if (plan.orientation < 1 || plan.orientation > 8) return "the orientation";
  int32_t uprightWidth = plan.storedWidth, uprightHeight = plan.storedHeight;
  if (swapsSides(plan.orientation)) std::swap(uprightWidth, uprightHeight);
  if (!isInside(plan.boxX, plan.boxWidth, uprightWidth)) return "the columns of the part";
  if (!isInside(plan.boxY, plan.boxHeight, uprightHeight)) return "the rows of the part";
  if (!isLength(plan.width) || !isLength(plan.height)) return "the size of the result";
  if (!isInside(plan.windowX, plan.windowWidth, plan.width)) return "the columns of the window";
  if (!isInside(plan.windowY, plan.windowHeight, plan.height)) return "the rows of the window";
  if (plan.channels != 1 && plan.channels != 3) return "the channels";
  return nullptr;
}

Box storedBox(const Plan& plan) {
  const int width = plan.storedWidth, height = plan.storedHeight;
  const Box box = {plan.boxX, plan.boxY, plan.boxWidth, plan.boxHeight};
  const int farX = box.x + box.width, farY = box.y + box.height;
  switch (plan.orientation) {
    case 2: return {width - farX, box.y, box.width, box.height};
    case 3: return {width - farX, height - farY, box.width, box.height};
    case 4: return {box.x, height - farY, box.width, box.height};
    case 5: return {box.y, box.x, box.height, box.width};
    case 6: return {box.y, height - farX, box.height, box.width};
    case 7: return {width - farY, height - farX, box.height, box.width};
    case 8: return {width - farY, box.x, box.height, box.width};
    default: return box;
  }
}

}  // namespace jpeg
