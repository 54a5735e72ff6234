/** Queries of the table of runs, what goes along with a metric, and what keep rules leave. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expendable } from '../../../core/checkpoints/index.ts'
import type { Checkpoint } from '../../../core/contract/index.ts'
import { keepingPlan } from '../../../core/handlers/keepingPlan.ts'
import { ownRule } from '../../../renderer/panels/Run/keepRule.ts'
import { compileQuery } from '../../../renderer/panels/Runs/query/evaluate.ts'
import { QueryError } from '../../../renderer/panels/Runs/query/tokens.ts'
import { association, ranks } from '../../../renderer/panels/Runs/parallel/importance.ts'
import { fakeRun } from '../../e2e/fixtures/fakeThings.ts'

const known = {
  settings: [{ path: 'optimizer.options.momentum' }, { path: 'training.batchSize' }],
  series: ['val/top1'],
}
const run = { ...fakeRun(3), tags: ['paper'], status: 'finished' as const, elapsedMs: 3 * 3_600_000 }
const columns = new Map([
  ['training.batchSize', new Map([[run.id, 64]])],
  ['best(val/top1)', new Map([[run.id, 0.83]])],
])
const finds = (query: string): boolean => compileQuery(query, known).test(run, columns)

test('a query is read as people write it', () => {
  for (const query of [
    'best(val/top1) > 80% and tag = paper',
    'batchSize in (64, 128) or momentum < 0.9',
    'elapsed > 2h not status = failed',
    'momentum = none',
    'model = resnet* (trial or nothing-like-it)',
    // A share as the table shows it.
    'best(val/top1) > 82',
    'best(val/top1) = 83',
    'best(val/top1) = 83 % tag = paper',
    'best(val/top1) in (83, 84)',
    'top1 > 1.5 and top5 <= 100 and progress >= 0',
  ])
    assert.ok(finds(query), query)
  for (const query of [
    'best(val/top1) > 0.9',
    'tag != paper',
    'not finished',
    'batchSize = 128',
    'best(val/top1) > 84',
  ])
    assert.ok(!finds(query), query)
})

test('an error points at its place', () => {
  const placeOf = (query: string): string => {
    try {
      compileQuery(query, known)
    } catch (thrown) {
      assert.ok(thrown instanceof QueryError)
      return query.slice(thrown.from, thrown.to)
    }
    return assert.fail(query)
  }
  assert.equal(placeOf('tag = paper and (finished'), '(')
  assert.equal(placeOf('batchsizes > 3'), 'batchsizes')
  assert.equal(placeOf('batchSize > many'), 'many')
  assert.equal(placeOf('name = "open'), '"open')
  assert.equal(placeOf('= 3'), '=')
})

test('ranks and associations are those of scipy', () => {
  // scipy.stats.rankdata and spearmanr
  assert.deepEqual(ranks([3, 1, 3, 2]), [3.5, 1, 3.5, 2])
  const found = association([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])
  assert.ok(found && Math.abs(found.strength - 0.820_782_681_668_123_4) < 1e-12)
  assert.equal(association([1, 1, 1, 1], [1, 2, 3, 4]), null)
})

test('a run’s own keep rule is read from its configuration', () => {
  const checkpoints = { everyEpochs: 1, keepLast: 3, keepBest: 2, bestBy: 'loss', keepEveryEpochs: 10 }
  assert.deepEqual(ownRule({ checkpoints }), {
    ...{ keepLast: 3, keepBest: 2, bestBy: 'loss', keepEveryEpochs: 10 },
  })
  assert.equal(ownRule({ checkpoints: { keepLast: 'many' } }), null)
  assert.equal(ownRule({}), null)
})

test('what a rule would keep is what a trainer keeps by it', () => {
  const checkpoints = Array.from({ length: 12 }, (_, index): Checkpoint => {
    const step = (index + 1) * 50
    const metrics = index % 2 === 1 ? { 'val/top1': ((index * 7) % 11) / 11 } : undefined
    return {
      ...{
        id: `c-${step}`,
        runId: 'r',
        step,
        epoch: step / 100,
        name: `step-${step}`,
        path: '',
        sizeBytes: 1,
      },
      ...{ status: 'valid', isBest: false, isNewest: false, isPinned: index === 2, metrics: metrics ?? {} },
      ...{ createdAt: 0, label: '', removedAt: null },
    }
  })
  for (const rule of [
    { keepLast: 1, keepBest: 0, bestBy: 'top1' as const, keepEveryEpochs: 0 },
    { keepLast: 3, keepBest: 2, bestBy: 'top1' as const, keepEveryEpochs: 2 },
  ]) {
    const candidates = checkpoints.map(({ step, isPinned, metrics }) => ({
      ...{ step, stepsPerEpoch: 100, score: metrics['val/top1'] ?? null, isPinned },
    }))
    const going = keepingPlan(checkpoints, rule).filter(each => each.reasons.length === 0)
    assert.deepEqual(
      going.map(({ step }) => step),
      expendable(candidates, rule),
    )
  }
})
