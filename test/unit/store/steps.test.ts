/** What is read of single steps: moving averages over every point, rows for files, and all that is known of one step. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addRun, temporaryStore } from './fixture.ts'

const length = 5000
const valueAt = (step: number): number => Math.sin(step * 0.37) + step / 1000

test('averages count every recorded point, whatever the chart shows of them', async t => {
  const store = await temporaryStore(t)
  const run = addRun(store)
  const points = Array.from({ length }, (_, step) => {
    return { step, epoch: step / 100, wallMs: step, values: { 'train/loss': valueAt(step) } }
  })
  store.metrics.append(run, 1, points)
  const curves = store.metrics.read(run, { names: [], fromStep: null, toStep: null, maxPoints: 50 })
  const work = store.metrics.smooth(run, curves, 0.9)
  let step = work.next()
  while (!step.done) step = work.next()
  const [curve] = step.value
  assert.ok(curve && curve.step.length <= 50)
  // By numpy: k = 0.9 ** arange(t, -1, -1); (k * x[:t + 1]).sum() / k.sum() at t = 4999.
  assert.ok(Math.abs((curve.smooth?.at(-1) ?? NaN) - 5.252400450315073) < 1e-9)
})

test('rows hold every step in pages, and a step tells the newest value of each series', async t => {
  const store = await temporaryStore(t)
  const run = addRun(store)
  store.attempts.begin(run, 1, 0)
  store.metrics.append(run, 1, [
    { step: 1, epoch: 0.1, wallMs: 10, values: { 'train/loss': 2, 'val/top1': 0.5 } },
    { step: 2, epoch: 0.2, wallMs: 20, values: { 'train/loss': NaN } },
    { step: 4, epoch: 0.4, wallMs: 40, values: { 'train/loss': 1 } },
  ])
  const names = ['train/loss', 'val/top1']
  const first = store.metrics.rows(run, { names, after: null, limit: 2 })
  assert.deepEqual(
    first.rows.map(row => row.values),
    [
      [2, 0.5],
      ['NaN', null],
    ],
  )
  const second = store.metrics.rows(run, { names, after: first.next, limit: 2 })
  assert.deepEqual([second.rows.map(row => row.step), second.next], [[4], null])
  const found = store.metrics.step(run, 3)
  assert.deepEqual([found?.step, found?.previousStep, found?.nextStep], [2, 1, 4])
  assert.deepEqual(found?.values, [
    { key: 'train/loss', value: 'NaN', step: 2 },
    { key: 'val/top1', value: 0.5, step: 1 },
  ])
})
