/** What the Train page works out by itself: shared drafts, search, what a run takes, what is varied. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Draft, DraftPatch, Machine, Plan, SpeedProbe } from '../../../core/contract/index.ts'
import { createDraftSync, type DraftContent } from '../../../renderer/panels/Train/draftSync.ts'
import { fieldMatcher } from '../../../renderer/panels/Train/formSearch.ts'
import { setAt } from '../../../renderer/panels/Train/paths.ts'
import {
  diskFinding,
  memoryFinding,
  probeKey,
  timeFinding,
  timeOf,
} from '../../../renderer/panels/Train/preflight.ts'
import { fieldsOf } from '../../../renderer/panels/Train/schema.ts'
import { firstSweep, noSweep, sweepInput } from '../../../renderer/panels/Train/sweep.ts'

const empty: DraftContent = {
  ...{ config: null, base: {}, baseName: '', datasetId: '', name: '', sweep: noSweep },
}

/** Two windows and a host that hands every change to both, after whatever else happens in between. */
function twoWindows(start: DraftContent) {
  let host: Draft = { revision: 0, origin: '', content: start as unknown as Draft['content'] }
  const queue: Draft[] = []
  const windows = [0, 1].map(() => {
    const kept = { content: start, lost: [] as DraftPatch[] }
    const sync = createDraftSync({
      content: () => kept.content,
      take: content => void (kept.content = content),
      onForeign: back => void kept.lost.push(...back),
      send: async ({ origin, patches }) => {
        const content = patches.reduce((all, { path, value }) => setAt(all, path, value), host.content)
        host = { revision: host.revision + 1, origin, content }
        queue.push(host)
        return { revision: host.revision }
      },
    })
    sync.receive(host)
    return {
      kept,
      sync,
      set: (path: string, value: unknown) => void (kept.content = setAt(kept.content, path, value)),
    }
  })
  const deliver = (): void => {
    for (const draft of queue.splice(0)) windows.forEach(({ sync }) => sync.receive(draft))
  }
  return { windows, deliver, host: () => host.content as unknown as DraftContent }
}

const shared: DraftContent = { ...empty, config: { training: { epochs: 5, batchSize: 64 }, seed: 1 } }

test('two windows that edit different fields both have their way, and each hears of the other', async () => {
  const { windows, deliver, host } = twoWindows(shared)
  const [one, two] = windows
  one!.set('config.training.epochs', 9)
  two!.set('config.training.batchSize', 32)
  await one!.sync.save()
  await two!.sync.save()
  deliver()
  const wanted = { training: { epochs: 9, batchSize: 32 }, seed: 1 }
  for (const content of [one!.kept.content, two!.kept.content, host()])
    assert.deepEqual(content.config, wanted)
  assert.deepEqual(one!.kept.lost, [{ path: 'config.training.batchSize', value: 64 }])
  assert.deepEqual(two!.kept.lost, [{ path: 'config.training.epochs', value: 5 }])
})

test('of two windows that edit one field the later has its way, and the other can take it back', async () => {
  const { windows, deliver } = twoWindows(shared)
  const [one, two] = windows
  one!.set('config.training.epochs', 7)
  await one!.sync.save()
  deliver()
  two!.set('config.training.epochs', 8)
  await two!.sync.save()
  deliver()
  assert.deepEqual(one!.kept.content.config, { training: { epochs: 8, batchSize: 64 }, seed: 1 })
  assert.deepEqual(one!.kept.lost.at(-1), { path: 'config.training.epochs', value: 7 })
})

test('a value that is put back before the host has answered stays put back', async () => {
  const { windows, deliver, host } = twoWindows(shared)
  const [one] = windows
  one!.set('config.seed', 2)
  const sending = one!.sync.save()
  one!.set('config.seed', 1)
  deliver()
  assert.equal(one!.kept.content.config?.['seed'], 1)
  await sending
  one!.set('config.training.epochs', 6)
  await one!.sync.save()
  one!.set('config.training.epochs', 5)
  await one!.sync.save()
  deliver()
  assert.deepEqual(one!.kept.content, shared)
  assert.deepEqual(host(), shared)
})

test('what a window has not sent yet survives what comes in', async () => {
  const { windows, deliver } = twoWindows(shared)
  const [one, two] = windows
  two!.set('config.seed', 2)
  await two!.sync.save()
  one!.set('config.seed', 3)
  deliver()
  assert.equal(one!.kept.content.config?.['seed'], 3)
  await one!.sync.save()
  deliver()
  assert.equal(two!.kept.content.config?.['seed'], 3)
})

const [weightDecay] = fieldsOf({
  properties: { weightDecay: { type: 'number', description: 'Pulls weights towards zero', minimum: 0 } },
}) as [ReturnType<typeof fieldsOf>[number]]

test('a field is found by words of its title, path and explanation, in any order', () => {
  for (const text of ['', 'decay', 'ZERO weight', 'weightdecay'])
    assert.ok(fieldMatcher(text)(weightDecay), text)
  assert.equal(fieldMatcher('decay momentum')(weightDecay), false)
})

test('a field is varied about its value, within what it may be', () => {
  assert.deepEqual(firstSweep(weightDecay, 0.003).values, [0.001, 0.003, 0.009])
  assert.deepEqual(firstSweep(weightDecay, 0).values, [0, 0.1])
  const draft = {
    ...noSweep,
    fields: [{ ...firstSweep(weightDecay, 1), kind: 'log' as const }],
    budgetHours: 2,
  }
  const { fields, budgetMs } = sweepInput(draft)
  assert.deepEqual(fields[0]?.range, { from: 0.33, to: 3, scale: 'log', count: 3, isInteger: false })
  assert.equal(budgetMs, 7_200_000)
})

const gibibyte = 2 ** 30
const machine: Machine = {
  ...{
    memoryBytes: 16 * gibibyte,
    freeMemoryBytes: 8 * gibibyte,
    diskBytes: null,
    freeDiskBytes: 10 * gibibyte,
  },
  gpus: [{ name: 'cuda:0', title: 'A', memoryBytes: 80 * gibibyte, freeMemoryBytes: 70 * gibibyte }],
}
const needs = {
  ...{ trainCount: 1000, validationCount: 100, validations: 5, keptCheckpoints: 4 },
  ...{ fixedBytes: gibibyte, bytesPerImage: gibibyte / 16 },
}
const configOf = (batchSize: number, more: object = {}) => ({
  device: 'cpu',
  training: { batchSize },
  ...more,
})

test('a batch that fits fits, one that does not is told the largest that does', () => {
  assert.equal(memoryFinding(configOf(64), needs, machine).verdict, 'fits')
  assert.equal(memoryFinding(configOf(90), needs, machine).verdict, 'tight')
  const { verdict, remedy } = memoryFinding(configOf(256), needs, machine)
  // (0.9 · 8 − 1) GiB hold 99 images of a sixteenth, rounded down to eights.
  assert.deepEqual([verdict, remedy?.value], ['exceeds', 96])
  assert.equal(
    memoryFinding(configOf(256, { device: 'auto', backend: 'torch' }), needs, machine).verdict,
    'fits',
  )
  assert.match(
    memoryFinding(configOf(1), { ...needs, fixedBytes: 9 * gibibyte }, machine).advice,
    /Not even one/,
  )
  assert.equal(memoryFinding(configOf(1), null, machine).verdict, 'unknown')
})

const plan = { needs, stepsPerEpoch: 100, totalSteps: 500, checkpointBytes: gibibyte } as unknown as Plan
const probe: SpeedProbe = {
  ...{ backend: 'torch', device: 'cpu', steps: 20, batchSize: 10, stepMs: 20, dataMs: 1 },
  ...{ evaluationMsPerImage: 2, limitBytes: null, peakBytes: null },
}

test('time is that of all steps and validations, and waiting for images is told', () => {
  assert.deepEqual(timeOf(plan, probe), { epochMs: 100 * 20 + 200, totalMs: 500 * 20 + 5 * 200 })
  const slow = timeFinding(plan, { ...probe, dataMs: 10 }, 8, { data: { decodeThreads: 2 } }, 1)
  assert.deepEqual([slow.verdict, slow.remedy?.value], ['note', 8])
  assert.match(timeFinding(plan, probe, 8, {}, 3).text, /for all 3 runs/)
  assert.equal(timeFinding(plan, null, 8, {}, 1).verdict, 'unknown')
})

test('checkpoints of all runs are held against the disk', () => {
  assert.equal(diskFinding({}, plan, machine, 1).verdict, 'fits')
  assert.equal(diskFinding({}, plan, machine, 2).verdict, 'tight')
  const much = diskFinding({ checkpoints: { keepLast: 3 } }, plan, machine, 5)
  assert.deepEqual([much.verdict, much.remedy?.path], ['exceeds', 'checkpoints.keepLast'])
})

test('a measured speed holds for another length or schedule, and not for another batch or network', () => {
  const key = (training: object, more: object = {}): string =>
    probeKey({ model: { name: 'a' }, training, schedule: { name: 's' }, ...more }, 'd')
  const known = key({ batchSize: 64, epochs: 5 })
  assert.equal(key({ batchSize: 64, epochs: 9 }, { schedule: { name: 'other' } }), known)
  assert.notEqual(key({ batchSize: 32, epochs: 5 }), known)
  assert.notEqual(key({ batchSize: 64, epochs: 5 }, { model: { name: 'b' } }), known)
})
