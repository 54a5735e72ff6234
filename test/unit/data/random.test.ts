/** Randomness: pure, well spread, fast. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { permutation, randomStream, stratifiedChoice } from '../../../core/data/index.ts'

describe('randomStream', () => {
  it('is a pure function of all its arguments', () => {
    const first = (...key: [number, number, number, number]) =>
      Array.from({ length: 4 }, randomStream(...key)).join()
    assert.equal(first(1, 2, 3, 4), first(1, 2, 3, 4))
    const keys: [number, number, number, number][] = []
    for (const seed of [0, 1, 2 ** 32, 2 ** 53 - 1]) {
      for (let epoch = 0; epoch < 4; epoch++) {
        for (let index = 0; index < 50; index++)
          for (let copy = 0; copy < 3; copy++) keys.push([seed, epoch, index, copy])
      }
    }
    assert.equal(new Set(keys.map(key => first(...key))).size, keys.length)
  })

  it('is uniform over neighbouring keys: mean, spread, and the bits of first and second draws', () => {
    const count = 20000
    for (const draw of [0, 1, 5]) {
      const values = Array.from({ length: count }, (_, index) => {
        const random = randomStream(0, 0, index, 0)
        for (let skipped = 0; skipped < draw; skipped++) random()
        return random()
      })
      assert.ok(values.every(value => value >= 0 && value < 1))
      const cells = new Array<number>(100).fill(0)
      for (const value of values) cells[Math.floor(value * 100)]!++
      const chiSquare = cells.reduce((sum, cell) => sum + (cell - count / 100) ** 2 / (count / 100), 0)
      assert.ok(chiSquare > 60 && chiSquare < 150, `chi square ${chiSquare} with 99 degrees of freedom`)
      const neighbours =
        values.slice(1).reduce((sum, value, at) => sum + (value - 0.5) * (values[at]! - 0.5), 0) / count
      assert.ok(Math.abs(neighbours) < 0.003, `neighbours correlate by ${neighbours}`)
    }
  })
})

describe('permutation', () => {
  it('is a permutation that depends on seed and epoch', () => {
    for (const count of [1, 2, 7, 1000]) {
      const sorted = [...permutation(3, 1, count)].sort((one, other) => one - other)
      assert.deepEqual(
        sorted,
        Array.from({ length: count }, (_, at) => at),
      )
    }
    assert.deepEqual(permutation(3, 1, 1000), permutation(3, 1, 1000))
    assert.notDeepEqual(permutation(3, 1, 1000), permutation(3, 2, 1000))
    assert.notDeepEqual(permutation(3, 1, 1000), permutation(4, 1, 1000))
  })

  it('puts every element everywhere about equally often', () => {
    const counts = Array.from({ length: 6 }, () => new Array<number>(6).fill(0))
    for (let epoch = 0; epoch < 6000; epoch++)
      permutation(9, epoch, 6).forEach((value, place) => counts[place]![value]!++)
    for (const row of counts) for (const count of row) assert.ok(Math.abs(count - 1000) < 130, String(count))
  })

  it('takes well under a second for all of ImageNet', () => {
    const began = performance.now()
    assert.equal(permutation(0, 0, 1_281_167).length, 1_281_167)
    assert.ok(performance.now() - began < 1000)
  })
})

describe('stratifiedChoice', () => {
  it('takes the share of the whole exactly and of each class nearly', () => {
    const labels = Int32Array.from({ length: 1003 }, (_, at) => (at * at) % 7)
    const { chosen, rest } = stratifiedChoice(labels, 0.1, 0)
    assert.equal(chosen.length, 100)
    assert.equal(rest.length, 903)
    assert.equal(new Set([...chosen, ...rest]).size, 1003)
    for (const label of new Set(labels)) {
      const whole = labels.filter(each => each === label).length
      const part = chosen.filter(index => labels[index] === label).length
      assert.ok(Math.abs(part - whole / 10) < 1, `class ${label}: ${part} of ${whole}`)
    }
  })

  it('leaves every class something in both parts where it can', () => {
    const { chosen, rest } = stratifiedChoice(Int32Array.of(0, 0, 0, 1, 1, 2), 0.1, 0)
    assert.deepEqual(
      [...chosen].map(index => [0, 0, 0, 1, 1, 2][index]),
      [0, 1],
    )
    assert.equal(rest.length, 4)
    assert.equal(stratifiedChoice(Int32Array.of(0, 0, 1, 1), 0, 0).chosen.length, 0)
  })
})
