// Softmax cross-entropy with label smoothing, loss and gradient in one.
#pragma once
#include "storage.h"

namespace multigrain::fast {

struct CrossEntropy {
  const float* logits;  // [rows, classes]
  const int32_t* labels;
  int64_t rows, classes;
  float onTrue, onOther;  // target probability of the true class and of each other
  float* loss;            // one value: the mean over the rows
  float* gradient;        // [rows, classes], of that mean
};
// Every label is one of the classes.
void crossEntropy(const CrossEntropy&);

}  // namespace multigrain::fast
