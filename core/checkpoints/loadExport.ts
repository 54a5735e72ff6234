/**
 * An exported safetensors folder as a checkpoint, so that it can be searched and embedded with: the weights of the one file, and of
 * the run what its `preprocessing.json` tells. It holds nothing that a run could go on from.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors/index.ts'
import type { LoadedCheckpoint } from './loadCheckpoint.ts'
import { readingError } from './manifest.ts'
import type { RunState } from './runState.ts'
import { parseSafetensors } from './safetensors.ts'

/** As much of it as makes a network; core/exporting/preprocessing.ts has the whole. */
const Preprocessing = z.object({
  formatVersion: z.literal(1),
  network: z.record(z.string(), z.unknown()),
  input: z.object({
    height: z.int().min(1),
    width: z.int().min(1),
    channels: z.int().min(1),
    mean: z.array(z.number()),
    std: z.array(z.number()),
  }),
  transforms: z.array(z.unknown()),
  classes: z.array(z.string()),
  origin: z.object({ runId: z.string(), step: z.int().min(0), epoch: z.number() }),
})

/** Whether a folder is an export with weights that we read. */
export function isExport(path: string): boolean {
  const has = (name: string): boolean => existsSync(join(path, name))
  return !has('state.json') && has('preprocessing.json') && has('model.safetensors')
}

/** @throws AppError checkpoint-damaged naming the file; data-unreadable. */
export async function loadExport(path: string): Promise<LoadedCheckpoint> {
  const file = join(path, 'model.safetensors')
  const { classes, origin, input, network, transforms } = await readPreprocessing(path)
  const { tensors } = parseSafetensors(await read(file), file)
  const config = {
    model: network,
    input: { size: input.height, channels: input.channels, mean: input.mean, std: input.std },
    transforms: { train: transforms, eval: transforms },
  }
  // torch's counters are no part of a network here.
  const model = new Map([...tensors].filter(([name]) => !name.endsWith('.num_batches_tracked')))
  const inputShape: RunState['inputShape'] = [input.height, input.width, input.channels]
  const state = { ...unknown, ...origin, cursor: origin.step, config, classes, inputShape }
  return { path, state, model, optimizer: new Map(), average: null }
}

/** What an export does not tell. */
const unknown = {
  format: 1,
  stepsPerEpoch: 1,
  trainImageCount: 1,
  seed: 0,
  indexHash: '',
  evaluatedStep: null,
  best: null,
  patience: null,
  metrics: {},
  nonFinite: { inARow: 0, rollBacks: 0 },
  lossScale: { scale: 1, cleanSteps: 0, overflows: 0 },
  elapsedMs: 0,
  configHash: '',
  codeVersion: '',
} as const

async function readPreprocessing(path: string): Promise<z.output<typeof Preprocessing>> {
  const file = join(path, 'preprocessing.json')
  const text = Buffer.from(await read(file)).toString('utf8')
  try {
    return Preprocessing.parse(JSON.parse(text))
  } catch (thrown) {
    const message = `${file}: it is not what an export of this version writes. Export again`
    throw new AppError('checkpoint-damaged', message, { file }, thrown)
  }
}

async function read(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: unknown) => {
    throw readingError(file, error)
  })
}
