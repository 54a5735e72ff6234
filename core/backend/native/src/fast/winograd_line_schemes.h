// The matrices of one-dimensional Winograd convolutions, y = A·((G·g) ⊙ (B·d)), after Toom and Cook: `points` of evaluation and
// infinity. Rows of B and G are balanced by powers of two; all of B and A is exact in binary.
#pragma once

namespace multigrain {

constexpr int kMostElements = 11;

/** F(4,3): four outputs of three taps in 6 products instead of 12. Points 0, 1, -1, 1/2, -2. */
struct ThreeTaps {
  static constexpr int taps = 3, outputs = 4, elements = 6, span = 6;
  static constexpr float b[6][6] = {{0.25f, -0.375f, -0.5f, 0.375f, 0.25f, 0}, {0, -0.25f, 0.125f, 0.625f, 0.25f, 0},
                                    {0, 0.25f, -0.625f, 0.125f, 0.25f, 0},     {0, -1, -0.5f, 1, 0.5f, 0},
                                    {0, 0.125f, -0.25f, -0.125f, 0.25f, 0},    {0, 0.25f, -0.375f, -0.5f, 0.375f, 0.25f}};
  static constexpr float g[6][3] = {{4, 0, 0},
                                    {4.f / 3, 4.f / 3, 4.f / 3},
                                    {-4.f / 3, 4.f / 3, -4.f / 3},
                                    {-32.f / 15, -16.f / 15, -8.f / 15},
                                    {4.f / 15, -8.f / 15, 16.f / 15},
                                    {0, 0, 4}};
  static constexpr float a[4][6] = {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 0.5f, -2, 0}, {0, 1, 1, 0.25f, 4, 0}, {0, 1, -1, 0.125f, -8, 1}};
};

/**
 * Three outputs of seven taps in 11 products instead of 21: F(3,4) of the first four taps beside F(3,3) of the last three. F(3,7)
 * would need 9, and has six times their rounding error. Points 0, 1, -1, 1/2, and -2 for the first.
 */
struct SevenTaps {
  static constexpr int taps = 7, outputs = 3, elements = 11, span = 9;
  static constexpr float b[11][9] = {{0.25f, -0.375f, -0.5f, 0.375f, 0.25f, 0},
                                     {0, -0.25f, 0.125f, 0.625f, 0.25f, 0},
                                     {0, 0.25f, -0.625f, 0.125f, 0.25f, 0},
                                     {0, -1, -0.5f, 1, 0.5f, 0},
                                     {0, 0.25f, -0.5f, -0.25f, 0.5f, 0},
                                     {0, 0.25f, -0.375f, -0.5f, 0.375f, 0.25f},
                                     {0, 0, 0, 0, 0.5f, -1, -0.5f, 1, 0},
                                     {0, 0, 0, 0, 0, -1, 1, 2, 0},
                                     {0, 0, 0, 0, 0, 0.125f, -0.375f, 0.25f, 0},
                                     {0, 0, 0, 0, 0, -2, 0, 2, 0},
                                     {0, 0, 0, 0, 0, 0.25f, -0.5f, -0.25f, 0.5f}};
  static constexpr float g[11][7] = {{4, 0, 0, 0},
                                     {4.f / 3, 4.f / 3, 4.f / 3, 4.f / 3},
                                     {-4.f / 3, 4.f / 3, -4.f / 3, 4.f / 3},
                                     {-32.f / 15, -16.f / 15, -8.f / 15, -4.f / 15},
                                     {2.f / 15, -4.f / 15, 8.f / 15, -16.f / 15},
                                     {0, 0, 0, 4},
                                     {0, 0, 0, 0, 2, 0, 0},
                                     {0, 0, 0, 0, 0.5f, 0.5f, 0.5f},
                                     {0, 0, 0, 0, -4.f / 3, 4.f / 3, -4.f / 3},
                                     {0, 0, 0, 0, -4.f / 3, -2.f / 3, -1.f / 3},
                                     {0, 0, 0, 0, 0, 0, 2}};
  static constexpr float a[3][11] = {{1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0},
                                     {0, 1, -1, 0.5f, -2, 0, 0, 1, -1, 0.5f, 0},
                                     {0, 1, 1, 0.25f, 4, 1, 0, 1, 1, 0.25f, 1}};
};

}  // namespace multigrain
