import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase, storeError } from '../../../core/store/engine.ts'
import { addDataset, addRun, temporaryStore } from './fixture.ts'

test('a new run waits at the end of the queue', async t => {
  const store = await temporaryStore(t)
  for (const id of ['r-1', 'r-2', 'r-3']) addRun(store, id)
  assert.deepEqual(store.runs.queue(), ['r-1', 'r-2', 'r-3'])
  assert.deepEqual(
    store.runs.list(false).map(run => [run.id, run.queuePosition, run.status]),
    [
      ['r-3', 3, 'queued'],
      ['r-2', 2, 'queued'],
      ['r-1', 1, 'queued'],
    ],
  )
})

test('the queue closes up when a run leaves it, and takes a run at any place', async t => {
  const store = await temporaryStore(t)
  for (const id of ['r-1', 'r-2', 'r-3', 'r-4']) addRun(store, id)
  store.runs.dequeue('r-2')
  store.runs.dequeue('r-2')
  assert.equal(store.runs.get('r-3').queuePosition, 2)
  store.runs.move('r-4', 1)
  assert.deepEqual(store.runs.queue(), ['r-4', 'r-1', 'r-3'])
  store.runs.move('r-4', 2)
  assert.deepEqual(store.runs.queue(), ['r-1', 'r-4', 'r-3'])
  store.runs.move('r-1', 99)
  assert.deepEqual(store.runs.queue(), ['r-4', 'r-3', 'r-1'])
  store.runs.enqueue('r-4')
  assert.deepEqual(
    store.runs.queue().map(id => [id, store.runs.get(id).queuePosition]),
    [
      ['r-3', 1],
      ['r-1', 2],
      ['r-4', 3],
    ],
  )
})

test('changes touch the named fields and no other', async t => {
  const store = await temporaryStore(t)
  addRun(store)
  const error = { code: 'trainer-lost', message: 'gone', details: { pid: 3 } }
  store.runs.change('r-1', { status: 'failed', error, trainLoss: NaN, step: 7 })
  store.runs.change('r-1', { name: 'a name', top1: 0.5 })
  const run = store.runs.get('r-1')
  assert.deepEqual(
    [run.status, run.error, run.trainLoss, run.step, run.name],
    ['failed', error, null, 7, 'a name'],
  )
  store.runs.change('r-1', { error: null })
  assert.equal(store.runs.get('r-1').error, null)
})

test('the best top-1 only rises', async t => {
  const store = await temporaryStore(t)
  addRun(store)
  for (const top1 of [0.2, 0.8, 0.5]) store.runs.raiseBest('r-1', top1)
  assert.equal(store.runs.get('r-1').bestTop1, 0.8)
})

test('an unknown run is named', async t => {
  const store = await temporaryStore(t)
  assert.throws(() => store.runs.get('r-9'), { code: 'not-found', message: /'r-9'/ })
  assert.throws(() => store.runs.number('r-9'), { code: 'not-found' })
})

test('names and notes are data, whatever they hold', async t => {
  const store = await temporaryStore(t)
  addRun(store)
  const odd = `'); DROP TABLE runs; -- <img src=x onerror=alert(1)> \u0000 ü 🧪 ${'x'.repeat(5000)}`
  store.runs.change('r-1', { name: odd })
  store.runs.annotate('r-1', odd)
  assert.equal(store.runs.get('r-1').name, odd)
  assert.equal(store.runs.details('r-1').notes, odd)
})

test('a purged run leaves nothing behind', async t => {
  const store = await temporaryStore(t)
  const run = addRun(store)
  store.attempts.begin(run, 1, 0)
  store.metrics.append(run, 1, [
    { step: 1, epoch: 0, wallMs: 0, values: { 'train/loss': NaN, 'train/lr': 1 } },
  ])
  store.logs.append(run, [{ wallMs: 1, level: 'info', text: 'hello' }])
  store.checkpoints.put('r-1', { ...checkpoint, name: 'step-00000001', step: 1 })
  store.runs.purge('r-1')
  assert.throws(() => store.runs.get('r-1'), { code: 'not-found' })
  const next = addRun(store, 'r-2')
  assert.notEqual(next, run, 'numbers are not given twice')
  assert.deepEqual(store.metrics.read(run, { names: [], fromStep: null, toStep: null, maxPoints: 100 }), [])
  assert.deepEqual(store.logs.read(run, -1, 10), [])
  assert.deepEqual(store.attempts.list(run), [])
})

test('a run of many steps is purged a part at a time, and its row goes last', async t => {
  const store = await temporaryStore(t)
  const [run, other] = [addRun(store), addRun(store, 'r-2')]
  const points = Array.from({ length: 1000 }, (_, step) => ({
    ...{ step, epoch: 0, wallMs: 0 },
    values: { 'train/loss': step % 100 === 0 ? NaN : 1, 'train/lr': 1 },
  }))
  for (const number of [run, other]) {
    store.metrics.append(number, 1, points)
    store.logs.append(number, [{ wallMs: 1, level: 'info', text: 'hello' }])
  }
  let calls = 1
  while (!store.runs.purge('r-1', 500)) {
    calls++
    assert.equal(store.runs.get('r-1').id, 'r-1')
  }
  // 2000 points, 10 that are not finite, their pyramid, 1000 steps, one line.
  assert.ok(calls >= 7 && calls < 20, `${calls} calls`)
  assert.throws(() => store.runs.get('r-1'), { code: 'not-found' })
  assert.equal(store.metrics.series(other)[0]?.pointCount, 1000, 'another run is left as it is')
  const [curve] = store.metrics.read(other, {
    names: ['train/lr'],
    fromStep: null,
    toStep: null,
    maxPoints: 10,
  })
  assert.ok(curve && curve.step.length > 5)
})

test('a store on a full disk is told as such, and every call throws errors of the workbench', async t => {
  const store = await temporaryStore(t)
  const run = addRun(store)
  const database = openDatabase(':memory:')
  database.pragma('max_page_count = 2')
  database.exec('CREATE TABLE a (b)')
  try {
    database.exec('INSERT INTO a VALUES (randomblob(100000))')
    assert.fail('it was not full')
  } catch (thrown) {
    assert.equal(storeError(thrown, 'file').code, 'disk-full')
  }
  database.close()
  store.close()
  for (const call of [
    () => store.runs.get('r-1'),
    () => store.metrics.series(run),
    () => store.settings.count('x'),
  ]) {
    assert.throws(call, { name: 'AppError' })
  }
})

test('a list of 10,000 runs with metrics takes no longer than a small part of making them', async t => {
  const store = await temporaryStore(t)
  store.write(() => {
    for (let number = 0; number < 10_000; number++) addRun(store, `r-${number}`)
  })
  const run = store.runs.number('r-5')
  const points = Array.from({ length: 20_000 }, (_, step) => ({
    step,
    epoch: 0,
    wallMs: 0,
    values: { 'train/loss': 1 },
  }))
  store.metrics.append(run, 1, points)
  store.runs.list(false)
  const startMs = performance.now()
  const list = store.runs.list(false)
  const elapsedMs = performance.now() - startMs
  assert.equal(list.length, 10_000)
  assert.ok(elapsedMs < 250, `listing took ${Math.round(elapsedMs)} ms; the aim on an idle machine is 50`)
})

const checkpoint = {
  ...{ step: 0, epoch: 1, path: '/runs/r-1/checkpoints/x', sizeBytes: 10, createdAt: 1 },
  ...{ metrics: {}, status: 'valid' as const },
}

test('newest and best of the valid checkpoints are marked', async t => {
  const store = await temporaryStore(t)
  addRun(store)
  const put = (step: number, top1: number, status: 'valid' | 'damaged' = 'valid'): string =>
    store.checkpoints.put('r-1', {
      ...checkpoint,
      step,
      name: `step-${step}`,
      status,
      metrics: { 'val/top1': top1 },
    })
  put(1, 0.9)
  const pinned = put(2, 0.9)
  put(3, 0.5)
  put(4, 0.99, 'damaged')
  store.checkpoints.pin(pinned, true)
  put(2, 0.9)
  const flags = store.checkpoints
    .list('r-1')
    .map(each => [each.step, each.isNewest, each.isBest, each.isPinned])
  assert.deepEqual(flags, [
    [4, false, false, false],
    [3, true, false, false],
    [2, false, true, true],
    [1, false, false, false],
  ])
  assert.equal(store.checkpoints.get(pinned).runId, 'r-1')
  store.checkpoints.remove(pinned)
  assert.throws(() => store.checkpoints.get(pinned), { code: 'not-found' })
})

test('log lines are numbered per run, and read from either end', async t => {
  const store = await temporaryStore(t)
  const [first, second] = [addRun(store, 'r-1'), addRun(store, 'r-2')]
  const lines = (...texts: string[]) => texts.map(text => ({ wallMs: 1.5, level: 'info' as const, text }))
  store.logs.append(first, lines('a', 'b'))
  store.logs.append(second, lines('x'))
  assert.deepEqual(
    store.logs.append(first, lines('c')).map(line => line.number),
    [2],
  )
  const texts = (after: number, limit: number) => store.logs.read(first, after, limit).map(line => line.text)
  assert.deepEqual(texts(-1, 2), ['b', 'c'])
  assert.deepEqual(texts(0, 10), ['b', 'c'])
  assert.deepEqual(texts(2, 10), [])
  store.logs.append(first, lines('z'.repeat(100_000)))
  assert.ok((store.logs.read(first, 2, 1)[0]?.text.length ?? 0) <= 8000)
})

test('a removed data set leaves the list and keeps its runs; its folder brings it back', async t => {
  const store = await temporaryStore(t)
  addRun(store)
  addDataset(store, 'flowers')
  store.datasets.setProblems('digits', [{ file: 'a', problem: 'b' }])
  store.datasets.remove('digits', 5)
  assert.deepEqual(
    store.datasets.list().map(each => each.id),
    ['flowers'],
  )
  assert.throws(() => store.datasets.get('digits'), { code: 'not-found' })
  assert.equal(store.datasets.find('digits').removedAt, 5)
  assert.equal(store.datasets.findByPath('/data/digits')?.id, 'digits')
  assert.equal(store.runs.get('r-1').datasetId, 'digits')
  assert.ok(store.datasets.hasRuns('digits') && !store.datasets.hasRuns('flowers'))
  store.datasets.restore('digits')
  assert.equal(store.datasets.get('digits').problemCount, 1)
})

test('evaluations left unfinished are ended with a reason', async t => {
  const store = await temporaryStore(t)
  addRun(store)
  const evaluation = {
    checkpointId: 'c',
    runId: 'r-1',
    datasetId: 'digits',
    split: 'val' as const,
    createdAt: 1,
  }
  store.evaluations.create({ ...evaluation, id: 'e-1' })
  store.evaluations.create({ ...evaluation, id: 'e-2' })
  store.evaluations.change('e-1', { status: 'finished', top1: 0.5, endedAt: 2 })
  store.evaluations.failUnfinished({ code: 'cancelled', message: 'ended', details: {} }, 3)
  assert.deepEqual(
    store.evaluations.list('r-1').map(each => [each.id, each.status]),
    [
      ['e-2', 'failed'],
      ['e-1', 'finished'],
    ],
  )
})
