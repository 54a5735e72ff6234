/** How images are shown in evaluation, and judged where they are shown more than once. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../../core/backend/index.ts'
import { evaluate, type EvaluationOrder } from '../../../core/evaluation/index.ts'
import { classifyViews } from '../../../core/evaluation/classifyViews.ts'
import type { Network } from '../../../core/evaluation/network.ts'
import { cropsOf, viewer } from '../../../core/evaluation/view.ts'
import { pictureSource, type ViewSource } from '../../../core/evaluation/viewSource.ts'
import { parseConfig } from '../../../core/experiment/index.ts'
import { train } from '../../../core/training/index.ts'
import type { Image } from '../../../core/transforms/shared/transform.ts'
import { recorder, tinyConfig, tinyOrder, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

let place: TinyPlace
let checkpointPath: string
let validated: Readonly<Record<string, number>>
const quiet = { progress: () => {}, isCancelled: () => false }
const sizeOf = (images: readonly Image[]) => images.map(({ width, height }) => [width, height])

before(async () => {
  place = await tinyPlace()
  const ports = recorder()
  await train(tinyOrder(place), ports)
  const { path, metrics } = ports.of('checkpoint').at(-1)!.checkpoint
  checkpointPath = path
  validated = metrics
})
after(() => place.remove())

const order = (changes: Partial<EvaluationOrder> = {}): EvaluationOrder => ({
  ...{ checkpointPath, dataset: place.dataset, split: null, startBackend },
  ...changes,
})

/** Pixel i is i. */
const numbered: Image = {
  data: Uint8Array.from({ length: 35 }, (_, at) => at),
  width: 7,
  height: 5,
  channels: 1,
}
const cropping = parseConfig(
  tinyConfig({
    'input.size': 8,
    'transforms.eval': [{ name: 'resize', options: { shorterSide: 10 } }, { name: 'center-crop' }],
  }),
)

test('five crops and ten are those of torchvision', () => {
  // torchvision.transforms.TenCrop(2) of the same image, as torchvision 0.14 gives it.
  const expected = [
    ...[
      [0, 1, 7, 8],
      [5, 6, 12, 13],
      [21, 22, 28, 29],
      [26, 27, 33, 34],
      [16, 17, 23, 24],
    ],
    ...[
      [6, 5, 13, 12],
      [1, 0, 8, 7],
      [27, 26, 34, 33],
      [22, 21, 29, 28],
      [18, 17, 25, 24],
    ],
  ]
  const pixels = (crops: 5 | 10) => cropsOf(numbered, 2, crops).map(({ data }) => [...data])
  assert.deepEqual(pixels(10), expected)
  assert.deepEqual(pixels(5), expected.slice(0, 5))
})

test('lengths are scaled with the size; rect keeps the whole image', async () => {
  const photo: Image = { data: new Uint8Array(40 * 20), width: 40, height: 20, channels: 1 }
  assert.deepEqual(sizeOf(await viewer(cropping, { size: 16 })(photo)), [[16, 16]])
  assert.deepEqual(sizeOf(await viewer(cropping, { size: 16, resize: 'rect' })(photo)), [[16, 8]])
  assert.deepEqual(sizeOf(await viewer(cropping, { size: 16, crops: 5 })(photo)).length, 5)
})

test('the plain view gives the figures of the validation; a larger one other figures, whatever the batch', async () => {
  const plain = await evaluate(order(), quiet)
  assert.deepEqual([plain!.top1, plain!.loss], [validated['val/top1'], validated['val/loss']])
  const large = await evaluate(order({ view: { size: 12 }, batchSize: 3 }), quiet)
  const again = await evaluate(order({ view: { size: 12, resize: 'rect' }, batchSize: 8 }), quiet)
  assert.ok(Math.abs(large!.loss - again!.loss) < 1e-6)
  assert.notEqual(large!.loss, plain!.loss)
})

test('crops are judged by the mean of their probabilities', async () => {
  const logits = [
    [2, 0, 1],
    [0, 3, 0],
  ]
  const network = fakeNetwork(logits)
  const source = oneImage(2, 1)
  const figures = await classifyViews(network, source, quiet)
  const softmax = (z: number[]) => z.map(x => Math.exp(x) / z.reduce((sum, y) => sum + Math.exp(y), 0))
  const mean = (softmax(logits[0]!)[1]! + softmax(logits[1]!)[1]!) / 2
  assert.ok(Math.abs(figures!.loss + Math.log(mean)) < 1e-6)
  assert.deepEqual([figures!.top1, figures!.imageCount], [1, 1])
})

test('a box is looked at alone; neighbours of one size share a batch', async () => {
  const pixels = (width: number, height: number, value: number): Image => ({
    data: new Uint8Array(width * height).fill(value),
    ...{ width, height, channels: 1 },
  })
  const shown = [pixels(16, 8, 1), pixels(16, 8, 2), pixels(8, 16, 3), numbered]
  const source = pictureSource({
    split: {
      count: 4,
      labels: Int32Array.of(0, 1, 2, 0),
      name: String,
      read: index => Promise.resolve({ kind: 'pixels', image: shown[index]! }),
    },
    classes: ['a', 'b', 'c'],
    indices: Int32Array.of(0, 1, 2, 3),
    ...{ channels: 1, batchSize: 8, maxBadFraction: 0 },
    viewer: image => Promise.resolve([image]),
    // It reaches over the image's border.
    boxOf: index => (index === 3 ? { x: 5.2, y: 3, width: 9, height: 9 } : null),
    close: () => Promise.resolve(),
  })
  const batches = []
  for (;;) {
    const batch = await source.next(() => false)
    if (batch === null || batch === 'given-up') break
    batches.push({ indices: [...batch.indices], size: [batch.width, batch.height], bytes: batch.bytes })
  }
  assert.deepEqual(
    batches.map(({ indices, size }) => [indices, size]),
    [
      [
        [0, 1],
        [16, 8],
      ],
      [[2], [8, 16]],
      [[3], [2, 2]],
    ],
  )
  assert.deepEqual([...batches[2]!.bytes], [26, 27, 33, 34])
})

test('a size out of range, and crops of rect images are refused', async () => {
  await assert.rejects(
    evaluate(order({ view: { size: 4 } }), quiet),
    /size: expected an integer from 8 to 2048, got 4/,
  )
  await assert.rejects(evaluate(order({ view: { resize: 'rect', crops: 10 } }), quiet), /crops: got 10/)
})

function fakeNetwork(logits: number[][]): Network {
  const executor = {
    graph: { name: 'fake', outputs: { logits: 'fc' } },
    predict: () => ({ logits: tf.tensor2d(logits) }),
  }
  const input = { size: 1, channels: 1, mean: [0], std: [1] }
  const precision = { storage: 'float32' }
  return { config: { input }, precision, at: () => executor } as unknown as Network
}

function oneImage(views: number, label: number): ViewSource {
  let isTold = false
  const batch = {
    ...{ indices: Int32Array.of(0), labels: Int32Array.of(label), count: 1, views, height: 1, width: 1 },
    ...{ bytes: new Uint8Array(views), bad: [], release: () => {} },
  }
  return {
    sampleCount: 1,
    classes: ['a', 'b', 'c'],
    next: () => Promise.resolve(isTold ? null : ((isTold = true), batch)),
    close: () => Promise.resolve(),
  }
}
