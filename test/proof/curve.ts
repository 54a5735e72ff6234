/** How a training went, epoch by epoch; kept as lines of JSON, one an epoch, so that a proof that was broken off goes on. */
import { existsSync, readFileSync } from 'node:fs'

export interface EpochFigures {
  /** Counted from 1. */
  readonly epoch: number
  /** Of the test images, 0 to 1. */
  readonly top1: number
  readonly testLoss: number
  /** Of each step. */
  readonly losses: readonly number[]
  readonly seconds: number
}

export type Curve = readonly EpochFigures[]

/** The epochs that a file holds; none where it is not there. */
export function readCurve(path: string): Curve {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter(line => line.endsWith('}')).map(line => JSON.parse(line) as EpochFigures)
}

export function meanLoss({ losses }: EpochFigures): number {
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}
