// Turning pixels upright, as EXIF orientations say.
#pragma once
#include <cstdint>

namespace jpeg {

/// Whether the left column of the upright picture comes from the far end of the stored rows or columns.
bool startsRight(int orientation);
/// The same of its top row.
bool startsBottom(int orientation);

/// @param to as many pixels of four bytes as `from`, width and height exchanged for orientations 5 to 8
void turn(const uint8_t* from, int width, int height, int orientation, uint8_t* to);

}  // namespace jpeg
