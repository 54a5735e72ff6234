import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { alignment, independence, keptNeighbours } from '../../../core/evaluation/comparisonAlignment.ts'
import { milestones } from '../../../core/evaluation/comparisonLayers.ts'
import { representationDrift } from '../../../core/evaluation/comparisonRepresentations.ts'
import { driftOf } from '../../../core/evaluation/comparisonWeights.ts'
import { models } from '../../../core/models/index.ts'

interface Truth {
  readonly alignment: readonly {
    count: number
    first: number[]
    second: number[]
    hsic: number
    cka: number
  }[]
}
const file = join(import.meta.dirname, '../../fixtures/comparison/alignment.json')
const truth = JSON.parse(readFileSync(file, 'utf8')) as Truth
const watcher = { progress: () => {}, throwIfCancelled: () => {} }

function stored(values: readonly number[], shape: readonly number[] = [values.length]) {
  // At an odd place, as tensors in a file may lie.
  const bytes = new Uint8Array(values.length * 4 + 1).subarray(1)
  bytes.set(new Uint8Array(Float32Array.from(values).buffer))
  return { dtype: 'F32', shape, bytes } as const
}

test('the estimate of independence is the mean over all tuples of different images', () => {
  for (const { count, first, second, hsic, cka } of truth.alignment) {
    assert.ok(Math.abs(independence(first, second, count) - hsic) < 1e-9 * Math.max(1, Math.abs(hsic)))
    assert.ok(Math.abs(alignment(first, second, count) - cka) < 1e-9)
  }
})

test('drift of weights: lengths and angles by hand', () => {
  const first = new Map([
    ['conv.weight', stored([3, 4])],
    ['bn.weight', stored([1, 0])],
    ['bn.bias', stored([0, 0])],
    ['fc.weight', stored([1, 2], [1, 2])],
    ['bn.running_mean', stored([1, 1])],
    ['old.weight', stored([1])],
  ])
  const second = new Map([
    ['conv.weight', stored([3, 4])],
    ['bn.weight', stored([0, 1])],
    ['bn.bias', stored([0, 1])],
    ['fc.weight', stored([1, 2, 3], [1, 3])],
    ['bn.running_mean', stored([2, 2])],
    ['new.weight', stored([1])],
  ])
  const { parameters, layers, whole, unmatched } = driftOf(first, second, watcher)
  const of = (name: string) => parameters.find(each => each.name === name)
  assert.equal(of('conv.weight')?.relative, 0)
  assert.equal(of('conv.weight')?.cosine, 1)
  assert.ok(Math.abs(of('bn.weight')!.relative! - Math.SQRT2) < 1e-12)
  assert.equal(of('bn.weight')?.cosine, 0)
  assert.deepEqual([of('bn.bias')?.relative, of('bn.bias')?.cosine], [null, null])
  assert.equal(of('bn.running_mean')?.isBuffer, true)
  // Layers in the network's order, without running statistics: √(1 + 1 + 1) over 1.
  assert.deepEqual(
    layers.map(each => each.name),
    ['conv', 'bn'],
  )
  assert.ok(Math.abs(layers[1]!.relative! - Math.sqrt(3)) < 1e-12)
  assert.ok(Math.abs(whole.relative! - Math.sqrt(3 / 26)) < 1e-12)
  assert.equal(whole.count, 6)
  assert.deepEqual(
    unmatched.map(({ name, first: a, second: b }) => [name, a, b]),
    [
      ['fc.weight', [1, 2], [1, 3]],
      ['old.weight', [1], null],
      ['new.weight', null, [1]],
    ],
  )
})

test('milestones are the ends of blocks, the embedding and the logits', () => {
  const graphOf = (name: 'resnet18' | 'inception-v4') =>
    models.create({ name }, 'model')({ height: 96, width: 96, channels: 3, classCount: 10 })
  const found = milestones(graphOf('resnet18'), 50)
  assert.deepEqual(found, [
    ...['relu', 'maxpool', 'layer1.0.relu', 'layer1.1.relu', 'layer2.0.relu', 'layer2.1.relu'],
    ...['layer3.0.relu', 'layer3.1.relu', 'layer4.0.relu', 'layer4.1.relu', 'avgpool', 'fc'],
  ])
  assert.deepEqual(milestones(graphOf('resnet18'), 4).slice(-2), ['avgpool', 'fc'])
  const inception = milestones(graphOf('inception-v4'), 100)
  assert.ok(inception.includes('features.3') && inception.includes('last_linear'))
  assert.ok(!inception.some(name => name.includes('branch') || name.startsWith('aux')))
})

test('a representation that is turned is the same; one whose images changed places is not', () => {
  const count = 40
  const width = 2
  const rows = Float32Array.from({ length: count * width }, (_, i) => Math.sin(i * i * 0.37 + i))
  // Turned by 90 degrees and scaled.
  const turned = Float32Array.from(rows, (_, i) => (i % 2 === 0 ? -3 * rows[i + 1]! : 3 * rows[i - 1]!))
  const indices = Int32Array.from({ length: count }, (_, i) => 10 + i)
  const make = (values: Float32Array, own = indices) => ({
    indices: own,
    layers: [{ name: 'pool', role: 'embedding', width, rows: values }],
  })
  const same = representationDrift(make(rows), make(turned))
  assert.ok(Math.abs(same.alignment[0]![0]! - 1) < 1e-6)
  assert.equal(same.embedding?.kept, 1)
  assert.ok(Math.abs(same.embedding.cosine!) < 1e-6)
  const shifted = representationDrift(
    make(rows),
    make(
      rows,
      Int32Array.from(indices, i => i + 5),
    ),
  )
  assert.equal(shifted.imageCount, count - 5)
  assert.ok(shifted.alignment[0]![0]! < 0.5)
  assert.deepEqual([...keptNeighbours([1, 0.9, 0.9, 1], [1, 0.9, 0.9, 1], 2, 5)], [1, 1])
  assert.throws(
    () =>
      representationDrift(
        make(rows),
        make(
          rows,
          indices.map(i => i + 1000),
        ),
      ),
    /4 images/,
  )
})
