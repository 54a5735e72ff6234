/**
 * Networks with batch norm in evaluation mode against PyTorch in float64: outputs and a sample of gradients, within 1e-5. torchvision's
 * and timm's are their own; the others are written down independently in fixtures/networks.py.
 *
 * The largest are added by PARITY_NETWORKS=all.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import { createExecutor, type Graph } from '../../core/graph/index.ts'
import { models } from '../../core/models/index.ts'
import { withoutTorch } from '../backend/torchAddon.ts'
import { crossEntropyOf } from './compare.ts'
import { fillByFormula, formulaImages, formulaLabels, inTorchOrder, sketchedError } from './formula.ts'

interface Sketched {
  readonly norm: number
  /** How far PyTorch in float32 is, where that is more than the bound: twice as much is allowed. */
  readonly torchError?: number
  readonly sketch: readonly number[]
}

interface Reference {
  readonly model: string
  readonly options: Readonly<Record<string, unknown>>
  readonly size: number
  readonly classes: number
  readonly seed: number
  /** sha256 of the names of all parameters, sorted, one a line. */
  readonly names: string
  readonly loss: number
  readonly outputs: Readonly<Record<string, Sketched>>
  readonly gradients: Readonly<Record<string, Sketched>>
}

const fixture = JSON.parse(
  readFileSync(new URL('./fixtures/networks.json', import.meta.url), 'utf8'),
) as Record<string, Reference>

/** The sketch may show an error 30 % too small (formula.ts); then it is still below 1e-5. */
const limit = 0.7e-5
const lossLimit = 1e-5
const large = ['resnet101', 'resnet152', 'resnet34', 'multigrain-learned']
const all = process.env['PARITY_NETWORKS'] === 'all'

before(() => startBackend(withoutTorch ? 'wasm' : 'torch'))

for (const [name, reference] of Object.entries(fixture)) {
  if (!all && large.includes(name)) continue
  test(`${name} is within 1e-5 of PyTorch in float64`, t => {
    const { model, options, size, classes, seed } = reference
    const shape = { height: size, width: size, channels: 3, classCount: classes }
    const executor = createExecutor(fromZeros(models.create({ name: model, options })(shape)), { seed: 0 })
    const names = [...executor.parameters.names()].sort().join('\n')
    assert.equal(createHash('sha256').update(names).digest('hex'), reference.names, 'names of parameters')
    fillByFormula(executor, seed)
    const images = formulaImages(seed, [1, size, size, 3])
    const errors = new Map<string, number>()
    const compare = (key: string, ours: Tensor, expected: Sketched): void => {
      errors.set(key, sketchedError(key, inTorchOrder(ours), expected))
    }
    const predicted = executor.predict(images, Object.keys(reference.outputs))
    for (const [role, expected] of Object.entries(reference.outputs)) {
      const flat = tf.reshape(predicted[role]!, [-1])
      compare(role, flat, expected)
      flat.dispose()
    }
    const { loss, outputs } = executor.train(images, lossOf(classes), {
      seed: 0,
      frozenBatchNorm: true,
      onGradient: ({ name: key }, gradient) => {
        const expected = reference.gradients[key]
        if (expected) compare(key, gradient, expected)
        gradient.dispose()
      },
    })
    // A loss of next to nothing says nothing.
    const scale = Math.max(reference.loss, 1e-6)
    errors.set('loss', Math.abs(loss.dataSync()[0]! - reference.loss) / scale)
    tf.dispose([predicted, loss, outputs, images])
    executor.dispose()
    const [worst, error] = [...errors].sort((a, b) => b[1] - a[1])[0]!
    t.diagnostic(`worst of ${errors.size}: ${worst} ${error.toExponential(2)}`)
    assert.equal(
      errors.size,
      Object.keys(reference.outputs).length + Object.keys(reference.gradients).length + 1,
    )
    for (const [key, value] of errors)
      assert.ok(value <= limitOf(reference, key), `${key}: relative error ${value}`)
  })
}

function limitOf({ gradients }: Reference, key: string): number {
  if (key === 'loss') return lossLimit
  return Math.max(limit, 2 * (gradients[key]?.torchError ?? 0))
}

/** Cross entropy, and 0.4 of the auxiliary head's. */
function lossOf(classes: number): (outputs: Record<string, Tensor>) => Scalar {
  const of = crossEntropyOf(formulaLabels(1, classes), classes)
  return outputs => {
    const main = of(outputs)
    const { auxLogits } = outputs
    return auxLogits ? tf.add(main, tf.mul(of({ logits: auxLogits }), 0.4)) : main
  }
}

/** The graph without the cost of first values that the formula replaces. */
function fromZeros(graph: Graph): Graph {
  const initializer = { kind: 'zeros' } as const
  const nodes = graph.nodes.map(node => ({
    ...node,
    parameters: node.parameters.map(info => ({ ...info, initializer })),
  }))
  return { ...graph, nodes }
}
