/**
 * The fused kernels of the backend torch against their references on plain JavaScript: our passes on every instruction set that the
 * processor has, and the compositions of libtorch's operators, which is what CUDA runs.
 */
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import type { TorchAddon } from '../../core/backend/torch/binding.ts'
import { compute, computeHere, largestError, noise } from './cases.ts'
import type { Call } from './cases.ts'
import { gemCalls, normCalls, normShapes } from './fusedCalls.ts'
import { loadAddon } from '../../core/backend/torch/load.ts'
import { withoutTorch } from './torchAddon.ts'

const addon = withoutTorch ? null : loadAddon()
const names = ['any processor', 'AVX2', 'AVX-512', 'AVX-512 with bfloat16']

/** Every way that an operation may go on this machine. */
function waysOf(torch: TorchAddon): { readonly name: string; enter(): void }[] {
  const fastest = torch.instructionSet()
  const passes = names.slice(0, fastest + 1).map((name, level) => ({
    name: `passes for ${name}`,
    enter: () => void torch.setInstructionSet(level),
  }))
  after(() => {
    torch.setInstructionSet(fastest)
    torch.setCompositionOnly(false)
  })
  return [...passes, { name: "libtorch's operators", enter: () => torch.setCompositionOnly(true) }]
}

const calls = [
  ...normShapes.flatMap(shape => normCalls(shape).map(call => ({ ...call, of: shape.join('x') }))),
  ...gemCalls(),
]

if (addon === null) test('fused kernels of the backend torch', { skip: withoutTorch }, () => {})
else {
  for (const { name, enter } of waysOf(addon)) {
    describe(name, () => {
      test('fused kernels agree with the compositions on plain JavaScript', async () => {
        for (const call of calls) {
          const expected = await compute('cpu', call)
          await startBackend('torch')
          enter()
          const error = largestError(await computeHere(call), expected)
          const detail = 'of' in call ? `${call.label} of ${call.of}` : call.label
          assert.ok(error < 2e-5, `${detail}: relative error ${error}`)
        }
      })

      test('the variance of values far from zero is exact to single precision', async () => {
        await startBackend('torch')
        enter()
        const { shape, values } = noise([64, 16, 16, 16], 1)
        // One outlier where a careless pivot would look first.
        const x = { shape, values: values.map((value, index) => (index < 16 ? 0 : value + 1000)) }
        const [, variance] = await computeHere({
          kernel: 'ChannelMoments',
          label: 'far from zero',
          inputs: { x },
        })
        const error = largestError([variance!], [Float32Array.from(varianceInDouble(x))])
        assert.ok(error < 1e-5, `relative error ${error}`)
      })

      test('in 16 bits, outputs are those of the rounded inputs, rounded once', async () => {
        const shape = [3, 9, 8, 40]
        const own = normCalls(shape)
        for (const storage of ['bfloat16', 'float16']) {
          for (const call of own) {
            const expected = await withStorage('cpu', () => {}, call, storage)
            const actual = await withStorage('torch', enter, call, storage)
            // Half a unit in the last place of a value, here and there one of two neighbours.
            const error = largestError(actual, expected)
            assert.ok(error < (storage === 'bfloat16' ? 4e-3 : 5e-4), `${call.label} in ${storage}: ${error}`)
          }
        }
      })

      test('NaN and infinity go through scaling, and a ReLU lets NaN through', async () => {
        await startBackend('torch')
        enter()
        const x = { shape: [1, 4], values: Float32Array.of(NaN, Infinity, -Infinity, -1) }
        const scale = { shape: [4], values: new Float32Array(4).fill(1) }
        const shift = { shape: [4], values: new Float32Array(4) }
        const scaled: Call = {
          kernel: 'ScaleShift',
          label: '',
          inputs: { x, scale, shift },
          attributes: { relu: true },
        }
        assert.deepEqual([...(await computeHere(scaled))[0]!], [NaN, Infinity, 0, 0])
        assert.deepEqual(
          [...(await computeHere({ kernel: 'Relu', label: '', inputs: { x } }))[0]!],
          [NaN, Infinity, 0, 0],
        )
      })

      test('pooling and its gradient agree with plain JavaScript, ties and borders included', async () => {
        for (const { size, channels, filter, stride, pad } of [
          { size: 9, channels: 20, filter: 3, stride: 2, pad: 1 },
          { size: 8, channels: 16, filter: 2, stride: 2, pad: 0 },
          { size: 7, channels: 5, filter: 5, stride: 1, pad: 2 },
          { size: 6, channels: 33, filter: 2, stride: 3, pad: 0 },
        ]) {
          const out = Math.floor((size + 2 * pad - filter) / stride) + 1
          const values = noise([2, size, size, channels], 1)
          // Coarse values: many windows have two winners.
          const x = { shape: values.shape, values: values.values.map(value => Math.round(value * 2) - 4) }
          const dy = noise([2, out, out, channels], 2)
          const window = {
            filterSize: [filter, filter],
            strides: [stride, stride],
            pad: [
              [0, 0],
              [pad, pad],
              [pad, pad],
              [0, 0],
            ],
          }
          const forward = { kernel: 'MaxPool', label: 'MaxPool', inputs: { x }, attributes: window }
          const [y] = await compute('cpu', forward)
          const backward = {
            kernel: 'MaxPoolGrad',
            label: 'MaxPoolGrad',
            inputs: { dy, input: x, output: { shape: dy.shape, values: y! } },
            attributes: window,
          }
          const dx = await compute('cpu', backward)
          await startBackend('torch')
          enter()
          assert.deepEqual(await computeHere(forward), [y])
          assert.ok(largestError(await computeHere(backward), dx) < 1e-6)
        }
      })

      test('the optimizer takes the steps of single operations', async () => {
        const count = [1, 15, 16, 40000]
        const inputsOf = (seed: number) => count.map((size, index) => noise([size], seed + index))
        const many = {
          momentum: 0.9,
          learningRate: 0.1,
          weightDecays: [0, 0.01, 0, 1e-4],
          gradientScale: 0.125,
        }
        for (const nesterov of [false, true]) {
          const call = {
            kernel: 'SgdUpdateMany',
            label: 'SgdUpdateMany',
            inputs: { ...[...inputsOf(1), ...inputsOf(11), ...inputsOf(21)] } as unknown as Call['inputs'],
            attributes: { ...many, nesterov },
          }
          const expected = await computeList('cpu', () => {}, call)
          const actual = await computeList('torch', enter, call)
          // Ours rounds as single operations do, to the bit.
          if (name.startsWith('passes')) assert.deepEqual(actual, expected)
          else assert.ok(largestError(actual, expected) < 1e-6)
        }
      })

      test('AllFinite finds one bad value among many', async () => {
        const good = [noise([3], 1), noise([70000], 2), noise([5], 3)]
        for (const bad of [NaN, Infinity, -Infinity, null]) {
          const inputs = good.map(({ shape, values }) => ({ shape, values: Float32Array.from(values) }))
          if (bad !== null) inputs[1]!.values[69999] = bad
          const call = {
            kernel: 'AllFinite',
            label: 'AllFinite',
            inputs: inputs as unknown as Call['inputs'],
          }
          const [answer] = await computeList('torch', enter, call)
          assert.deepEqual([...answer!], [bad === null ? 1 : NaN])
        }
      })
    })
  }

  test('the bits do not depend on the number of threads', async () => {
    await startBackend('torch')
    const { threads } = addon.version()
    for (const call of normCalls([8, 40, 40, 64])) {
      const outcomes: Float32Array[][] = []
      for (const count of [1, 2, 3]) {
        addon.setThreads(count)
        outcomes.push(await computeHere(call))
      }
      addon.setThreads(threads)
      assert.deepEqual(outcomes[1], outcomes[0], call.label)
      assert.deepEqual(outcomes[2], outcomes[0], call.label)
    }
  })

  test('an update takes the memory of a value only when nobody else holds it', async () => {
    await startBackend('torch')
    const [value, held, gradient] = [tf.tensor1d([1, 2]), tf.tensor1d([1, 2]), tf.tensor1d([1, 1])]
    const copy = tf.clone(held)
    const view = tf.reshape(held, [2, 1])
    const attributes = {
      learningRate: 0.5,
      momentum: 0,
      nesterov: false,
      weightDecays: [0, 0],
      gradientScale: 1,
    }
    const made = tf
      .engine()
      .runKernel<tf.Tensor[]>(
        'SgdUpdateMany',
        [value, held, gradient, gradient] as unknown as tf.NamedTensorMap,
        attributes as unknown as tf.NamedAttrMap,
      )
    assert.deepEqual(
      made.map(each => [...each.dataSync()]),
      [
        [0.5, 1.5],
        [0.5, 1.5],
      ],
    )
    assert.deepEqual([...held.dataSync()], [1, 2])
    assert.deepEqual([...copy.dataSync()], [1, 2])
    assert.deepEqual([...view.dataSync()], [1, 2])
    value.dispose()
    assert.deepEqual([...made[0]!.dataSync()], [0.5, 1.5])
    tf.dispose([held, copy, view, gradient, ...made])
  })

  test('what does not fit is refused with both shapes', async () => {
    await startBackend('torch')
    const x = tf.zeros([2, 3, 3, 8])
    const vector = tf.zeros([4])
    const run = () => tf.engine().runKernel('ScaleShift', { x, scale: vector, shift: vector }, {})
    assert.throws(run, /expected scale of shape \[8\], got \[4\]/)
    const logits = tf.zeros([2, 3])
    const labels = tf.tensor1d([0, 3], 'int32')
    const loss = () =>
      tf.engine().runKernel('SoftmaxCrossEntropy', { logits, labels }, { onTrue: 1, onOther: 0 })
    assert.throws(loss, /label 3 of image 1 is not one of 3 classes/)
    tf.dispose([x, vector, logits, labels])
  })
}

/** A kernel whose large inputs are kept in 16 bits. */
async function withStorage(
  backend: string,
  enter: () => void,
  call: Call,
  storage: string,
): Promise<Float32Array[]> {
  await startBackend(backend)
  enter()
  const outputs = tf.tidy(() => {
    const inputs: Record<string, tf.Tensor> = {}
    for (const [name, { shape, values }] of Object.entries(call.inputs)) {
      const x = tf.tensor(values, [...shape])
      inputs[name] = shape.length > 1 ? tf.engine().runKernel('StorageCast', { x }, { storage }) : x
    }
    const made = tf.engine().runKernel(call.kernel, inputs, (call.attributes ?? {}) as tf.NamedAttrMap)
    return (Array.isArray(made) ? made : [made]).map(each =>
      each.rank > 1 ? (tf.engine().runKernel('StorageCast', { x: each }, { storage }) as tf.Tensor) : each,
    )
  })
  const arrays = outputs.map(each => Float32Array.from(each.dataSync()))
  tf.dispose(outputs)
  return arrays
}

/** A kernel of any number of inputs. */
async function computeList(backend: string, enter: () => void, call: Call): Promise<Float32Array[]> {
  await startBackend(backend)
  enter()
  const inputs = Object.values(call.inputs).map(({ shape, values }) => tf.tensor(values, [...shape]))
  const made = tf
    .engine()
    .runKernel(
      call.kernel,
      inputs as unknown as tf.NamedTensorMap,
      (call.attributes ?? {}) as tf.NamedAttrMap,
    )
  const outputs = Array.isArray(made) ? made : [made]
  const arrays = outputs.map(each => Float32Array.from(each.dataSync()))
  tf.dispose([...inputs, ...outputs])
  return arrays
}

/** Variance of every channel in double precision. */
function varianceInDouble({
  shape,
  values,
}: {
  readonly shape: readonly number[]
  readonly values: Float32Array
}): number[] {
  const channels = shape.at(-1)!
  const rows = values.length / channels
  return Array.from({ length: channels }, (_, channel) => {
    const column = Array.from({ length: rows }, (_, row) => values[row * channels + channel]!)
    const mean = column.reduce((sum, value) => sum + value, 0) / rows
    return column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows
  })
}
