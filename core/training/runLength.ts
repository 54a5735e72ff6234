/** How long a run is, and what its schedule is asked at each step. */
import type { RunConfig } from '../experiment/index.ts'
import type { RunLength } from '../schedules/shared/schedule.ts'

type Config = Pick<RunConfig, 'training'>

/** Steps until the end: those of the epochs, or fewer. */
export function stepsOfRun({ training: { maxSteps } }: Config, { stepsPerEpoch, epochs }: RunLength): number {
  const all = stepsPerEpoch * epochs
  return maxSteps > 0 ? Math.min(maxSteps, all) : all
}

/** The step that the schedule is asked for. */
export function scheduledStep({ training }: Config, step: number, stepsPerEpoch: number): number {
  return training.scheduleUnit === 'step' ? step : step - (step % stepsPerEpoch)
}

/** The rate for this batch size, from the one for the reference. */
export function scaledRate({ training }: Config, rate: number): number {
  const ratio = training.batchSize / training.referenceBatchSize
  const factors = { none: 1, linear: ratio, sqrt: Math.sqrt(ratio) }
  return rate * factors[training.scaleLearningRate]
}
