/**
 * The lines of PyTorch's ImageNet example, with the means of the epoch in brackets. Epochs count from 0.
 * @source pytorch/examples, imagenet/main.py: AverageMeter, ProgressMeter
 */
import type { LogFormat } from './logFormat.ts'
import { exponential, fixed, whole } from './numbers.ts'

export const pytorch: LogFormat = {
  stepLine: ({ step, stepsPerEpoch, now, mean }) => {
    const epoch = Math.ceil(step / stepsPerEpoch) - 1
    const batch = step - epoch * stepsPerEpoch
    return [
      `Epoch: [${epoch}][${whole(batch, String(stepsPerEpoch).length)}/${stepsPerEpoch}]`,
      `Time ${fixed(now.seconds, 3, 6)} (${fixed(mean.seconds, 3, 6)})`,
      `Data ${fixed(now.dataSeconds, 3, 6)} (${fixed(mean.dataSeconds, 3, 6)})`,
      `Loss ${exponential(now.loss, 4)} (${exponential(mean.loss, 4)})`,
      `Acc@1 ${fixed(100 * now.top1, 2, 6)} (${fixed(100 * mean.top1, 2, 6)})`,
      `Acc@5 ${fixed(100 * now.top5, 2, 6)} (${fixed(100 * mean.top5, 2, 6)})`,
    ].join('\t')
  },
  evaluationLines: ({ top1, top5 }) => [` * Acc@1 ${fixed(100 * top1, 3)} Acc@5 ${fixed(100 * top5, 3)}`],
}
