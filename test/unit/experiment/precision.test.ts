/** Levels of precision: what each amounts to, what overrides it, and what is refused before a run starts. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  applySet,
  checkConfig,
  parseConfig,
  parseYaml,
  resolvePrecision,
  toYaml,
} from '../../../core/experiment/index.ts'

const base = { model: 'resnet50' }

function resolved(...assignments: string[]) {
  const config = assignments.reduce<Record<string, unknown>>((all, each) => applySet(all, each), base)
  return resolvePrecision(parseConfig(config).precision)
}

function issuesOf(...assignments: string[]) {
  return checkConfig(assignments.reduce<Record<string, unknown>>((all, each) => applySet(all, each), base))
    .issues
}

describe('levels', () => {
  const f32 = 'float32'
  for (const [level, compute, storage, weights] of [
    ['O0', f32, f32, f32],
    ['O1', 'bfloat16', f32, f32],
    ['O2', 'bfloat16', 'bfloat16', f32],
    ['O3', 'bfloat16', 'bfloat16', 'bfloat16'],
  ]) {
    it(`${level} computes in ${compute}, keeps activations in ${storage} and weights in ${weights}, unscaled`, () => {
      const { lossScale, ...types } = resolved(`precision.level=${level}`)
      assert.deepEqual(types, { compute, storage, weights })
      assert.deepEqual([lossScale.mode, lossScale.value], ['none', 1])
    })
  }

  it('is O0 when nothing is said, and O1 and O2 in float16 scale the loss as GradScaler does', () => {
    assert.equal(resolved().compute, f32)
    for (const level of ['O1', 'O2']) {
      const { compute, lossScale } = resolved(`precision.level=${level}`, 'precision.compute=float16')
      assert.equal(compute, 'float16')
      assert.deepEqual(lossScale, {
        mode: 'dynamic',
        value: 65536,
        growthInterval: 2000,
        growthFactor: 2,
        backoff: 0.5,
        max: 2 ** 24,
      })
    }
    assert.equal(resolved('precision.level=O3', 'precision.compute=float16').lossScale.mode, 'none')
  })

  it('gives way to fields that are set', () => {
    const types = resolved(
      'precision.level=O3',
      'precision.weights=float32',
      'precision.storage=float32',
      'precision.lossScale.mode=static',
      'precision.lossScale.value=1024',
    )
    assert.equal(types.compute, 'bfloat16')
    assert.deepEqual([types.storage, types.weights], [f32, f32])
    assert.deepEqual([types.lossScale.mode, types.lossScale.value], ['static', 1024])
  })
})

describe('a precision that cannot be', () => {
  it('keeps 16 bits of one kind and computes in another', () => {
    const [issue] = issuesOf('precision.compute=float16', 'precision.storage=bfloat16')
    assert.equal(issue?.path, 'precision.storage')
    assert.match(issue.message, /expected float32 or float16, as precision\.compute is float16, got bfloat16/)
  })

  it('starts a dynamic scale above its limit', () => {
    const issues = issuesOf('precision.level=O2', 'precision.compute=float16', 'precision.lossScale.max=1024')
    assert.deepEqual(
      issues.map(({ path }) => path),
      ['precision.lossScale.value'],
    )
  })

  it('asks a backend for 16 bits that has float32 alone: field, backend and remedy are named', () => {
    for (const backend of ['wasm', 'cpu', 'webgpu', 'tensorflow']) {
      const [issue, ...others] = issuesOf('precision.level=O2', `backend=${backend}`)
      assert.equal(others.length, 0)
      assert.equal(issue?.path, 'precision.level')
      assert.match(
        issue.message,
        new RegExp(`'${backend}' computes in float32 alone, not in bfloat16\\. Set precision\\.level to O0`),
      )
      assert.deepEqual(issuesOf('precision.level=O0', `backend=${backend}`), [])
    }
    assert.equal(issuesOf('precision.compute=float16', 'backend=wasm')[0]?.path, 'precision.compute')
  })

  it('has a level or field of an unknown name or out of range', () => {
    assert.match(issuesOf('precision.level=O4')[0]?.message ?? '', /expected one of O0, O1, O2, O3, got 'O4'/)
    assert.match(
      issuesOf('precision.lossScale.backoff=1')[0]?.message ?? '',
      /expected a number above 0 and below 1, got 1/,
    )
    assert.throws(() => applySet(base, 'precision.lossScal.value=2'), /unknown name.*lossScale/)
  })
})

it('YAML explains every field, and reads back as it was', () => {
  const config = parseConfig({ ...base, precision: { level: 'O2', lossScale: { value: 1024 } } })
  const text = toYaml({ ...config })
  assert.match(text, /level: O2 # O0: float32 throughout/)
  assert.match(text, /growthInterval: 2000 # .*steps/)
  assert.deepEqual(parseConfig(parseYaml(text, 'a file')), config)
})
