// One picture from its file to the batch: decode, turn, cut, resize, mirror.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "plan.h"
#include "resample.h"
#include "scan.h"

namespace jpeg {

/// Memory that a thread keeps from picture to picture.
struct Scratch {
  std::vector<uint8_t> rows;
  std::vector<uint8_t> between;
  std::vector<uint8_t> stored;
  std::vector<uint8_t> turned;
  Taps across;
  Taps down;
  ScanTables tables;

  /// Gives back what one huge picture took.
  void trim();
};

/**
 * @param out plan.windowHeight × plan.windowWidth × plan.channels bytes, written only where true is returned or partly where not
 * @returns false for a file that this decoder leaves to another: unusual, or damaged.
 * @throws std::bad_alloc
 */
bool makePicture(const uint8_t* bytes, size_t length, const Plan& plan, uint8_t* out, Scratch& scratch,
                 const Resampler& resampler);

}  // namespace jpeg
