/** How the log of a training is written. Where an original has numbers in its lines, they are counted and averaged as it does. */

/** A step, with the means of its epoch so far. */
export interface StepLog {
  /** Steps done, with this one. */
  readonly step: number
  readonly stepsPerEpoch: number
  readonly epochs: number
  /** Of all ranks, since the last line. */
  readonly imagesPerSecond: number
  /** With what weight decay adds. */
  readonly totalLoss: number
  readonly learningRate: number
  readonly now: StepNumbers
  readonly mean: StepNumbers
}

export interface StepNumbers {
  readonly seconds: number
  /** Waited for images. */
  readonly dataSeconds: number
  readonly loss: number
  /** Fractions from 0 to 1. */
  readonly top1: number
  readonly top5: number
}

/** The end of an epoch. */
export interface EpochLog {
  /** From 1. */
  readonly epoch: number
  readonly stepsPerEpoch: number
  /** Of the steps that this process took in the epoch. */
  readonly seconds: number
  readonly stepCount: number
  /** Of the last step. */
  readonly loss: number
}

export interface EvaluationLog {
  readonly step: number
  readonly epoch: number
  readonly imageCount: number
  readonly loss: number
  /** Fractions from 0 to 1. */
  readonly top1: number
  readonly top5: number
  /** Name of the step's checkpoint. */
  readonly checkpoint: string
  readonly at: Date
}

export interface LogFormat {
  stepLine(figures: StepLog): string
  epochLines?(figures: EpochLog): readonly string[]
  evaluationLines(figures: EvaluationLog): readonly string[]
}
