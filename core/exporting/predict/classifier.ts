/** Anything that gives logits for images: a checkpoint, or an export. */
import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../errors/index.ts'
import { parseSafetensors } from '../../checkpoints/safetensors.ts'
import { models } from '../../models/index.ts'
import { modelFiles } from '../exportCheckpoint.ts'
import { networkOf } from '../network.ts'
import { Preprocessing, preprocessingFile } from '../preprocessing.ts'
import { openSource, type SourceOptions, type WeightsKind } from '../source.ts'
import type { ResolvedChoice } from '../../registry/registry.ts'
import { executing } from './executing.ts'
import { onnxRunning } from './onnxRunning.ts'

export interface ClassifierInput {
  readonly height: number
  readonly width: number
  readonly channels: 1 | 3
  /** On the scale 0 to 1, one per channel. */
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** How a model is told what to compute; the caller closes it. */
export interface Running {
  /** Logits [B·K] of images, uint8 [B,H,W,C]. */
  logits(images: Uint8Array, count: number): Promise<Float32Array>
  close(): Promise<void>
}

export interface Classifier extends Running {
  readonly network: string
  readonly weights: WeightsKind
  readonly classes: readonly string[]
  readonly input: ClassifierInput
  readonly transforms: readonly ResolvedChoice[]
}

export interface ClassifierOptions extends SourceOptions {
  /** Starts a compute backend; not called for models that another program computes. */
  startBackend(): Promise<unknown>
}

/**
 * @param path folder of a checkpoint or an export, or the model's file in an export
 * @throws AppError not-found when neither is there, and what reading throws.
 */
export async function openClassifier(path: string, options: ClassifierOptions): Promise<Classifier> {
  const folder = statSync(path, { throwIfNoEntry: false })?.isFile() ? dirname(path) : path
  if (existsSync(join(folder, preprocessingFile))) return fromExport(folder, options)
  if (existsSync(join(folder, 'state.json'))) return fromCheckpoint(folder, options)
  const message = `${path}: expected the folder of a checkpoint (state.json) or of an export (${preprocessingFile})`
  throw new AppError('not-found', message, { value: path })
}

async function fromCheckpoint(path: string, options: ClassifierOptions): Promise<Classifier> {
  const source = await openSource(path, options)
  const { graph, config, weights, classes, transforms } = source
  const network = networkOf(graph, source.tensors, ['logits'])
  await options.startBackend()
  const [height, width, channels] = graph.inputShape
  const { mean, std } = config.input
  const input = { height, width, channels: channels as 1 | 3, mean, std }
  const facts = { network: config.model.name, weights, classes, transforms, input }
  return { ...facts, ...executing(network, input) }
}

async function fromExport(folder: string, options: ClassifierOptions): Promise<Classifier> {
  const info = await readPreprocessing(folder)
  const { network, format, weights, classes, transforms, input, outputs } = info
  if (options.size !== null && options.size !== input.height) {
    const message = `size: ${folder} was exported for ${input.height} pixels. Predict with the checkpoint, or export again with --size ${options.size}`
    throw new AppError('invalid-request', message, { field: 'size', value: options.size })
  }
  if (options.power !== null) {
    const message = `p: ${folder} has a power of its own. Predict with the checkpoint, or export again with --p`
    throw new AppError('invalid-request', message, { field: 'p', value: options.power })
  }
  if (!('logits' in outputs)) {
    const message = `${folder} was exported without logits: expected an export with --outputs logits`
    throw new AppError('invalid-request', message, { value: folder, outputs: Object.keys(outputs) })
  }
  const facts = { network: network.name, weights, classes, transforms, input }
  const file = join(folder, modelFiles[format])
  if (format === 'onnx') return { ...facts, ...(await onnxRunning(file, info)) }
  if (format === 'tfjs') {
    const message = `${folder}: predictions are made with checkpoints, safetensors and onnx exports, got tfjs, which browsers run`
    throw new AppError('invalid-request', message, { value: folder, format })
  }
  const graph = models.create(network, 'network')({ ...input, classCount: classes.length })
  const { tensors } = parseSafetensors(await readFile(file).catch(missing(file)), file)
  const made = networkOf(graph, tensors, ['logits'])
  await options.startBackend()
  return { ...facts, ...executing(made, input) }
}

async function readPreprocessing(folder: string): Promise<Preprocessing> {
  const file = join(folder, preprocessingFile)
  const text = await readFile(file, 'utf8').catch(missing(file))
  try {
    return Preprocessing.parse(JSON.parse(text))
  } catch (thrown) {
    const message = `${file}: it is not what an export of this version writes. Export again`
    throw new AppError('checkpoint-damaged', message, { file }, thrown)
  }
}

function missing(file: string): (error: unknown) => never {
  return error => {
    throw new AppError('checkpoint-damaged', `${file}: ${AppError.from(error).message}`, { file }, error)
  }
}
