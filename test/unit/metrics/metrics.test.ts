/** Metrics against torch; numbers by test/fixtures/training/metrics.py. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { metrics } from '../../../core/metrics/index.ts'

interface Case {
  classCount: number
  logits: number[]
  labels: number[]
  loss: number
  top1: number
  top5: number
}
const fixture = new URL('../../fixtures/training/metrics.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] }

describe('metrics', () => {
  for (const name of ['loss', 'top1', 'top5'] as const) {
    it(`${name} equals torch's, however the images are batched`, () => {
      for (const each of cases) {
        for (const batchSize of [1, 4, 17]) {
          const difference = Math.abs(measure(name, each, batchSize) - each[name])
          assert.ok(difference < 1e-6, `${name} with ${each.classCount} classes in batches of ${batchSize}`)
        }
      }
    })

    it(`${name} is NaN before the first image`, () =>
      assert.ok(Number.isNaN(metrics.create({ name }).value())))
  }

  it('counts ties against the network', () => {
    assert.equal(value('top1', [1, 1, 0], [0], 3), 0)
    assert.equal(value('top1', [1, 0.5, 0], [0], 3), 1)
    assert.equal(value('top5', Array<number>(6).fill(0), [2], 6), 0)
  })

  it('counts every image as a top-5 hit where there are five classes or fewer', () => {
    assert.equal(value('top5', [0, 1, 2, 3, 4], [0], 5), 1)
    assert.equal(value('top5', [0, 0], [0], 2), 1)
  })

  it('counts a logit that is not a number as a miss', () => {
    assert.equal(value('top1', [NaN, 0], [0], 2), 0)
    assert.equal(value('top5', [NaN, 0], [0], 2), 0)
    assert.equal(value('top1', [NaN, 1, 0], [1], 3), 0)
  })

  it('does not overflow on large logits', () => {
    assert.equal(value('loss', [1000, 0], [0], 2), 0)
    assert.equal(value('loss', [1000, 0], [1], 2), 1000)
  })
})

function measure(name: string, { logits, labels, classCount }: Case, batchSize: number): number {
  const metric = metrics.create({ name })
  for (let start = 0; start < labels.length; start += batchSize) {
    const end = Math.min(labels.length, start + batchSize)
    metric.add({
      logits: Float32Array.from(logits.slice(start * classCount, end * classCount)),
      labels: Int32Array.from(labels.slice(start, end)),
      classCount,
    })
  }
  return metric.value()
}

function value(name: string, logits: number[], labels: number[], classCount: number): number {
  const metric = metrics.create({ name })
  metric.add({ logits: Float32Array.from(logits), labels: Int32Array.from(labels), classCount })
  return metric.value()
}
