/** The model that a command names: a run's newest checkpoint, a checkpoint, or an export. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AppError } from '../errors/index.ts'
import type { WeightsKind } from '../exporting/index.ts'
import type { Invocation } from './commands/shared/command.ts'
import { chooseRun } from './chooseRun.ts'

/** Options of commands that take a model. */
export const modelOptions = {
  weights: {
    type: 'string',
    value: 'KIND',
    description:
      'ema: the moving average of the weights, where the run keeps one, and then the default; raw: the weights themselves',
  },
  p: {
    type: 'string',
    value: 'P',
    description: 'power of GeM pooling instead of the own: a number above 0, or max',
  },
} as const

/** @throws AppError invalid-request for anything but a number above 0 and max. */
export function powerOf(invocation: Invocation): number | null {
  const text = invocation.text('p')
  if (text === undefined) return null
  const power = text === 'max' ? Infinity : Number(text)
  if (power > 0) return power
  throw new AppError('invalid-request', `--p: expected a number above 0, or max, got '${text}'`, {
    value: text,
  })
}

/**
 * @param named a folder, or the id or name of a run
 * @returns the folder of the checkpoint or export.
 * @throws AppError not-found or invalid-request.
 */
export async function chooseModel(invocation: Invocation, named: string): Promise<string> {
  const isModel = ['state.json', 'preprocessing.json'].some(name => existsSync(join(named, name)))
  if (isModel || /\.(onnx|safetensors)$/.test(named)) return resolve(named)
  if (existsSync(named)) {
    const message = `${named}: expected the folder of a checkpoint (step-…) or of an export. There is neither state.json nor preprocessing.json`
    throw new AppError('not-found', message, { value: named })
  }
  const session = await invocation.session()
  const runId = await chooseRun(session, named)
  const checkpoints = await session.client.checkpoints.list({ runId })
  const newest = checkpoints.find(({ status }) => status === 'valid')
  if (newest) return newest.path
  throw new AppError('not-found', `Run ${runId} has no valid checkpoint yet`, { runId })
}

/** @throws AppError invalid-request for anything but ema and raw. */
export function weightsOf(invocation: Invocation): WeightsKind | null {
  const kind = invocation.text('weights')
  if (kind === undefined || kind === 'ema' || kind === 'raw') return kind ?? null
  throw new AppError('invalid-request', `--weights: expected ema or raw, got '${kind}'`, { value: kind })
}

/** A whole number of an option. @throws AppError invalid-request naming option, range and value. */
export function wholeNumber(invocation: Invocation, option: string, min: number, max: number): number | null {
  const text = invocation.text(option)
  if (text === undefined) return null
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= max) return value
  const message = `--${option}: expected a whole number from ${min} to ${max}, got '${text}'`
  throw new AppError('invalid-request', message, { field: option, value: text })
}
