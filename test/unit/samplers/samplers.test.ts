/** Samplers: what an epoch holds, in which order, and what they refuse. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { orderStream, permutation } from '../../../core/data/random.ts'
import { samplers } from '../../../core/samplers/index.ts'
import type { Draws, EpochPlan, SamplingSource } from '../../../core/samplers/shared/sampler.ts'

type Options = Record<string, unknown>
type Changes = Partial<SamplingSource>

const source = (changes: Changes = {}): SamplingSource => {
  const count = changes.count ?? 30
  return {
    count,
    labels: Int32Array.from({ length: count }, (_, at) => at % 5),
    batchSize: 6,
    ranks: 1,
    ...changes,
  }
}

function plan(name: string, options: Options, changes: Changes = {}): EpochPlan {
  return samplers.create({ name, options }, 'sampler').plan(source(changes))
}

function draw(
  name: string,
  options: Options,
  changes: Changes = {},
  [seed, epoch] = [3, 0],
): Draws & { readonly draws: number } {
  const planned = plan(name, options, changes)
  const { count } = source(changes)
  const drawn = planned.draw({
    permutation: round => permutation(seed, epoch, count, round),
    stream: () => orderStream(seed, epoch, count),
  })
  assert.equal(drawn.indices.length, planned.draws)
  const uses = [...drawn.indices].map((index, at) => `${index} ${drawn.copies?.[at] ?? 0}`)
  assert.equal(new Set(uses).size, uses.length, 'no image twice with the same copy number')
  assert.ok((drawn.copies ?? []).every(copy => copy < planned.copies))
  return { ...drawn, draws: planned.draws }
}

describe('shuffled', () => {
  it('is the permutation of the epoch', () => {
    assert.deepEqual(draw('shuffled', {}).indices, permutation(3, 0, 30))
    assert.equal(plan('shuffled', {}).copies, 1)
  })
})

describe('repeated-augmentation', () => {
  it('repeats each image of the permutation in a row, and ends after two epochs’ worth of draws', () => {
    const { draws, indices, copies } = draw('repeated-augmentation', {})
    assert.equal(draws, 60)
    const order = permutation(3, 0, 30)
    assert.deepEqual(
      [...indices],
      Array.from({ length: 60 }, (_, at) => order[Math.floor(at / 3)]),
    )
    assert.deepEqual(
      [...copies!],
      Array.from({ length: 60 }, (_, at) => at % 3),
    )
    assert.equal(new Set(indices).size, 20)
  })

  it('goes on with another permutation, and other copies, when the first is used up', () => {
    const { indices, copies } = draw('repeated-augmentation', { repeats: 2, epochFactor: 3.5 })
    assert.equal(indices.length, 105)
    assert.equal(indices[60], permutation(3, 0, 30, 1)[0])
    assert.deepEqual([...copies!.subarray(58, 64)], [0, 1, 2, 3, 2, 3])
    assert.notDeepEqual(permutation(3, 0, 30, 1), permutation(3, 0, 30))
  })

  it('depends on seed and epoch', () => {
    const of = (at: [number, number]) => draw('repeated-augmentation', {}, {}, at).indices.join()
    assert.equal(of([3, 1]), of([3, 1]))
    assert.notEqual(of([3, 1]), of([3, 0]))
    assert.notEqual(of([3, 1]), of([4, 1]))
  })

  it('refuses a batch that may hold no two copies of an image', () => {
    for (const [repeats, batchSize, ranks] of [
      [3, 2, 1],
      [3, 4, 2],
      [2, 1, 1],
    ] as const) {
      assert.throws(() => plan('repeated-augmentation', { repeats }, { batchSize, ranks }), {
        code: 'invalid-config',
        message: /^sampler\.options\.repeats: .*no two copies.*training\.batchSize gives each rank [12]\./,
      })
    }
    for (const [repeats, batchSize] of [
      [3, 3],
      [2, 2],
      [1, 1],
    ] as const)
      assert.doesNotThrow(() => plan('repeated-augmentation', { repeats }, { batchSize }))
  })
})

describe('distributed-repeats', () => {
  it('gives each rank every so-manieth draw, as DeiT and timm do', () => {
    const repeats = 3
    for (const ranks of [2, 3, 4]) {
      const part = 5
      const count = 64
      const options = { repeats, roundTo: 16 }
      const { indices, copies } = draw('distributed-repeats', options, {
        count,
        batchSize: part * ranks,
        ranks,
      })
      const order = permutation(3, 0, count)
      const repeated = Array.from({ length: count }, (_, at) => order[Math.floor(at / repeats)]!)
      const whole = Math.floor(count / (part * ranks))
      for (let rank = 0; rank < ranks; rank++) {
        const own = Array.from({ length: whole }, (_, batch) => {
          const from = batch * part * ranks + rank * part
          return [...indices.subarray(from, from + part)]
        }).flat()
        const theirs = repeated.filter((_, at) => at % ranks === rank)
        assert.deepEqual(own, theirs.slice(0, own.length), `rank ${rank} of ${ranks}`)
      }
      assert.ok(copies!.every(copy => copy < repeats))
    }
  })

  it('rounds the epoch down, except to nothing', () => {
    const draws = (count: number, roundTo: number) =>
      plan('distributed-repeats', { roundTo }, { count }).draws
    assert.deepEqual([draws(600, 256), draws(600, 0), draws(100, 256)], [512, 600, 100])
  })
})

describe('m-per-class', () => {
  it('fills each batch with different images of different classes, in rows', () => {
    const options = { imagesPerClass: 3 }
    const { draws, indices } = draw('m-per-class', options, { count: 100, batchSize: 9 })
    assert.equal(draws, 99)
    const pairs = new Set<string>()
    for (let batch = 0; batch < 11; batch++) {
      const drawn = [...indices.subarray(batch * 9, batch * 9 + 9)]
      const labels = drawn.map(index => index % 5)
      assert.equal(new Set(drawn).size, 9)
      for (const row of [0, 3, 6]) assert.equal(new Set(labels.slice(row, row + 3)).size, 1)
      assert.equal(new Set(labels).size, 3)
      pairs.add(labels.filter((_, at) => at % 3 === 0).join())
    }
    assert.ok(pairs.size > 5, 'other classes in each batch')
  })

  it('draws classes and images about equally often', () => {
    const { indices } = draw(
      'm-per-class',
      { imagesPerClass: 2, epochFactor: 60 },
      { count: 50, batchSize: 4 },
    )
    const counts = new Int32Array(50)
    for (const index of indices) counts[index]!++
    assert.equal(indices.length, 3000)
    for (const count of counts) assert.ok(Math.abs(count - 60) < 35, `${count} times`)
    const classes = [0, 1, 2, 3, 4].map(label => indices.filter(index => index % 5 === label).length)
    for (const count of classes) assert.ok(Math.abs(count - 600) < 110, `class: ${count}`)
  })

  it('repeats images of small classes only when told to, each time as another copy', () => {
    const labels = Int32Array.of(0, 0, 0, 0, 0, 1, 1, 2)
    const small = { count: 8, labels, batchSize: 8 }
    assert.throws(() => plan('m-per-class', {}, small), {
      code: 'invalid-config',
      message:
        /sampler\.options\.imagesPerClass: class 1 has 2 images, fewer than 4, and 1 more classes have too few\. .*repeatFew/,
    })
    const { indices } = draw('m-per-class', { repeatFew: true, epochFactor: 10 }, small)
    assert.ok(indices.includes(7))
  })

  it('refuses batches that classes do not fill evenly', () => {
    assert.throws(() => plan('m-per-class', { imagesPerClass: 4 }, { batchSize: 6 }), {
      code: 'invalid-config',
      message: /sampler\.options\.imagesPerClass: expected a divisor of training\.batchSize, which is 6/,
    })
    assert.throws(() => plan('m-per-class', { imagesPerClass: 4 }, { batchSize: 12, ranks: 2 }), {
      message: /for each rank, which is 6/,
    })
    assert.throws(() => plan('m-per-class', { imagesPerClass: 2 }, { batchSize: 12 }), {
      message:
        /training\.batchSize 12 asks for 6 classes of 2 images, there are 5\. Use a batch of at most 10/,
    })
  })
})
