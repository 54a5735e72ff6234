import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  cochranQ,
  holm,
  mcnemar,
  pairedDifference,
  wilcoxon,
} from '../../../core/evaluation/comparisonStatistics.ts'

interface Truth {
  readonly mcnemar: readonly { lost: number; gained: number; p: number }[]
  readonly difference: readonly { lost: number; gained: number; count: number; interval: number[] }[]
  readonly cochran: readonly { rows: number[][]; value: [number, number] }[]
  readonly wilcoxon: readonly { differences: number[]; value: [number, number] }[]
  readonly wilcoxonMany: readonly { differences: number[]; value: [number, number] }[]
  readonly holm: readonly { ps: number[]; adjusted: number[] }[]
}
const file = join(import.meta.dirname, '../../fixtures/comparison/statistics.json')
const truth = JSON.parse(readFileSync(file, 'utf8')) as Truth

function close(got: number, expected: number, tolerance: number, where: string): void {
  const scale = Math.max(Math.abs(expected), 1e-12)
  assert.ok(Math.abs(got - expected) <= tolerance * scale, `${where}: expected ${expected}, got ${got}`)
}

test('McNemar is the binomial test in whole numbers', () => {
  for (const { lost, gained, p } of truth.mcnemar) close(mcnemar(lost, gained), p, 1e-10, `${lost}/${gained}`)
})

test('the interval of the difference is the score interval that a search over the likelihood finds', () => {
  for (const { lost, gained, count, interval } of truth.difference) {
    const got = pairedDifference(lost, gained, count)
    ;[got.estimate, got.low, got.high].forEach((value, at) =>
      assert.ok(
        Math.abs(value - interval[at]!) < 2e-7,
        `${lost}/${gained} of ${count}: ${value}, ${interval[at]}`,
      ),
    )
  }
})

test("Cochran's Q agrees with its definition and closed forms of chi-square", () => {
  for (const { rows, value } of truth.cochran) {
    const k = rows[0]!.length
    const right = Array.from({ length: k }, (_, j) => rows.reduce((sum, row) => sum + row[j]!, 0))
    const agreement = Array.from({ length: k + 1 }, () => 0)
    for (const row of rows) agreement[row.reduce((sum, each) => sum + each, 0)]!++
    const { q, p } = cochranQ(right, agreement)
    close(q, value[0], 1e-10, 'Q')
    close(p, value[1], 1e-8, 'p')
  }
  assert.deepEqual(cochranQ([3, 3], [2, 0, 3]), { q: 0, p: 1 })
})

test('the signed-rank test agrees with every choice of signs, ties and zeros included', () => {
  for (const { differences, value } of truth.wilcoxon) {
    const got = wilcoxon(differences)
    assert.equal(got.isExact, true)
    close(got.rankSum, value[0], 0, 'rank sum')
    close(got.p, value[1], 1e-12, 'p')
  }
  for (const { differences, value } of truth.wilcoxonMany) {
    const got = wilcoxon(differences)
    close(got.rankSum, value[0], 0, 'rank sum')
    close(got.p, value[1], got.isExact ? 1e-10 : 0.02, `p of ${got.count}`)
  }
  assert.deepEqual(wilcoxon([0, 0]), { rankSum: 0, count: 0, p: 1, isExact: true })
})

test("Holm's adjustment", () => {
  for (const { ps, adjusted } of truth.holm)
    holm(ps).forEach((value, at) => close(value, adjusted[at]!, 1e-12, `p ${ps[at]}`))
})
