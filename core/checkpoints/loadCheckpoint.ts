/** Reads a checkpoint and puts it into a network. Everything is checked against the manifest's hashes on the way. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import type { Executor, Graph, ParameterInfo } from '../graph/index.ts'
import { isExport, loadExport } from './loadExport.ts'
import { averageFile, readingError, readManifest, readVerified } from './manifest.ts'
import type { CheckpointFile, Manifest } from './manifest.ts'
import { RunState } from './runState.ts'
import { parseSafetensors, type Safetensors, type StoredTensor } from './safetensors.ts'
import { fromTorchLayout, torchShape } from './torchLayout.ts'

export interface LoadedCheckpoint {
  readonly path: string
  readonly state: RunState
  readonly model: Safetensors['tensors']
  /** Slots by `slot:parameter`. Empty when not asked for. */
  readonly optimizer: Safetensors['tensors']
  /** The moving average of the weights; null where the run keeps none. */
  readonly average: Safetensors['tensors'] | null
}

/**
 * Also an exported safetensors folder, which has no optimizer.
 * @param options.withOptimizer false leaves the optimizer's file alone, as evaluation does.
 * @throws AppError checkpoint-damaged naming the file; data-unreadable when the disk does not answer.
 */
export async function loadCheckpoint(
  path: string,
  options: { readonly withOptimizer: boolean },
): Promise<LoadedCheckpoint> {
  if (isExport(path)) return loadExport(path)
  const manifest = await readManifest(path)
  const fileOf = (name: string): Manifest['files'][number] | undefined =>
    manifest.files.find(file => file.name === name)
  const bytes = async (name: string): Promise<Uint8Array> => readVerified(path, fileOf(name)!, true)
  const state = parseState(await bytes('state.json'), join(path, 'state.json'))
  const tensors = async (name: CheckpointFile | typeof averageFile): Promise<Safetensors['tensors']> =>
    parseSafetensors(await bytes(name), join(path, name)).tensors
  return {
    path,
    state,
    model: await tensors('model.safetensors'),
    optimizer: options.withOptimizer ? await tensors('optimizer.safetensors') : new Map(),
    average: fileOf(averageFile) ? await tensors(averageFile) : null,
  }
}

/** The state alone, without its hash being checked: for lists. @throws AppError checkpoint-damaged or data-unreadable. */
export async function readState(path: string): Promise<RunState> {
  const file = join(path, 'state.json')
  const bytes = await readFile(file).catch((error: unknown) => {
    throw readingError(file, error)
  })
  return parseState(bytes, file)
}

/**
 * Puts a checkpoint's weights and buffers into a network, whose own are disposed of.
 * @throws AppError checkpoint-mismatch naming the parameter, its expected shape and what the checkpoint has.
 */
export function restoreModel(
  executor: Executor,
  checkpoint: LoadedCheckpoint,
  tensors: Safetensors['tensors'] = checkpoint.model,
): void {
  const buffers = new Set(executor.buffers.names())
  for (const [name, tensor] of modelTensors(executor.graph, checkpoint, tensors))
    (buffers.has(name) ? executor.buffers : executor.parameters).set(name, tensor)
}

/**
 * The tensors that a graph needs, in tfjs's layout; the caller owns them.
 * @param stored the checkpoint's weights, or their average
 * @throws AppError checkpoint-mismatch naming the parameter, its expected shape and what the checkpoint has.
 */
export function modelTensors(
  graph: Graph,
  { path }: Pick<LoadedCheckpoint, 'path'>,
  stored: Safetensors['tensors'],
): Map<string, tf.Tensor> {
  const parameters = graph.nodes.flatMap(node => node.parameters)
  const buffers = graph.nodes.flatMap(node => node.buffers)
  const expected = new Map<string, readonly number[]>([
    ...parameters.map(info => [info.name, torchShape(info)] as const),
    ...buffers.map(info => [info.name, info.shape] as const),
  ])
  checkShapes(path, expected, stored)
  return new Map([
    ...parameters.map(info => [info.name, parameterTensor(info, stored.get(info.name)!)] as const),
    ...buffers.map(({ name, shape }) => [name, tf.tensor(floats(stored.get(name)!), [...shape])] as const),
  ])
}

/**
 * The optimizer's slots from a checkpoint.
 * @throws AppError checkpoint-mismatch naming the slot.
 */
export function restoreSlots(
  slots: readonly SlotInfo[],
  { path, optimizer }: LoadedCheckpoint,
): Map<string, Record<string, tf.Tensor>> {
  const isAlike = ({ info, shape }: SlotInfo): boolean => shape.join() === info.shape.join()
  const keys = slots.map(each => {
    const shape = isAlike(each) ? torchShape(each.info) : each.shape
    return [slotKey(each.slot, each.info.name), shape] as const
  })
  checkShapes(path, new Map(keys), optimizer)
  const restored = new Map<string, Record<string, tf.Tensor>>()
  for (const each of slots) {
    const { info, slot, shape } = each
    const stored = optimizer.get(slotKey(slot, info.name))!
    const tensor = isAlike(each) ? parameterTensor(info, stored) : tf.tensor(floats(stored), [...shape])
    restored.set(info.name, { ...restored.get(info.name), [slot]: tensor })
  }
  return restored
}

/** A tensor that an optimizer keeps for a parameter: of its shape, in its layout, or of another. */
export interface SlotInfo {
  readonly info: ParameterInfo
  readonly slot: string
  readonly shape: readonly number[]
}

/** Name of a slot's tensor in a checkpoint. */
export function slotKey(slot: string, parameter: string): string {
  return `${slot}:${parameter}`
}

/**
 * Labels are numbers, given by the classes' order: other names or another order would give images another class's label.
 * @throws AppError checkpoint-mismatch naming the first class that differs.
 */
export function checkClasses({ path, state }: LoadedCheckpoint, classes: readonly string[]): void {
  const expected = state.classes
  const remedy = 'Use the data set that it was trained on, or one with the same classes'
  const fail = (problem: string, details: Record<string, unknown>): never => {
    throw new AppError('checkpoint-mismatch', `${path}: ${problem}`, { path, field: 'classes', ...details })
  }
  if (expected.length !== classes.length) {
    const counts = { expected: expected.length, got: classes.length }
    fail(`the checkpoint has ${counts.expected} classes, the data set ${counts.got}. ${remedy}`, counts)
  }
  const at = expected.findIndex((name, index) => name !== classes[index])
  if (at < 0) return
  const isReordered = expected.every(name => classes.includes(name))
  const what = isReordered ? 'the same classes in another order' : 'other classes'
  const names = { index: at, expected: expected[at], got: classes[at] }
  fail(
    `the data set has ${what}: class ${at} was '${names.expected}' in training and is '${names.got}' now. ` +
      `${remedy}, named and ordered alike`,
    names,
  )
}

function parseState(bytes: Uint8Array, file: string): RunState {
  try {
    return RunState.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (thrown) {
    const message = `${file}: it is not the state of a run that this version knows`
    throw new AppError('checkpoint-damaged', message, { file }, thrown)
  }
}

function checkShapes(
  path: string,
  expected: ReadonlyMap<string, readonly number[]>,
  found: ReadonlyMap<string, StoredTensor>,
): void {
  const fail = (parameter: string, want: string, got: string): never => {
    const message = `${basename(path)}: at ${parameter}: expected ${want}, got ${got}. Use the model, classes and optimizer that the checkpoint was trained with`
    throw new AppError('checkpoint-mismatch', message, { path, parameter, expected: want, got })
  }
  for (const [name, shape] of expected) {
    const tensor = found.get(name)
    if (!tensor) fail(name, `shape [${shape.join(', ')}]`, 'no such tensor in the checkpoint')
    else if (tensor.shape.join() !== shape.join())
      fail(name, `shape [${shape.join(', ')}]`, `[${tensor.shape.join(', ')}]`)
    else if (tensor.dtype !== 'F32') fail(name, 'F32', tensor.dtype)
  }
  for (const name of found.keys())
    if (!expected.has(name)) fail(name, 'no such tensor', 'one in the checkpoint')
}

function parameterTensor(info: ParameterInfo, stored: StoredTensor): tf.Tensor {
  return tf.tensor(fromTorchLayout(info, floats(stored)), [...info.shape])
}

/** A copy, as the stored bytes need not lie at a multiple of four. */
function floats({ bytes }: StoredTensor): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer)
}
