/** WebGPU on a driver in software: its kernels, whole training steps and what it does when the GPU refuses or is lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BackendInspection } from '../../core/backend/index.ts'
import type { Training } from './steps.ts'
import { lastValue, onSwiftShader, runScript } from './swiftShader.ts'

const inspect = `
  import { inspectBackends, startBackend } from '../../core/backend/index.ts'
  const report = await inspectBackends({ measure: false })
  const started = await startBackend('webgpu')
  console.log(JSON.stringify({ report, started }))`

test('webgpu computes every kernel as plain JavaScript does, and auto leaves a software driver alone', async () => {
  const { report, started } = lastValue(await onSwiftShader(inspect)) as {
    report: BackendInspection
    started: { name: string }
  }
  const webgpu = report.backends.find(each => each.name === 'webgpu')!
  assert.equal(webgpu.available, true, webgpu.detail)
  assert.match(webgpu.device, /SwiftShader/)
  assert.deepEqual(webgpu.selfTest?.failed, [])
  assert.ok(webgpu.selfTest!.kernels >= 37)
  assert.notEqual(report.chosen, 'webgpu')
  assert.equal(started.name, 'webgpu')
})

test('without a Vulkan driver, webgpu says what is missing and what to install', async () => {
  const nowhere = { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' }
  const failure = await runScript(inspect, nowhere).catch((error: Error) => error)
  assert.ok(failure instanceof Error)
  assert.match(
    failure.message,
    /Backend 'webgpu' is not available: No GPU .* was found\. Install the Vulkan driver/,
  )
})

const trainings: readonly Training[] = [
  {
    model: 'cifar-resnet8',
    options: { width: 4 },
    size: 12,
    channels: 1,
    batch: 4,
    nesterov: false,
    steps: 3,
  },
  // The layers that the small networks lack: stem, max pooling and shortcuts by convolution. A whole ResNet-18 takes a minute.
  {
    model: 'two stages of bottlenecks',
    options: {},
    depths: [1, 1, 0, 0],
    size: 17,
    channels: 3,
    batch: 2,
    nesterov: true,
    steps: 2,
  },
]
const largestError = 1e-4

for (const training of trainings) {
  const { model, size, batch, steps } = training
  test(`${steps} steps of ${model} at ${size} pixels, batch ${batch}, on webgpu equal those on cpu`, async () => {
    const outcome = await onSwiftShader(`
      import { startBackend } from '../../core/backend/index.ts'
      import { relativeError } from '../parity/compare.ts'
      import { trained } from './steps.ts'
      const training = ${JSON.stringify(training)}
      await startBackend('cpu')
      const expected = await trained(training)
      await startBackend('webgpu')
      const actual = await trained(training)
      const errors = [...expected].map(([name, values]) => [name, relativeError(actual.get(name), values)])
      console.log(JSON.stringify(errors))`)
    assert.equal(outcome.stderr, '', 'Dawn reports nothing')
    const errors = lastValue(outcome) as [string, number][]
    assert.ok(errors.length > 40)
    assert.deepEqual(
      errors.filter(([, error]) => !(error < largestError)),
      [],
    )
  })
}

test('a computation that the GPU refuses is an error there and then, until the next start', async () => {
  const outcome = await onSwiftShader(`
    import * as tf from '@tensorflow/tfjs-core'
    import { startBackend } from '../../core/backend/index.ts'
    import { runOriginal } from '../../core/backend/kernels/shared/originals.ts'
    await startBackend('webgpu')
    const sound = tf.add(tf.ones([3]), 1)
    const errorOf = run => Promise.resolve().then(run).then(() => null, ({ code, message }) => ({ code, message }))
    const { backend } = tf.engine()
    const inputs = Array.from({ length: 40 }, () => tf.ones([3]))
    const refused = await errorOf(() => runOriginal('AddN', { inputs, attrs: {}, backend }))
    const after = await errorOf(() => sound.data())
    await startBackend('webgpu')
    const values = [...await sound.data()]
    console.log(JSON.stringify({ refused, after, values }))`)
  const { refused, after, values } = lastValue(outcome) as Record<string, { code: string; message: string }>
  assert.equal(refused!.code, 'internal')
  assert.match(refused!.message, /the GPU refused a computation: The number of storage buffers .* exceeds/)
  assert.deepEqual(after, refused)
  assert.deepEqual(values, [2, 2, 2])
})

test('a tensor beyond what the GPU takes is an error of memory', async () => {
  const outcome = await onSwiftShader(`
    import * as tf from '@tensorflow/tfjs-core'
    import { startBackend } from '../../core/backend/index.ts'
    await startBackend('webgpu')
    const { maxBufferSize } = tf.engine().backend.device.limits
    try { tf.add(tf.fill([maxBufferSize / 4 + 64], 1), 1) } catch ({ code, message }) {
      console.log(JSON.stringify({ code, message }))
    }`)
  const { code, message } = lastValue(outcome) as { code: string; message: string }
  assert.equal(code, 'out-of-memory', message)
  assert.match(message, /Lower training\.batchSize or input\.size/)
})

test('a lost GPU ends training with the reason', async () => {
  const outcome = await onSwiftShader(`
    import * as tf from '@tensorflow/tfjs-core'
    import { startBackend } from '../../core/backend/index.ts'
    await startBackend('webgpu')
    const sum = tf.add(tf.ones([3]), 1)
    tf.engine().backend.device.destroy()
    const { code, message } = await sum.data().catch(error => error)
    console.log(JSON.stringify({ code, message }))`)
  const { code, message } = lastValue(outcome) as { code: string; message: string }
  assert.equal(code, 'backend-unavailable')
  assert.match(message, /the GPU was lost: .+\. Start again, or choose backend 'wasm'/)
})
