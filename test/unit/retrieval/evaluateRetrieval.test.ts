/** A checkpoint judged by retrieval, from its files to the figures. */
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import sharp from 'sharp'
import { startBackend } from '../../../core/backend/index.ts'
import { parseSafetensors } from '../../../core/checkpoints/safetensors.ts'
import { readers } from '../../../core/datasets/index.ts'
import { evaluateRetrieval } from '../../../core/retrieval/evaluateRetrieval.ts'
import type { RetrievalEvaluationOrder } from '../../../core/retrieval/evaluateRetrieval.ts'
import { train } from '../../../core/training/index.ts'
import { silent } from '../data/datasetFixtures.ts'
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

test("a data set's own queries are asked, and images that cannot be read count as not found", async () => {
  const path = join(place.folder, 'holidays')
  await mkdir(join(path, 'jpg'), { recursive: true })
  const picture = (name: string, number: number) =>
    sharp(Buffer.from(Array.from({ length: 144 }, (_, p) => (p * (number + 3) * 7 + number * 31) % 256)), {
      raw: { width: 12, height: 12, channels: 1 },
    })
      .jpeg({ quality: 95 })
      .toFile(join(path, 'jpg', `${name}.jpg`))
  // 100001 is a copy of 100000, and 100101 of 100100.
  await Promise.all([picture('100000', 1), picture('100001', 1), picture('100100', 5), picture('100200', 9)])
  const indexPath = join(path, '.index')
  await writeFile(join(path, 'jpg', '100101.jpg'), await readFile(join(path, 'jpg', '100100.jpg')))
  await writeFile(indexPath, (await readers.create({ name: 'holidays' }).scan(path, silent)).index)
  const whole = await readFile(join(path, 'jpg', '100101.jpg'))
  await writeFile(join(path, 'jpg', '100101.jpg'), whole.subarray(0, whole.length - 40))
  const changed = order({ dataset: { id: 'h', reader: 'holidays', path, options: {}, indexPath } })
  // One bad image is let pass; two of five are more than the run tolerates.
  assert.ok(await evaluateRetrieval(changed, quiet))
  const other = join(path, 'jpg', '100200.jpg')
  const good = await readFile(other)
  await writeFile(other, good.subarray(0, good.length - 40))
  await assert.rejects(evaluateRetrieval(changed, quiet), { code: 'data-invalid', message: /100101|100200/ })
  await writeFile(other, good)
  await writeFile(join(path, 'jpg', '100101.jpg'), whole)
  const made = await evaluateRetrieval(changed, quiet)
  const { figures, results, protocol } = made!
  assert.deepEqual([protocol, figures.medium!.queryCount, figures.medium!.emptyCount], ['holidays', 2, 1])
  // Both copies stand first, and no query finds itself.
  assert.deepEqual(
    results.map(({ firstRank }) => firstRank),
    [1, 1, null],
  )
  assert.equal(figures.medium!.map, 1)
})

test('it can be cancelled', async () => {
  assert.equal(await evaluateRetrieval(order(), { ...quiet, isCancelled: () => true }), null)
})
