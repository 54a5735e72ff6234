/** The tensorflow backend: tfjs-node's own JavaScript over a stand-in for TensorFlow's library, compared with plain JavaScript. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startBackend } from '../../core/backend/index.ts'
import { convolutionInfo } from '../../core/backend/kernels/shared/convolution.ts'
import type { Pad } from '../../core/backend/kernels/shared/convolution.ts'
import { poolInfo } from '../../core/backend/kernels/shared/pooling.ts'
import { computeReference, selfTest } from '../../core/backend/self-test.ts'
import { activate } from '../../core/backend/start.ts'
import { relativeError } from '../parity/compare.ts'
import { computeHere, largestError, noise } from './cases.ts'
import type { Call } from './cases.ts'
import { trained } from './steps.ts'
import { tensorflowStandIn } from './tensorflowLibrary.ts'

const folder = await mkdtemp(join(tmpdir(), 'tensorflow-'))
after(() => rm(folder, { recursive: true }))
const entry = await tensorflowStandIn(folder)
const start = { cpu: () => startBackend('cpu'), tensorflow: () => activate(entry, 'stand-in') }

/** torch's padding, tfjs's number, TensorFlow's own two, and uneven ones. */
const paddings: readonly Pad[] = [
  amounts(1, 1, 1, 1),
  1,
  'same',
  'valid',
  amounts(0, 2, 1, 0),
  amounts(0, 0, 0, 0),
]
const windows = [
  { size: 3, stride: 1 },
  { size: 3, stride: 2 },
  { size: 4, stride: 2 },
  { size: 2, stride: 3 },
]
const images = [
  [2, 7, 6, 3],
  [1, 8, 9, 4],
]

for (const pad of paddings) {
  for (const { size, stride } of windows) {
    const label = `${size}x${size} stride ${stride} pad ${JSON.stringify(pad)}`
    test(`convolutions and pools ${label} on tensorflow agree with plain JavaScript`, async () => {
      for (const shape of images) {
        for (const call of [...convolutions(shape, size, stride, pad), ...pools(shape, size, stride, pad)]) {
          await start.cpu()
          const expected = await computeHere(call)
          await start.tensorflow()
          const error = largestError(await computeHere(call), expected)
          assert.ok(error < 1e-6, `${call.kernel} of ${shape.join('x')}: relative error ${error}`)
        }
      }
    })
  }
}

test('padding never wins a maximum on tensorflow, however small the values are', async () => {
  await start.tensorflow()
  const least = -3.4028234663852886e38
  const x = { shape: [1, 2, 2, 1], values: new Float32Array(4).fill(least) }
  const attributes = { filterSize: 3, strides: 2, pad: amounts(1, 1, 1, 1) }
  const [y] = await computeHere({ kernel: 'MaxPool', label: 'least', inputs: { x }, attributes })
  assert.deepEqual([...y!], [least])
  const output = { shape: [1, 1, 1, 1], values: y! }
  const inputs = { dy: { shape: [1, 1, 1, 1], values: Float32Array.of(5) }, input: x, output }
  const [dx] = await computeHere({ kernel: 'MaxPoolGrad', label: 'least', inputs, attributes })
  assert.deepEqual([...dx!], [5, 0, 0, 0])
})

test('tensorflow passes the self-test of all kernels', async () => {
  await start.cpu()
  const reference = await computeReference()
  await start.tensorflow()
  assert.deepEqual((await selfTest('tensorflow', reference)).failed, [])
})

// Whatever kernel a step asks for that neither tfjs-node nor the workbench has ends it with an error of tfjs.
const steps = [
  { model: 'cifar-resnet8', size: 12, channels: 1, batch: 4, options: {}, nesterov: false },
  { model: 'cifar-resnet8', size: 9, channels: 3, batch: 2, options: {}, nesterov: true },
  { model: 'resnet18', size: 17, channels: 3, batch: 2, options: {}, nesterov: false },
]

for (const step of steps) {
  test(`a training step of ${step.model} at ${step.size} pixels on tensorflow equals one on cpu`, async () => {
    await start.cpu()
    const expected = await trained(step)
    await start.tensorflow()
    const actual = await trained(step)
    assert.deepEqual([...actual.keys()], [...expected.keys()])
    for (const [name, values] of expected) {
      const error = relativeError(actual.get(name)!, values)
      assert.ok(error < 1e-5, `${name}: relative error ${error}`)
    }
  })
}

function convolutions(shape: readonly number[], size: number, stride: number, pad: Pad): Call[] {
  const attributes = { strides: [stride, stride] as [number, number], pad, dataFormat: 'NHWC' as const }
  const filterShape = [size, size, shape[3]!, 5]
  const { outShape } = convolutionInfo(shape, filterShape, attributes)
  const [x, filter, dy] = [noise(shape, 1), noise(filterShape, 2), noise(outShape, 3)]
  const label = 'convolution'
  return [
    { kernel: 'Conv2D', label, inputs: { x, filter }, attributes: { ...attributes, dilations: [1, 1] } },
    {
      kernel: 'Conv2DBackpropInput',
      label,
      inputs: { dy, filter },
      attributes: { ...attributes, inputShape: shape },
    },
    { kernel: 'Conv2DBackpropFilter', label, inputs: { x, dy }, attributes: { ...attributes, filterShape } },
  ]
}

function pools(shape: readonly number[], size: number, stride: number, pad: Pad): Call[] {
  const attributes = { filterSize: size, strides: stride, pad }
  const { outShape } = poolInfo(shape, attributes)
  // All negative, so that a zero in the padding would win.
  const { values } = noise(shape, 4)
  const x = { shape, values: values.map(value => value - 2) }
  const dy = noise(outShape, 5)
  return [
    { kernel: 'MaxPool', label: 'pool', inputs: { x }, attributes },
    { kernel: 'AvgPool', label: 'pool', inputs: { x }, attributes },
    // TensorFlow's kernel and cpu's both find the maxima anew, so that any output will do.
    { kernel: 'MaxPoolGrad', label: 'pool', inputs: { dy, input: x, output: dy }, attributes },
    { kernel: 'AvgPoolGrad', label: 'pool', inputs: { dy, input: x }, attributes },
  ]
}

function amounts(top: number, bottom: number, left: number, right: number): Pad {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]
}
