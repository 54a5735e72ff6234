/** The lines of each original, held to what Python prints: test/fixtures/training/log-lines.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { checkpointName } from '../../../core/checkpoints/index.ts'
import { logFormats } from '../../../core/experiment/index.ts'
import { createRunLog } from '../../../core/training/logFormats/index.ts'

type Numbers = Record<
  | 'step'
  | 'seconds'
  | 'dataSeconds'
  | 'loss'
  | 'top1'
  | 'top5'
  | 'count'
  | 'imagesPerSecond'
  | 'totalLoss'
  | 'learningRate',
  number
>
const names = ['mindspore', 'pytorch', 'slim'] as const
type Name = (typeof names)[number]
interface Fixture {
  stepsPerEpoch: number
  epochs: number
  steps: (Numbers & Record<Name, string> & { epochLines?: string[] })[]
  evaluations: (Record<'step' | 'epoch' | 'imageCount' | 'top1' | 'top5' | 'loss', number> &
    Record<Name, string[]>)[]
}
const path = new URL('../../fixtures/training/log-lines.json', import.meta.url)
const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture

describe('log formats', () => {
  for (const name of names) {
    it(`${name}: a step's line, with the means of its epoch`, () => {
      const log = createRunLog(name, fixture)
      for (const each of fixture.steps) {
        const lines = log.add(each.step, each, each.count)
        assert.equal(log.stepLine(each), each[name])
        assert.deepEqual(lines, name === 'mindspore' ? (each.epochLines ?? []) : [])
      }
    })

    it(`${name}: the lines of an evaluation`, () => {
      const log = createRunLog(name, fixture)
      for (const each of fixture.evaluations) {
        const place = { checkpoint: checkpointName(each.step), at: new Date('2020-09-02T00:40:10.9Z') }
        assert.deepEqual(log.evaluationLines({ ...each, ...place }), each[name])
      }
    })
  }

  it('there is one for every name that a configuration may have', () => {
    for (const name of logFormats) assert.ok(createRunLog(name, fixture).evaluationLines)
  })

  it('numbers that are none are written as Python writes them', () => {
    const log = createRunLog('pytorch', fixture)
    const none = { seconds: 1, dataSeconds: 0, loss: NaN, top1: 0, top5: 0 }
    log.add(1, none, 4)
    const line = log.stepLine({ imagesPerSecond: 1, totalLoss: Infinity, learningRate: 0 })
    assert.match(line, /Loss nan \(nan\)/)
  })
})
