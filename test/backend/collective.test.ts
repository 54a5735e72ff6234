/** Collectives through libtorch's c10d, between real processes. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { withoutTorch } from './torchAddon.ts'

interface Outcome {
  /** Shape and values of each. */
  readonly mean: readonly (readonly [number[], number[]])[]
  readonly broadcast: unknown
  readonly integers: unknown
  readonly sum: readonly number[]
  readonly shared: readonly string[]
  readonly nccl: string
  readonly left: readonly number[]
  readonly transport: string
  readonly parameters: number
  readonly difference: number
  readonly largest: number
  /** With batch norm over all ranks. */
  readonly synchronised: { readonly difference: number; readonly largest: number }
}

const world = 3

describe('three ranks', { skip: withoutTorch }, () => {
  let folder: string
  let outcomes: Outcome[]
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multigrain-collective-'))
    const script = join(import.meta.dirname, 'collectiveRank.ts')
    const env = { ...process.env, OMP_NUM_THREADS: '1' }
    const ranks = Array.from({ length: world }, (_, rank) =>
      promisify(execFile)(process.execPath, [script, `${rank}`, `${world}`, join(folder, 'meeting')], {
        env,
      }),
    )
    outcomes = (await Promise.all(ranks)).map(({ stdout }) => JSON.parse(stdout) as Outcome)
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('average tensors of any shape, in one call', () => {
    for (const { mean, transport } of outcomes) {
      assert.deepEqual(
        mean.map(([shape]) => shape),
        [[3, 5], [3], []],
      )
      const wanted = [...new Array<number>(15).fill(1), 1, 1, -1, 7 / 3]
      for (const [at, value] of mean.flatMap(([, values]) => values).entries())
        assert.ok(Math.abs(value - wanted[at]!) < 1e-6, `${value} against ${wanted[at]}`)
      assert.equal(transport, 'gloo')
    }
  })

  it('take over the first one’s values, and keep their own tensors as they are', () => {
    for (const [rank, { broadcast, integers }] of outcomes.entries()) {
      assert.deepEqual(broadcast, [
        [1, 2],
        [0, 0],
        [rank, 10 * rank],
      ])
      assert.deepEqual(integers, ['int32', [7]])
    }
  })

  it('sum numbers in double precision, and share text', () => {
    for (const { sum, shared } of outcomes) {
      assert.deepEqual(sum, [3, 3 * 2 ** -40, 3e15])
      assert.deepEqual(shared, ['first ✓', ''])
    }
  })

  it('have the gradients of the whole batch, to 1e-5', () => {
    for (const { difference, largest, parameters } of outcomes) {
      assert.ok(largest > 1e-3, 'there is nothing to compare')
      assert.ok(difference <= 1e-5, `they differ by ${difference}`)
      assert.equal(parameters, 59) // of ResNet-20: 19 convolutions, their batch norms, and the classifier
    }
  })

  it('share the statistics of batch norm, so that gradients in training mode are those of the whole batch', () => {
    for (const { synchronised } of outcomes) {
      assert.ok(synchronised.largest > 1e-2, 'there is nothing to compare')
      assert.ok(synchronised.difference <= 1e-4 * synchronised.largest, JSON.stringify(synchronised))
    }
  })

  it('leave no tensor behind', () => {
    for (const { left } of outcomes) assert.deepEqual(left, [0, 0])
  })

  it('say when NCCL is not there', () => {
    for (const { nccl } of outcomes)
      assert.match(nccl, /^no-transport: this libtorch \(\d.*\) comes without NCCL$|has CUDA/)
  })
})
