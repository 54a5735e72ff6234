/**
 * The lines of Ascend's Inception-v4, which is made of TF-slim.
 * @source Ascend ModelZoo-TensorFlow, InceptionV4: logger.py and trainer.py
 */
import type { LogFormat } from './logFormat.ts'
import { fixed, whole } from './numbers.ts'

export const slim: LogFormat = {
  stepLine: ({ step, stepsPerEpoch, imagesPerSecond, totalLoss, learningRate, now }) =>
    [
      `step:${whole(step, 6)}`,
      `epoch:${fixed(step / stepsPerEpoch, 1, 5)}`,
      `FPS:${fixed(imagesPerSecond, 1, 7)}`,
      `loss:${fixed(now.loss, 3, 6)}`,
      `total_loss:${fixed(totalLoss, 3, 6)}`,
      `lr:${fixed(learningRate, 5, 7)}`,
    ].join('  '),
  evaluationLines: ({ step, epoch, imageCount, top1, top5, loss, at }) => [
    'Starting to evaluate',
    `Validation dataset size: ${imageCount}`,
    ' step  epoch  top1    top5     loss   checkpoint_time(UTC)',
    [
      ...[
        whole(step, 5),
        fixed(epoch, 1, 5),
        fixed(100 * top1, 3, 6),
        fixed(100 * top5, 2, 6),
        fixed(loss, 2, 6),
      ],
      at.toISOString().slice(0, 19).replace('T', ' '),
    ].join('  '),
  ],
}
