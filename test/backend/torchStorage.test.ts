/** What the kernels of the backend `torch` take: tensors in 16 bits, tensors of other backends, strings, other shapes of the same data. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import { kernelCases } from '../../core/backend/kernel-cases.ts'
import type { CaseTensor, KernelCase } from '../../core/backend/kernel-cases.ts'
import { relativeError } from '../../core/backend/self-test.ts'
import { scalarTypes } from '../../core/backend/torch/binding.ts'
import type { TorchBackend } from '../../core/backend/torch/backend.ts'
import { withoutTorch } from './torchAddon.ts'

/** Twice the rounding of one value: results are rounded as their inputs are. */
const storages = { bfloat16: 2 ** -7, float16: 2 ** -10 } as const
type Storage = keyof typeof storages

describe('the backend torch', { skip: withoutTorch }, () => {
  before(async () => void (await startBackend('torch')))

  for (const [storage, tolerance] of Object.entries(storages)) {
    test(`computes on tensors stored as ${storage} what it does on their values in float32`, async () => {
      const differing: string[] = []
      for (const each of kernelCases) {
        const rounded = await computed(each, storage as Storage, 'float32')
        const halved = await computed(each, storage as Storage, storage as Storage)
        const errors = rounded.map((values, index) => relativeError(halved[index], values))
        // Sums of many products of both signs lose more than a single rounding.
        if (Math.max(...errors) > 4 * tolerance) differing.push(`${each.label}: ${Math.max(...errors)}`)
      }
      assert.deepEqual(differing, [])
    })
  }

  test('adds a tensor in 16 bits and one in 32 in the wider of the two', async () => {
    const wide = tf.tensor1d([1 + 2 ** -12])
    const narrow = cast(tf.tensor1d([1]), 'bfloat16')
    assert.deepEqual([...(await tf.add(wide, narrow).data())], [2 + 2 ** -12])
  })

  test('takes tensors of another backend, which it fetches', async () => {
    await startBackend('cpu')
    const [x, words] = [tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor1d(['a', 'b'])]
    await startBackend('torch')
    const before = tf.memory().numTensors
    const sums = tf.tidy(() => tf.sum(tf.add(x, x), 1).dataSync())
    assert.deepEqual([...sums], [6, 14])
    assert.deepEqual(
      tf.tidy(() => tf.slice(words, 1).arraySync()),
      ['b'],
    )
    assert.equal(tf.memory().numTensors, before)
    assert.deepEqual([...(await x.data())], [1, 2, 3, 4])
    tf.dispose([x, words])
  })

  test('keeps the data of a reshaped tensor until the last of its tensors goes', async () => {
    const { addon } = tf.backend() as TorchBackend
    const count = addon.count()
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
    const flat = tf.reshape(x, [4])
    const copy = tf.clone(flat)
    x.dispose()
    flat.dispose()
    assert.deepEqual([...(await copy.data())], [1, 2, 3, 4])
    copy.dispose()
    assert.equal(addon.count(), count)
  })

  test('says that it computes in 32 bits, whatever single tensors are stored in', () => {
    assert.equal(tf.backend().floatPrecision(), 32)
    assert.equal(tf.backend().epsilon(), 1e-7)
  })

  test('gives copies: what a reader does with them changes no tensor', async () => {
    const x = tf.tensor1d([1, 2])
    ;(await x.data())[0] = 7
    assert.deepEqual([...(await x.data())], [1, 2])
    x.dispose()
  })
})

/** @param grid to which inputs are rounded @param storage in which they are stored then */
async function computed(
  each: KernelCase,
  grid: Storage,
  storage: Storage | 'float32',
): Promise<Float32Array[]> {
  const outputs = tf.tidy(() => {
    const place = ({ values, shape }: CaseTensor): tf.Tensor => {
      const rounded = cast(tf.tensor(values, [...shape]), grid)
      return storage === 'float32' ? cast(rounded, 'float32') : rounded
    }
    const inputs = Array.isArray(each.inputs)
      ? each.inputs.map(place)
      : Object.fromEntries(Object.entries(each.inputs).map(([name, input]) => [name, place(input)]))
    const made = tf
      .engine()
      .runKernel(each.kernel, inputs as tf.NamedTensorMap, each.attributes as tf.NamedAttrMap)
    return Array.isArray(made) ? made : [made]
  })
  const arrays: Float32Array[] = []
  for (const output of outputs) arrays.push(Float32Array.from(await output.data()))
  tf.dispose(outputs)
  return arrays
}

function cast(x: tf.Tensor, storage: keyof typeof scalarTypes): tf.Tensor {
  return tf.engine().runKernel('StorageCast', { x }, { storage })
}
