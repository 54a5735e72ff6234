/** A checkpoint judged as settings say, with the power of its pooling chosen. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { EvaluationReport, EvaluationSettings } from '../../../core/contract/index.ts'
import { gridPowers } from '../../../core/processes/judge.ts'
import { evaluate } from '../../../core/processes/tasks/evaluate.ts'
import { train } from '../../../core/training/index.ts'
import { recorder, tinyOrder, tinyPlace, type TinyPlace } from '../../crash/tinyRun.ts'

let place: TinyPlace
let checkpointPath: string
const quiet = { progress: () => {}, throwIfCancelled: () => {} }

before(async () => {
  place = await tinyPlace()
  const ports = recorder()
  const options = { width: 2, pooling: 'gem' }
  await train(tinyOrder(place, { 'model.options': options, 'training.epochs': 1 }), ports)
  checkpointPath = ports.of('checkpoint').at(-1)!.checkpoint.path
})
after(() => place.remove())

const run = (settings: Partial<EvaluationSettings>) => {
  const reportPath = join(place.folder, `${JSON.stringify(settings).length}.json`)
  const whole = EvaluationSettings.parse(settings)
  const order = { checkpointPath, dataset: place.dataset, split: 'train', reportPath } as const
  return evaluate.run({ ...order, settings: whole }, quiet).then(figures => {
    const report: unknown = JSON.parse(readFileSync(reportPath, 'utf8'))
    return { figures, report: EvaluationReport.omit({ path: true }).parse(report) }
  })
}

test('the best of the powers is no worse than any other', async () => {
  for (const kind of ['retrieval', 'classification'] as const) {
    const { figures } = await run({ kind, power: 'grid' })
    assert.ok(gridPowers.some(power => power === figures.power))
    const { figures: usual } = await run({ kind, power: 3 })
    const score = ({ retrieval, top1 }: typeof figures) => retrieval?.[0]!.map ?? top1 ?? 0
    assert.ok(score(figures) >= score(usual))
    assert.equal(usual.power, null)
  }
})

test('reports hold what the contract says: classes and confusions, or queries', async () => {
  const { report } = await run({})
  assert.deepEqual([report.classes.length, report.calibration.length, report.queries.length], [3, 15, 0])
  const wrong = report.confusions.reduce((sum, { count }) => sum + count, 0)
  const right = report.classes.reduce((sum, { imageCount, top1 }) => sum + imageCount * (top1 ?? 0), 0)
  assert.equal(Math.round(right) + wrong, 22)
  const { report: queries } = await run({ kind: 'retrieval', queries: 4 })
  assert.deepEqual([queries.classes.length, queries.queries.length], [0, 4])
})
