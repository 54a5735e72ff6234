/** Training: the loop, its steps, and what it says to the outside. */
export { logLine } from './logFormats/index.ts'
export { checkOutputs } from './checkOutputs.ts'
export { findLearningRate } from './findLearningRate.ts'
export { train } from './loop.ts'
export { ratesOf } from './rates.ts'
export { scaledRate, scheduledStep, stepsOfRun } from './runLength.ts'
export { exitCodes } from './ports.ts'
export type * from './ports.ts'
