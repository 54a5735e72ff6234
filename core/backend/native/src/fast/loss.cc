// Softmax cross-entropy, row by row in double precision: the logits are few, and the loss is what everything hangs on.
#include "loss.h"

#include <cmath>
#include <vector>

namespace multigrain::fast {

namespace {

// @returns the row's loss.
double row(const CrossEntropy& p, int64_t index) {
  const float* logits = p.logits + index * p.classes;
  float* gradient = p.gradient + index * p.classes;
  const int64_t label = p.labels[index];
  double largest = logits[0];
  for (int64_t k = 1; k < p.classes; k++)
    if (!(logits[k] <= largest)) largest = logits[k];
  double total = 0, ofLogits = 0;
  for (int64_t k = 0; k < p.classes; k++) {
    const double shifted = logits[k] - largest;
    total += std::exp(shifted);
    ofLogits += shifted;
  }
  const double logTotal = std::log(total), shiftedLabel = logits[label] - largest;
  const double targets = p.onTrue + (double)p.onOther * (p.classes - 1);
  for (int64_t k = 0; k < p.classes; k++) {
    const double probability = std::exp(logits[k] - largest - logTotal);
    gradient[k] = (float)((targets * probability - (k == label ? p.onTrue : p.onOther)) / p.rows);
  }
  return targets * logTotal - p.onTrue * shiftedLabel - p.onOther * (ofLogits - shiftedLabel);
}

}  // namespace

void crossEntropy(const CrossEntropy& p) {
  std::vector<double> losses(p.rows);
#pragma omp parallel for schedule(static) if (p.rows * p.classes > 4096)
  for (int64_t i = 0; i < p.rows; i++) losses[i] = row(p, i);
  double total = 0;
  for (const double loss : losses) total += loss;
  *p.loss = (float)(total / p.rows);
}

}  // namespace multigrain::fast
