/** The length of a run, as a schedule sees it. */
export interface RunLength {
  readonly stepsPerEpoch: number
  readonly epochs: number
}

/** Learning rate at a step counted from 0; a pure function, so that resuming needs no state. */
export type Schedule = (step: number, length: RunLength) => number
