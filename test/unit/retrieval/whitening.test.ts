/** Eigenvectors and PCA whitening against numpy (fixtures/retrieval/eigen.py), and the classifier that goes with it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it, test } from 'node:test'
import { startBackend } from '../../../core/backend/index.ts'
import { parseSafetensors } from '../../../core/checkpoints/safetensors.ts'
import { inMemory } from '../../../core/retrieval/embeddings.ts'
import { writeWhitening } from '../../../core/retrieval/whitening/file.ts'
import { principalComponents } from '../../../core/retrieval/whitening/principal.ts'
import { symmetricEigen } from '../../../core/retrieval/whitening/symmetricEigen.ts'
import {
  beforeWhitening,
  foldClassifier,
  whiten,
  whitened,
  whiteningOf,
} from '../../../core/retrieval/whitening/whitening.ts'
import { withoutTorch } from '../../backend/torchAddon.ts'

interface Fixture {
  eigen: { matrix: number[]; values: number[]; vectors: number[] }[]
  whitening: Record<
    'embeddings' | 'weight' | 'bias' | 'variances' | 'similarities' | 'logits' | 'plainArgmax',
    number[]
  > & { width: number }
}
const file = new URL('../../fixtures/retrieval/eigen.json', import.meta.url)
const { eigen, whitening: expected } = JSON.parse(readFileSync(file, 'utf8')) as Fixture
const quiet = { progress: () => {}, isCancelled: () => false }

test('eigenvalues and eigenvectors are those of numpy', async () => {
  for (const { matrix, values, vectors } of eigen) {
    const n = values.length
    const found = await symmetricEigen(Float64Array.from(matrix), n)
    assertClose([...found.values], values, 1e-12)
    for (let j = 0; j < n; j++) {
      const isSingle = values.every((value, other) => other === j || Math.abs(value - values[j]!) > 1e-6)
      if (!isSingle) continue
      const row = (of: ArrayLike<number>) => Array.from({ length: n }, (_, c) => of[j * n + c]!)
      const sign = Math.sign(row(found.vectors).reduce((sum, x, c) => sum + x * row(vectors)[c]!, 0))
      assertClose(
        row(found.vectors),
        row(vectors).map(x => x * sign),
        1e-10,
      )
    }
  }
})

test('eigenvectors of equal values still span the whole space', async () => {
  const { matrix, values } = eigen[4]!
  const { vectors } = await symmetricEigen(Float64Array.from(matrix), values.length)
  const n = values.length
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let c = 0; c < n; c++) sum += vectors[i * n + c]! * vectors[j * n + c]!
      assert.ok(Math.abs(sum - (i === j ? 1 : 0)) < 1e-12)
    }
})

test('a matrix with a value that is not finite is refused', async () => {
  await assert.rejects(symmetricEigen(Float64Array.of(1, NaN, NaN, 1), 2), { code: 'not-finite' })
})

for (const backend of ['cpu', 'torch'])
  describe(`whitening on ${backend}`, { skip: backend === 'torch' && withoutTorch }, () => {
    before(() => startBackend(backend))

    it('gives the similarities that numpy gives', async () => {
      const { whitening, rows } = await learn()
      assertClose(
        whitening.deviations.map(x => x * x),
        expected.variances,
        1e-6,
      )
      const { width, apply } = whitened(whitening)
      assert.equal(width(expected.width), expected.width + 1)
      const v = await apply(rows, expected.width)
      const count = v.length / whitening.width
      const similarities = Array.from({ length: 6 * count }, (_, at) => {
        let sum = 0
        for (let c = 0; c < whitening.width; c++)
          sum += v[Math.floor(at / count) * whitening.width + c]! * v[(at % count) * whitening.width + c]!
        return sum
      })
      assertClose(similarities, expected.similarities, 1e-4)
    })
  })

test('the folded classifier gives [W b]·ê, and every image keeps its class', async () => {
  await startBackend('cpu')
  const { whitening, rows } = await learn()
  const folded = foldClassifier(expected, whitening)
  const e = beforeWhitening(true).apply(rows, expected.width)
  const v = whiten(whitening, e)
  const classCount = expected.bias.length
  const count = v.length / whitening.width
  const logits = Array.from({ length: count * classCount }, (_, at) => {
    const [image, k] = [Math.floor(at / classCount), at % classCount]
    let sum = folded.bias[k]!
    for (let j = 0; j < whitening.width; j++)
      sum += folded.weight[k * whitening.width + j]! * v[image * whitening.width + j]!
    return sum
  })
  assertClose(logits, expected.logits, 1e-5)
  for (let image = 0; image < count; image++) {
    const own = logits.slice(image * classCount, (image + 1) * classCount)
    assert.equal(own.indexOf(Math.max(...own)), expected.plainArgmax[image])
  }
})

test('too few images, images all alike, and other widths are refused', async () => {
  await startBackend('cpu')
  const one = inMemory(Float32Array.of(1, 0), 2, [0], [0])
  await assert.rejects(principalComponents(one, quiet), /at least 2 images/)
  const alike = inMemory(Float32Array.of(1, 0, 1, 0), 2, [0, 1], [0, 0])
  const principal = await principalComponents(alike, quiet)
  assert.throws(() => whiteningOf(principal!, true), /all embeddings are the same/)
  const { whitening } = await learn()
  assert.throws(() => whitened(whitening).width(7), /learned for embeddings of 5 values, got 7/)
  assert.equal(await principalComponents(one2(), { ...quiet, isCancelled: () => true }), null)
})

test('the file holds mean, projection and classifier', async () => {
  await startBackend('cpu')
  const { whitening } = await learn()
  const folder = await mkdtemp(join(tmpdir(), 'whitening-'))
  try {
    const path = join(folder, 'whitening.safetensors')
    await writeWhitening(path, whitening, foldClassifier(expected, whitening), { size: '224' })
    const { tensors, metadata } = parseSafetensors(await readFile(path), path)
    const shapes = [...tensors].map(([name, { shape }]) => [name, [...shape]])
    assert.deepEqual(shapes, [
      ['whitening.mean', [6]],
      ['whitening.projection', [6, 6]],
      ['classifier.weight', [4, 6]],
      ['classifier.bias', [4]],
    ])
    assert.deepEqual([metadata.get('appendsOne'), metadata.get('size')], ['true', '224'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

async function learn() {
  const rows = Float32Array.from(expected.embeddings)
  const e = beforeWhitening(true).apply(rows, expected.width)
  const indices = Array.from({ length: rows.length / expected.width }, (_, index) => index)
  const principal = await principalComponents(inMemory(e, expected.width + 1, indices, indices), quiet)
  return { whitening: whiteningOf(principal!, true), rows }
}

function one2() {
  return inMemory(Float32Array.of(1, 0, 0, 1), 2, [0, 1], [0, 0])
}

function assertClose(actual: ArrayLike<number>, wanted: readonly number[], tolerance: number): void {
  assert.equal(actual.length, wanted.length)
  wanted.forEach((value, at) => {
    const difference = Math.abs(actual[at]! - value)
    assert.ok(difference <= tolerance * Math.max(1, Math.abs(value)), `${at}: ${actual[at]} is not ${value}`)
  })
}
