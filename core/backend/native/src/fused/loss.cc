// Softmax cross-entropy, loss and gradient in one call, in float32.
#include "../fast/loss.h"

#include <ATen/ATen.h>

#include "../tensors.h"
#include "composition.h"

namespace multigrain {

namespace {

// Labels in main memory are looked at; on a device that would mean to wait for it.
void checkLabels(const at::Tensor& labels, int64_t classes) {
  if (!labels.is_cpu()) return;
  const int32_t* values = labels.data_ptr<int32_t>();
  for (int64_t row = 0; row < labels.numel(); row++) {
    if (values[row] >= 0 && values[row] < classes) continue;
    throw CodedError{"argument", "cross-entropy: label " + std::to_string(values[row]) + " of image " + std::to_string(row) +
                                     " is not one of " + std::to_string(classes) + " classes"};
  }
}

// [loss, gradient]
std::vector<at::Tensor> composedCrossEntropy(const at::Tensor& logits, const at::Tensor& labels, double onTrue, double onOther) {
  const at::Tensor logProbabilities = at::log_softmax(logits, -1);
  const at::Tensor target = at::full_like(logits, onOther).scatter(1, labels.to(at::kLong).unsqueeze(1), onTrue);
  const at::Tensor loss = at::neg(at::mean(at::sum(target * logProbabilities, -1)));
  const at::Tensor total = at::sum(target, -1, /*keepdim=*/true);
  return {loss, (at::exp(logProbabilities) * total - target) / logits.size(0)};
}

}  // namespace

}  // namespace multigrain

using namespace multigrain;

// crossEntropy(logits [B,K], labels int32 [B], onTrue, onOther): [mean loss, its gradient [B,K]]
JS_FUNCTION(crossEntropy) {
  const at::Tensor logits = asFloats(tensorAt(call, 0)), labels = tensorAt(call, 1).to(at::kInt).contiguous();
  const double onTrue = call.number(2), onOther = call.number(3);
  if (logits.dim() != 2) throw CodedError{"argument", "cross-entropy: expected logits [B,K]"};
  expectShape("cross-entropy", "labels", labels, {logits.size(0)});
  checkLabels(labels, logits.size(1));
  if (!takesPasses({logits, labels})) return giveAll(call.env(), composedCrossEntropy(logits, labels, onTrue, onOther));
  at::Tensor loss = at::empty({}, logits.options()), gradient = at::empty_like(logits);
  fast::crossEntropy({logits.data_ptr<float>(), labels.data_ptr<int32_t>(), logits.size(0), logits.size(1),
                                          static_cast<float>(onTrue), static_cast<float>(onOther), loss.data_ptr<float>(),
                                          gradient.data_ptr<float>()});
  return giveAll(call.env(), {loss, gradient});
}
