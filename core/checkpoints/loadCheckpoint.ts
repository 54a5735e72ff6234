/** Reads a checkpoint and puts it into a network. Everything is checked against the manifest's hashes on the way. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import type { Executor, ParameterInfo } from '../graph/index.ts'
import { readingError, readManifest, readVerified, type CheckpointFile } from './manifest.ts'
import { RunState } from './runState.ts'
import { parseSafetensors, type Safetensors, type StoredTensor } from './safetensors.ts'
import { fromTorchLayout, torchShape } from './torchLayout.ts'

export interface LoadedCheckpoint {
  readonly path: string
  readonly state: RunState
  readonly model: Safetensors['tensors']
  /** Slots by `slot:parameter`. Empty when not asked for. */
  readonly optimizer: Safetensors['tensors']
}

/**
 * @param options.withOptimizer false leaves the optimizer's file alone, as evaluation does.
 * @throws AppError checkpoint-damaged naming the file; data-unreadable when the disk does not answer.
 */
export async function loadCheckpoint(
  path: string,
  options: { readonly withOptimizer: boolean },
): Promise<LoadedCheckpoint> {
  const manifest = await readManifest(path)
  const bytes = async (name: CheckpointFile): Promise<Uint8Array> =>
    readVerified(
      path,
      manifest.files.find(file => file.name === name)!,
      true,
    )
  const state = parseState(await bytes('state.json'), join(path, 'state.json'))
  const tensors = async (name: CheckpointFile): Promise<Safetensors['tensors']> =>
    parseSafetensors(await bytes(name), join(path, name)).tensors
  return {
    path,
    state,
    model: await tensors('model.safetensors'),
    optimizer: options.withOptimizer ? await tensors('optimizer.safetensors') : new Map(),
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
export function restoreModel(executor: Executor, { path, model }: LoadedCheckpoint): void {
  const parameters = executor.graph.nodes.flatMap(node => node.parameters)
  const buffers = executor.graph.nodes.flatMap(node => node.buffers)
  const expected = new Map<string, readonly number[]>([
    ...parameters.map(info => [info.name, torchShape(info)] as const),
    ...buffers.map(info => [info.name, info.shape] as const),
  ])
  checkShapes(path, expected, model)
  for (const info of parameters)
    executor.parameters.set(info.name, parameterTensor(info, model.get(info.name)!))
  for (const info of buffers)
    executor.buffers.set(info.name, tf.tensor(floats(model.get(info.name)!), [...info.shape]))
}

/**
 * The optimizer's slots from a checkpoint.
 * @throws AppError checkpoint-mismatch naming the slot.
 */
export function restoreSlots(
  parameters: readonly ParameterInfo[],
  slotNames: readonly string[],
  { path, optimizer }: LoadedCheckpoint,
): Map<string, Record<string, tf.Tensor>> {
  const keys = parameters.flatMap(info =>
    slotNames.map(slot => [slotKey(slot, info.name), torchShape(info)] as const),
  )
  checkShapes(path, new Map(keys), optimizer)
  return new Map(
    parameters.map(info => {
      const slots = slotNames.map(
        slot => [slot, parameterTensor(info, optimizer.get(slotKey(slot, info.name))!)] as const,
      )
      return [info.name, Object.fromEntries(slots)]
    }),
  )
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
