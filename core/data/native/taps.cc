#include "taps.h"

#include <algorithm>
#include <cmath>

namespace jpeg {

void computeTaps(const Axis& axis, Taps& taps) {
  const double scale = axis.size / axis.to;
  const double support = std::max(scale, 1.0);
  const int widest = static_cast<int>(std::ceil(support)) * 2 + 1;
  taps.size = (widest + tapGroup - 1) / tapGroup * tapGroup;
  taps.first.resize(axis.count);
  taps.count.resize(axis.count);
  taps.weights.assign(static_cast<size_t>(axis.count) * taps.size, 0);
  std::vector<double> exact(widest);
  int widestCount = 0;
  for (int out = 0; out < axis.count; out++) {
    const double center = axis.origin + (axis.from + out + 0.5) * scale;
    int begin = std::max(static_cast<int>(center - support + 0.5), 0);
    int end = std::min(static_cast<int>(center + support + 0.5), axis.available);
    // Rounding must never leave an output without an input.
    begin = std::min(begin, axis.available - 1);
    end = std::min(std::max(end, begin + 1), begin + widest);
    double sum = 0;
    for (int k = 0; k < end - begin; k++) {
      exact[k] = std::max(1 - std::fabs((begin + k - center + 0.5) / support), 0.0);
      sum += exact[k];
    }
    int32_t* weights = &taps.weights[static_cast<size_t>(out) * taps.size];
    for (int k = 0; k < end - begin; k++) {
      const double share = sum > 0 ? exact[k] / sum : 1.0 / (end - begin);
      weights[k] = static_cast<int32_t>(0.5 + share * (1 << weightBits));
    }
    taps.first[out] = begin;
    taps.count[out] = end - begin;
    widestCount = std::max(widestCount, end - begin);
  }
  taps.alike = widestCount <= mostAlike ? widestCount : 0;
}

}  // namespace jpeg
