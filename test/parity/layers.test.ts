/** Each layer type alone in training mode, forward and backward, within 1e-5 of PyTorch in float64. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { startBackend } from '../../core/backend/index.ts'
import { GraphBuilder, type Value } from '../../core/graph/index.ts'
import { stepsOf, type Step } from '../../core/graph/steps.ts'
import { relativeError } from './compare.ts'
import { formulaInput, formulaTensor, inTorchOrder } from './formula.ts'
import { parityBackend } from './parityBackend.ts'

interface Reference {
  readonly inputs: readonly number[][]
  readonly state: Readonly<Record<string, number[]>>
  readonly output: readonly number[]
  readonly inputGradients: readonly number[][]
  readonly gradients: Readonly<Record<string, number[]>>
  readonly buffers: Readonly<Record<string, number[]>>
}

/** Builds the layer as the node `layer`; `second` is a value of the second input's shape. */
type Build = (g: GraphBuilder, second: Value) => Value

const fixture = JSON.parse(
  readFileSync(new URL('./fixtures/layers.json', import.meta.url), 'utf8'),
) as Record<string, Reference>

const builds: Readonly<Record<string, Build>> = {
  'conv 3x3/2 pad 1': g => g.conv('layer', g.input, { filters: 5, kernel: 3, stride: 2, padding: 1 }),
  'conv 7x7/2 pad 3': g => g.conv('layer', g.input, { filters: 5, kernel: 7, stride: 2, padding: 3 }),
  'conv 1x1/2': g => g.conv('layer', g.input, { filters: 5, kernel: 1, stride: 2 }),
  'conv 1x1': g => g.conv('layer', g.input, { filters: 5, kernel: 1 }),
  'conv 1x7 with bias': g =>
    g.conv('layer', g.input, { filters: 5, kernel: [1, 7], padding: [0, 3], bias: true }),
  'batch norm': g => g.batchNorm('layer', g.input),
  'batch norm, relu': g => g.relu('relu', g.batchNorm('layer', g.input)),
  'batch norm, add': (g, second) => g.add('add', [g.batchNorm('layer', g.input), second]),
  'batch norm, add, relu': (g, second) =>
    g.relu('relu', g.add('add', [second, g.batchNorm('layer', g.input)])),
  'batch norm of features': g => g.batchNorm('layer', g.flatten('flat', g.input)),
  relu: g => g.relu('layer', g.input),
  add: (g, second) => g.add('layer', [g.input, second]),
  concat: (g, second) => g.concat('layer', [g.input, second]),
  'max pool 3x3/2 pad 1': g => g.maxPool('layer', g.input, { kernel: 3, stride: 2, padding: 1 }),
  'avg pool 3x3 pad 1': g => g.avgPool('layer', g.input, { kernel: 3, padding: 1 }),
  'global avg pool': g => g.globalAvgPool('layer', g.input),
  dense: g => g.dense('layer', g.flatten('flat', g.input), { units: 3 }),
  'shortcut a/2': g => g.shortcutA('layer', g.input, { stride: 2, channels: 12 }),
  'shortcut a/2 of an even image': g => g.shortcutA('layer', g.input, { stride: 2, channels: 12 }),
  'shortcut a/2, no new channels': g => g.shortcutA('layer', g.input, { stride: 2, channels: 6 }),
  'conv 3x3/2 same': g => g.conv('layer', g.input, { filters: 5, kernel: 3, stride: 2, padding: 'same' }),
  'max pool 2x2/2 same': g => g.maxPool('layer', g.input, { kernel: 2, stride: 2, padding: 'same' }),
  'batch norm without gamma': g =>
    g.batchNorm('layer', g.input, { scale: false, epsilon: 1e-3, momentum: 3e-4 }),
  sigmoid: g => g.sigmoid('layer', g.flatten('flat', g.input)),
  scale: g => g.scale('layer', g.input, g.globalAvgPool('factors', g.input)),
  'gem 3': g => g.gem('layer', g.input, { p: 3 }),
  'gem 1': g => g.gem('layer', g.input, { p: 1 }),
  'gem 2.5': g => g.gem('layer', g.input, { p: 2.5 }),
  'gem, learned': g => g.gem('layer', g.input, { p: 3, isLearned: true }),
  'gem of infinity': g => g.gem('layer', g.input, { p: Infinity }),
  'shortcut a/1': g => g.shortcutA('layer', g.input, { stride: 1, channels: 9 }),
}

/** Where each layer runs; the first, before the workbench has registered anything, from plain tfjs operations alone. */
const places: readonly { name: string; start: () => Promise<unknown>; lacks?: string }[] = [
  // tfjs's own gradient of a padded average pool divides by the wrong count.
  { name: 'plain cpu operations', start: () => tf.setBackend('cpu'), lacks: 'avg pool 3x3 pad 1' },
  { name: 'cpu', start: () => startBackend('cpu') },
  { name: parityBackend, start: () => startBackend(parityBackend) },
]

for (const place of places) {
  for (const [name, reference] of Object.entries(fixture)) {
    if (name === place.lacks) continue
    test(`${name} on ${place.name} is within 1e-5 of PyTorch in float64`, async () => {
      await place.start()
      const tensors = tf.memory().numTensors
      runCase(name, reference)
      assert.equal(tf.memory().numTensors, tensors, 'tensors left behind')
    })
  }
}

function runCase(name: string, reference: Reference): void {
  const step = stepOf(builds[name]!, reference.inputs)
  const inputs = reference.inputs.map((shape, i) => formulaInput(`${name}/input${i}`, shape))
  const state = new Map(
    Object.entries(reference.state).map(([key, shape]) => [key, formulaTensor(name, key, shape)]),
  )
  const pass = { node: step.node, mode: 'training' as const, tensor: (key: string) => state.get(key)! }
  const update = (key: string, value: Tensor): void => {
    state.get(key)!.dispose()
    state.set(key, tf.keep(value))
  }
  tf.tidy(() => {
    const { output, saved = [] } = step.op.forward({ ...pass, inputs, seed: 0, update })
    const dy = formulaInput(`${name}/dy`, output.shape)
    const inputShapes = reference.inputs.map(shape => shape.slice(1))
    const result = step.op.backward({
      ...pass,
      saved,
      dy,
      inputShapes,
      input: i => inputs[i]!,
      output: () => output,
      wantsParameters: true,
      wants: () => true,
    })
    check('output', output.dataSync(), reference.output)
    reference.inputGradients.forEach((expected, i) =>
      check(`gradient of input ${i}`, result.inputs[i]!.dataSync(), expected),
    )
    for (const [key, expected] of Object.entries(reference.gradients)) {
      check(`gradient of ${key}`, inTorchOrder(result.parameters![key]!), expected)
    }
    for (const [key, expected] of Object.entries(reference.buffers))
      check(key, state.get(key)!.dataSync(), expected)
  })
  tf.dispose([...inputs, ...state.values()])
}

function check(what: string, ours: ArrayLike<number>, expected: readonly number[]): void {
  const error = relativeError(ours, expected)
  assert.ok(error <= 1e-5, `${what}: relative L2 error ${error}`)
}

/** The executor's own step for the layer, with what it fuses. */
function stepOf(build: Build, shapes: readonly number[][]): Step {
  const image = (shape: readonly number[]): [number, number, number] => [
    shape.at(-3) ?? 1,
    shape.at(-2) ?? 1,
    shape.at(-1)!,
  ]
  const first = shapes[0]!
  const g = new GraphBuilder('alone', first.length === 2 ? [1, 1, first[1]!] : image(first.slice(1)))
  const second =
    shapes[1]?.length === 4 ? g.conv('second', g.input, { filters: shapes[1].at(-1)!, kernel: 1 }) : g.input
  const graph = g.build({ logits: build(g, second) })
  return stepsOf(graph).find(step => step.node.name === 'layer')!
}
