/**
 * MindSpore's lines.
 * @source mindspore/models, ResNet's train.py and eval_callback.py; the epoch's lines as LossMonitor and TimeMonitor write them
 */
import type { LogFormat } from './logFormat.ts'
import { fixed, plain } from './numbers.ts'

export const mindspore: LogFormat = {
  stepLine: ({ step, stepsPerEpoch, epochs, learningRate, now }) => {
    const epoch = Math.ceil(step / stepsPerEpoch)
    const place = `epoch: [${epoch}/${epochs}] step: [${inEpoch(step, stepsPerEpoch)}/${stepsPerEpoch}]`
    const figures = `lr: ${fixed(learningRate, 6)}, loss: ${fixed(now.loss, 6)}`
    return `${place}, ${figures}, per step time: ${fixed(now.seconds * 1000, 3)} ms`
  },
  epochLines: ({ epoch, stepsPerEpoch, seconds, stepCount, loss }) => [
    `epoch: ${epoch} step: ${stepsPerEpoch}, loss is ${plain(loss)}`,
    `epoch time: ${fixed(seconds * 1000, 3, 5)} ms, per step time: ${fixed((seconds * 1000) / stepCount, 3, 5)} ms`,
  ],
  evaluationLines: ({ top1, top5, checkpoint }) => [
    `result: {'top_1_accuracy': ${plain(top1)}, 'top_5_accuracy': ${plain(top5)}} ckpt= ${checkpoint}`,
  ],
}

function inEpoch(step: number, stepsPerEpoch: number): number {
  return ((step - 1) % stepsPerEpoch) + 1
}
