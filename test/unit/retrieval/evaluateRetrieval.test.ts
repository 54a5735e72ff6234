/** A checkpoint judged by retrieval, from its files to the figures. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startBackend } from '../../../core/backend/index.ts'
import { parseSafetensors } from '../../../core/checkpoints/safetensors.ts'
import { evaluateRetrieval } from '../../../core/retrieval/evaluateRetrieval.ts'
import type { RetrievalEvaluationOrder } from '../../../core/retrieval/evaluateRetrieval.ts'
import { train } from '../../../core/training/index.ts'
import { recorder, tinyOrder, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

let place: TinyPlace
let checkpointPath: string
const quiet = { progress: () => {}, isCancelled: () => false }

before(async () => {
  place = await tinyPlace({ train: 30, val: 12 })
  const ports = recorder()
  await train(tinyOrder(place), ports)
  checkpointPath = ports.of('checkpoint').at(-1)!.checkpoint.path
})
after(() => place.remove())

const order = (changes: Partial<RetrievalEvaluationOrder> = {}): RetrievalEvaluationOrder => ({
  ...{ checkpointPath, dataset: place.dataset, split: null, startBackend },
  ...changes,
})

test('every image is a query for the others of its class', async () => {
  const made = await evaluateRetrieval(order(), quiet)
  const { figures, results, split, imageCount } = made!
  assert.deepEqual([split, imageCount, figures.medium!.queryCount, results.length], ['val', 12, 12, 12])
  assert.ok(
    results.every(
      ({ relevantCount, query, top }) => relevantCount === 3 && !top.some(({ index }) => index === query),
    ),
  )
  const mean = results.reduce((sum, { averagePrecision }) => sum + averagePrecision!, 0) / 12
  assert.ok(Math.abs(figures.medium!.map - mean) < 1e-12)
  assert.match(made!.queryNames[results[0]!.query]!, /idx/)
})

test('images of one split are found in another', async () => {
  const made = await evaluateRetrieval(order({ split: 'val', gallery: 'train', queries: 5 }), quiet)
  assert.deepEqual([made!.imageCount, made!.results.length], [30, 5])
  assert.ok(made!.results.every(({ relevantCount }) => relevantCount === 10))
})

test('rect and square views of square images agree, at another size', async () => {
  const square = await evaluateRetrieval(order({ view: { size: 12 } }), quiet)
  const rect = await evaluateRetrieval(order({ view: { size: 12, resize: 'rect' } }), quiet)
  assert.deepEqual(rect!.figures, square!.figures)
})

test('a whitening is learned, used and written with its classifier', async () => {
  const whiteningPath = join(place.folder, 'whitening.safetensors')
  const made = await evaluateRetrieval(order({ whiten: 'train', whiteningPath }), quiet)
  assert.ok(made!.figures.medium!.map > 0)
  const { tensors } = parseSafetensors(await readFile(whiteningPath), whiteningPath)
  // Width 2 gives embeddings of 8 values, and one is appended.
  assert.deepEqual([...tensors.get('whitening.projection')!.shape], [9, 9])
  assert.deepEqual([...tensors.get('classifier.weight')!.shape], [3, 9])
})

test('a power without GeM pooling, a missing average and a missing split are refused', async () => {
  await assert.rejects(evaluateRetrieval(order({ power: 3 }), quiet), /p: cifar-resnet8 has no GeM pooling/)
  await assert.rejects(evaluateRetrieval(order({ power: -1 }), quiet), /p: expected a number above 0, got -1/)
  await assert.rejects(evaluateRetrieval(order({ weights: 'ema' }), quiet), /no moving average/)
  await assert.rejects(evaluateRetrieval(order({ gallery: 'test' }), quiet), { code: 'not-found' })
  await assert.rejects(
    evaluateRetrieval(order({ view: { size: 12, resize: 'rect', crops: 5 } }), quiet),
    /crops/,
  )
})

test('it can be cancelled', async () => {
  assert.equal(await evaluateRetrieval(order(), { ...quiet, isCancelled: () => true }), null)
})
