/** Our own lines. */
import type { LogFormat } from './logFormat.ts'

export interface LogFigures {
  readonly step: number
  readonly epoch: number
  readonly imagesPerSecond: number
  readonly loss: number
  /** With what weight decay adds. */
  readonly totalLoss: number
  readonly learningRate: number
}

/**
 * `step: 12100 epoch: 1.2 FPS: 469.5 loss: 4.676 total_loss: 5.051 lr:0.04499`
 * @source Ascend ModelZoo-TensorFlow, InceptionV4, whose line this is without its column padding.
 */
export function logLine({ step, epoch, imagesPerSecond, loss, totalLoss, learningRate }: LogFigures): string {
  return [
    `step: ${step}`,
    `epoch: ${epoch.toFixed(1)}`,
    `FPS: ${imagesPerSecond.toFixed(1)}`,
    `loss: ${loss.toFixed(3)}`,
    `total_loss: ${totalLoss.toFixed(3)}`,
    `lr:${learningRate.toFixed(5)}`,
  ].join(' ')
}

export const multigrain: LogFormat = {
  stepLine: ({ step, stepsPerEpoch, now, ...figures }) =>
    logLine({ ...figures, step, epoch: step / stepsPerEpoch, loss: now.loss }),
  evaluationLines: ({ step, epoch, top1, top5, loss }) => [
    `validation step: ${step} epoch: ${epoch.toFixed(1)} top1: ${top1.toFixed(4)} top5: ${top5.toFixed(4)} loss: ${loss.toFixed(3)}`,
  ],
}
