import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Notice, RunSummary } from '../../../core/contract/index.ts'
import { behaviours } from './behaviours.ts'
import { startBench, waitFor } from './fixture.ts'

test('a run goes from the queue to finished, and everything it said is found again', async t => {
  const bench = await startBench(t)
  const id = await bench.addRun(await bench.addDataset(), behaviours.finish)
  const run = await bench.until(id, 'finished', 'failed', 'interrupted')
  assert.equal(run.status, 'finished')
  assert.deepEqual(
    [run.step, run.totalSteps, run.top1, run.bestTop1, run.backend],
    [20, 20, 0.2, 0.2, 'fake'],
  )
  assert.equal(run.progress, null)
  assert.equal(run.imagesPerSecond, 100, 'how fast it was is known of a run that has ended')
  const [curve] = await bench.call.metrics.read({ runId: id, names: ['train/loss'] })
  assert.deepEqual(
    curve?.step,
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
  const saved = await bench.call.checkpoints.list({ runId: id })
  assert.deepEqual(
    saved.map(each => each.step),
    [20, 10],
  )
  assert.ok(saved[0]?.isNewest && saved[0].isBest)
  const log = await bench.call.runs.log({ id })
  assert.ok(log.some(line => line.text === 'step: 20'))
  const { attempts } = await bench.call.runs.get({ id })
  assert.deepEqual([attempts.length, attempts[0]?.outcome], [1, 'finished'])
})

test('every point and line is pushed once, in batches, and the last summary says finished', async t => {
  const bench = await startBench(t)
  const id = await bench.addRun(await bench.addDataset(), behaviours.finish)
  await bench.until(id, 'finished')
  const of = (name: string) => bench.pushes.filter(each => each.push === name).map(each => each.payload)
  const batches = of('metrics.onPoints') as { points: { step: number }[] }[]
  assert.deepEqual(
    batches.flatMap(batch => batch.points.map(point => point.step)),
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
  assert.ok(batches.length < 12, `${batches.length} pushes for 20 points`)
  // Figures follow their points at once, so that whoever hears no more sees one moment.
  const kinds = bench.pushes.filter(each => ['metrics.onPoints', 'runs.onChanged'].includes(each.push))
  for (const [at, { push, payload }] of kinds.entries()) {
    if (push !== 'metrics.onPoints') continue
    const { points } = payload as { points: { step: number }[] }
    assert.equal((kinds[at + 1]?.payload as RunSummary).step, points.at(-1)?.step)
  }
  const last = (of('runs.onChanged') as RunSummary[]).at(-1)
  assert.deepEqual([last?.id, last?.status], [id, 'finished'])
})

test('a loss that is not finite is stored and pushed as what it is', async t => {
  const bench = await startBench(t)
  const id = await bench.addRun(await bench.addDataset(), behaviours.nan)
  await bench.until(id, 'finished')
  const [curve] = await bench.call.metrics.read({ runId: id, names: ['train/loss'] })
  assert.deepEqual(curve?.nonFinite, [{ step: 5, value: 'NaN' }])
  const pushed = bench.pushes
    .filter(each => each.push === 'metrics.onPoints')
    .map(each => JSON.stringify(each.payload))
  assert.ok(pushed.some(text => text.includes('"train/loss":"NaN"')))
})

test('only so many runs train at a time; more start when the settings allow', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const ids = [
    await bench.addRun(datasetId, behaviours.untilStopped),
    await bench.addRun(datasetId, behaviours.untilStopped),
  ]
  const [first, second] = ids as [string, string]
  await bench.until(first, 'running')
  assert.equal((await bench.call.runs.get({ id: second })).queuePosition, 1)
  await bench.call.settings.set({ concurrentRuns: 2 })
  await bench.until(second, 'running')
  for (const id of ids) await bench.call.runs.stop({ id })
  for (const id of ids) await bench.until(id, 'stopped')
})

test('pause saves and frees the place; resume goes on in a new attempt', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const id = await bench.addRun(datasetId, behaviours.untilStopped)
  await waitFor(async () => (await bench.call.runs.get({ id })).step > 12)
  await bench.call.runs.pause({ id })
  const paused = await bench.until(id, 'paused')
  assert.equal(paused.error, null)
  await bench.call.runs.resume({ id })
  await bench.until(id, 'running')
  await bench.call.runs.stop({ id })
  await bench.until(id, 'stopped')
  const { attempts } = await bench.call.runs.get({ id })
  assert.deepEqual(
    attempts.map(each => [each.number, each.fromStep, each.outcome]),
    [
      [1, 0, 'paused'],
      [2, 10, 'stopped'],
    ],
  )
  const curves = await bench.call.metrics.read({ runId: id, names: ['train/loss'] })
  assert.equal(curves[0]?.orphanedFromStep, 11)
})

test('a queued run can be stopped, moved and resumed without ever having started', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const first = await bench.addRun(datasetId, behaviours.untilStopped)
  const [b, c] = [await bench.addRun(datasetId, 0), await bench.addRun(datasetId, 0)]
  await bench.call.runs.move({ id: c, position: 1 })
  assert.deepEqual(
    [
      (await bench.call.runs.get({ id: c })).queuePosition,
      (await bench.call.runs.get({ id: b })).queuePosition,
    ],
    [1, 2],
  )
  await bench.call.runs.pause({ id: c })
  assert.equal((await bench.call.runs.get({ id: c })).status, 'paused')
  await bench.call.runs.resume({ id: c })
  assert.equal((await bench.call.runs.get({ id: c })).queuePosition, 2)
  await bench.call.runs.stop({ id: b })
  await bench.call.runs.stop({ id: first })
  await bench.until(c, 'finished')
  await assert.rejects(bench.call.runs.move({ id: c, position: 1 }), {
    code: 'conflict',
    message: /finished/,
  })
})

test('a trainer that fails says why, and the next run starts', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const id = await bench.addRun(datasetId, behaviours.fail)
  const next = await bench.addRun(datasetId, behaviours.finish)
  const run = await bench.until(id, 'failed')
  assert.deepEqual([run.error?.code, run.error?.message], ['invalid-config', 'input.size: too small'])
  await bench.until(next, 'finished')
})

test('a trainer that crashes interrupts its run, with its last words, and the checkpoint stays', async t => {
  const bench = await startBench(t)
  const id = await bench.addRun(await bench.addDataset(), behaviours.crash)
  const run = await bench.until(id, 'interrupted')
  assert.equal(run.error?.code, 'trainer-lost')
  assert.match(run.error?.message ?? '', /a defect of the trainer/)
  const log = await bench.call.runs.log({ id })
  assert.ok(log.some(line => line.text.includes('a defect of the trainer')))
  const saved = await bench.call.checkpoints.list({ runId: id })
  assert.deepEqual([saved[0]?.step, saved[0]?.isNewest], [10, true])
  await bench.call.runs.resume({ id })
  await bench.until(id, 'interrupted')
})

test('a trainer killed from outside is told apart from a crash, and memory is named', async t => {
  const bench = await startBench(t)
  const id = await bench.addRun(await bench.addDataset(), behaviours.killed)
  const run = await bench.until(id, 'interrupted')
  assert.match(run.error?.message ?? '', /killed .*memory/i)
  assert.match(run.error?.message ?? '', /batch size/)
})

test('a hanging trainer is ended by the watchdog and started again from its checkpoint', async t => {
  const bench = await startBench(t, { limits: { silenceMs: 300, startingSilenceMs: 20_000 } })
  const id = await bench.addRun(await bench.addDataset(), behaviours.hangOnce)
  const run = await bench.until(id, 'finished', 'failed')
  assert.equal(run.status, 'finished')
  const { attempts } = await bench.call.runs.get({ id })
  assert.deepEqual(
    attempts.map(each => each.outcome),
    ['interrupted', 'finished'],
  )
  const log = await bench.call.runs.log({ id })
  assert.ok(log.some(line => /No sign of life from the trainer for \d+ s/.test(line.text)))
})

test('a trainer that hangs every time is not started for ever', async t => {
  const bench = await startBench(t, { limits: { silenceMs: 200, startingSilenceMs: 20_000, maxRestarts: 1 } })
  const id = await bench.addRun(await bench.addDataset(), behaviours.hangAlways)
  await waitFor(async () => (await bench.call.runs.get({ id })).attempts.length === 2)
  const run = await bench.until(id, 'interrupted')
  assert.match(run.error?.message ?? '', /no sign of life/)
  const notices = bench.pushes
    .filter(each => each.push === 'system.onNotice')
    .map(each => each.payload as Notice)
  assert.ok(notices.some(notice => /Resume it by hand/.test(notice.message)))
})

test('a trainer that does not listen is ended after the stated time', async t => {
  const bench = await startBench(t, { limits: { saveDeadlineMs: 100, terminateGraceMs: 100 } })
  const id = await bench.addRun(await bench.addDataset(), behaviours.ignoreStop)
  await bench.until(id, 'running')
  await bench.call.runs.stop({ id })
  const run = await bench.until(id, 'interrupted', 'stopped')
  assert.equal(run.queuePosition, null)
})

test('a trainer whose steps take longer than a save may end its step before it is pressed', async t => {
  const bench = await startBench(t, { limits: { saveDeadlineMs: 100, terminateGraceMs: 100, pushMs: 10 } })
  const id = await bench.addRun(await bench.addDataset(), behaviours.longSteps)
  await waitFor(async () => (await bench.call.runs.get({ id })).step > 1)
  await bench.call.runs.pause({ id })
  const run = await bench.until(id, 'paused', 'interrupted')
  assert.deepEqual([run.status, run.error], ['paused', null])
  assert.equal((await bench.call.checkpoints.list({ runId: id })).length, 1)
})

test('a trainer that cannot be started at all is an error of its run, and the next one gets its turn', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  // An environment too large for the system makes every start fail.
  process.env['MULTIGRAIN_TEST_BALLAST'] = 'x'.repeat(4e6)
  const id = await bench.addRun(datasetId, behaviours.finish)
  delete process.env['MULTIGRAIN_TEST_BALLAST']
  const run = await bench.until(id, 'failed', 'interrupted')
  assert.match(run.error?.message ?? '', /E2BIG|could not be started|ENAMETOOLONG/)
  await bench.until(await bench.addRun(datasetId, behaviours.finish), 'finished')
  await bench.call.runs.resume({ id })
  await bench.until(id, 'finished')
})

test('closing the host lets trainers save; the next host finds the run paused', async t => {
  const bench = await startBench(t, { limits: { pushMs: 10 } })
  const id = await bench.addRun(await bench.addDataset(), behaviours.untilStopped)
  await waitFor(async () => (await bench.call.runs.get({ id })).step > 12)
  await bench.host.close()
  const next = await startBench(t, { dataFolder: bench.folder })
  const run = await next.call.runs.get({ id })
  assert.equal(run.status, 'paused')
  const [newest] = await next.call.checkpoints.list({ runId: id })
  assert.ok(newest?.isNewest && newest.step > 12)
})

test('a script that cannot be started is an error of the run, not of the host', async t => {
  const bench = await startBench(t, { trainerEntry: '/nonexistent/trainer.ts' })
  const id = await bench.addRun(await bench.addDataset(), behaviours.finish)
  const run = await bench.until(id, 'interrupted', 'failed')
  assert.match(run.error?.message ?? '', /exit code 1.*Cannot find module/)
})
