/** The log of one run: counts and averages what its lines tell. */
import type { EvaluationLog, LogFormat, StepLog, StepNumbers } from './logFormat.ts'
import { mindspore } from './mindspore.ts'
import { multigrain } from './multigrain.ts'
import { pytorch } from './pytorch.ts'
import { slim } from './slim.ts'

const formats = { multigrain, mindspore, pytorch, slim } as const
export type LogFormatName = keyof typeof formats

export interface RunLog {
  /** To be told of every step. @param step steps done, with this one. @returns lines for the end of an epoch. */
  add(step: number, numbers: StepNumbers, imageCount: number): readonly string[]
  /** The line of the step that was added last. */
  stepLine(figures: Pick<StepLog, 'imagesPerSecond' | 'totalLoss' | 'learningRate'>): string
  evaluationLines(figures: EvaluationLog): readonly string[]
}

export function createRunLog(
  name: LogFormatName,
  { stepsPerEpoch, epochs }: Pick<StepLog, 'stepsPerEpoch' | 'epochs'>,
): RunLog {
  const format: LogFormat = formats[name]
  let last = { step: 0, now: none }
  let sums: StepNumbers = none
  let [imageCount, stepCount, seconds, dataSeconds] = [0, 0, 0, 0]
  return {
    add: (step, now, count) => {
      // A run that goes on within an epoch averages over what it does of it.
      if (Math.ceil(step / stepsPerEpoch) !== Math.ceil(last.step / stepsPerEpoch)) {
        sums = none
        ;[imageCount, stepCount, seconds, dataSeconds] = [0, 0, 0, 0]
      }
      last = { step, now }
      sums = combine(sums, now, (sum, value) => sum + value * count)
      imageCount += count
      stepCount += 1
      seconds += now.seconds
      dataSeconds += now.dataSeconds
      if (step % stepsPerEpoch !== 0) return []
      const epoch = step / stepsPerEpoch
      return format.epochLines?.({ epoch, stepsPerEpoch, seconds, stepCount, loss: now.loss }) ?? []
    },
    stepLine: figures => {
      const mean = combine(sums, sums, sum => sum / imageCount)
      // Time is averaged over steps, whatever their images.
      const times = { seconds: seconds / stepCount, dataSeconds: dataSeconds / stepCount }
      return format.stepLine({ ...figures, ...last, stepsPerEpoch, epochs, mean: { ...mean, ...times } })
    },
    evaluationLines: figures => format.evaluationLines(figures),
  }
}

const none: StepNumbers = { seconds: 0, dataSeconds: 0, loss: 0, top1: 0, top5: 0 }

function combine(a: StepNumbers, b: StepNumbers, of: (a: number, b: number) => number): StepNumbers {
  return {
    seconds: of(a.seconds, b.seconds),
    dataSeconds: of(a.dataSeconds, b.dataSeconds),
    loss: of(a.loss, b.loss),
    top1: of(a.top1, b.top1),
    top5: of(a.top5, b.top5),
  }
}
