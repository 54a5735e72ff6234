import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import nodeUtil from 'node:util'
import { engine, getBackend, memory } from '@tensorflow/tfjs-core'
import { tensorflowBackend } from '../../core/backend/backends/tensorflow.ts'
import type { BackendEntry, Probe } from '../../core/backend/backends/shared/backend.ts'
import { backendNames, inspectBackends, kernelNames, startBackend } from '../../core/backend/index.ts'
import { explain, rank, startBest } from '../../core/backend/start.ts'
import { DoctorReport } from '../../core/contract/system.ts'
import { AppError } from '../../core/errors/index.ts'

test('every backend is known by a name without an underscore, which tfjs would split', () => {
  assert.deepEqual([...backendNames].sort(), ['cpu', 'tensorflow', 'torch', 'wasm', 'webgpu'])
  assert.ok(backendNames.every(name => !name.includes('_')))
})

test('an unknown backend is refused with the list of the known ones', async () => {
  await assert.rejects(startBackend('cuda'), {
    code: 'unknown-name',
    message: "backend: unknown backend 'cuda'. Known: auto, cpu, tensorflow, torch, wasm, webgpu",
  })
})

test('a started backend is the current one and says why', async () => {
  const started = await startBackend('wasm')
  assert.equal(started.name, 'wasm')
  assert.equal(started.reason, 'wasm was asked for')
  assert.notEqual(started.device, '')
  assert.equal(getBackend(), 'wasm')
})

test('a second start of the same backend keeps its tensors', async () => {
  await startBackend('wasm')
  const before = memory().numTensors
  await startBackend('wasm')
  assert.equal(memory().numTensors, before)
})

test('without its library, the tensorflow backend is refused with the remedy', async t => {
  const { entry } = await fakeTensorflow(t, { library: false })
  const probe = await entry.probe()
  assert.equal(probe.available, false)
  assert.match(probe.detail, /tfjs-node-gpu is installed without its TensorFlow library/)
  await assert.rejects(entry.load(), (error: AppError) => {
    assert.equal(error.code, 'backend-unavailable')
    assert.match(error.message, /npm run -s multigrain -- setup tensorflow/)
    return true
  })
})

test('the tensorflow backend names the GPU, unless it is too new for CUDA 11.2 or there is none', async t => {
  const onAda = await fakeTensorflow(t, { gpu: { name: 'NVIDIA RTX 4090', computeCapability: 8.9 } })
  assert.deepEqual(await onAda.entry.probe(), {
    available: true,
    kind: 'gpu',
    device: 'NVIDIA RTX 4090',
    detail: '@tensorflow/tfjs-node-gpu on CUDA',
  })
  const onHopper = await fakeTensorflow(t, { gpu: { name: 'NVIDIA H100', computeCapability: 9 } })
  assert.match(
    (await onHopper.entry.probe()).detail,
    /on the processor, as its CUDA 11.2 is older than the GPU \(NVIDIA H100\)/,
  )
  const without = await fakeTensorflow(t, {})
  assert.match((await without.entry.probe()).detail, /as no NVIDIA GPU was found/)
})

test('loading tfjs-node gives back the functions that Node 23 took out of util', async t => {
  const { entry, loaded } = await fakeTensorflow(t, {})
  await entry.load()
  assert.deepEqual(loaded, ['@tensorflow/tfjs-node-gpu'])
  const { isNullOrUndefined } = nodeUtil as unknown as { isNullOrUndefined: (value: unknown) => boolean }
  assert.deepEqual([isNullOrUndefined(undefined), isNullOrUndefined(0)], [true, false])
})

test('a tensorflow library that does not load is an error that names the reason', async t => {
  const { entry } = await fakeTensorflow(t, { failure: 'libcudart.so.11.0: cannot open shared object file' })
  await assert.rejects(entry.load(), {
    code: 'backend-unavailable',
    message: /libcudart\.so\.11\.0.*setup tensorflow/,
  })
})

test('auto takes a GPU before native code, WebAssembly and plain JavaScript, and never a GPU in software', () => {
  const probed = [
    candidate('js', { kind: 'reference-cpu' }),
    candidate('software', { kind: 'software-gpu' }),
    candidate('native', { kind: 'native-cpu' }),
    candidate('embedded', { kind: 'embedded-cpu' }),
    candidate('card', { kind: 'gpu' }),
    candidate('missing', null),
  ]
  assert.deepEqual(
    rank(probed).map(each => each.entry.name),
    ['card', 'native', 'embedded', 'js'],
  )
  const reason = explain(probed[3]!, probed)
  assert.match(reason, /^embedded is the best here \(WebAssembly on one processor core\)/)
  assert.match(reason, /missing: not there/)
})

test('of two on the same kind of device auto takes the preferred one', () => {
  const preferred = candidate('wanted', { kind: 'gpu' })
  const probed = [
    candidate('first', { kind: 'gpu' }),
    { ...preferred, entry: { ...preferred.entry, isPreferred: true } },
  ]
  assert.deepEqual(
    rank(probed).map(each => each.entry.name),
    ['wanted', 'first'],
  )
})

test('auto takes the next best when the best does not start, and says so', async () => {
  const broken = candidate('card', { kind: 'gpu' }, 'the driver crashed')
  const { wasm } = await import('../../core/backend/backends/wasm.ts')
  const started = await startBest([broken, { entry: wasm, probe: await wasm.probe() }])
  assert.equal(started.name, 'wasm')
  assert.match(started.reason, /card did not start: the driver crashed/)
})

test('auto without any backend that starts is an error with every reason', async () => {
  const broken = candidate('card', { kind: 'gpu' }, 'the driver crashed')
  await assert.rejects(startBest([broken]), {
    code: 'backend-unavailable',
    message: /card did not start: the driver crashed/,
  })
})

test('the examination of all backends has the contract’s shape and leaves the current backend as it was', async () => {
  await startBackend('wasm')
  const phases: string[] = []
  const report = await inspectBackends({ onProgress: phase => void phases.push(phase) })
  DoctorReport.parse(report)
  assert.equal(getBackend(), 'wasm')
  assert.deepEqual(phases, [...backendNames, 'done'])
  const wasm = report.backends.find(each => each.name === 'wasm')!
  assert.deepEqual(wasm.selfTest?.failed, [])
  assert.ok(wasm.gflops! > 0)
  assert.equal(report.backends.filter(each => each.chosen).length, 1)
  assert.equal(report.backends.find(each => each.chosen)?.name, report.chosen)
  const missing = report.backends.filter(each => !each.available)
  assert.ok(missing.every(each => each.detail !== '' && each.remedy !== ''))
})

test('the examination can be cancelled', async () => {
  await assert.rejects(inspectBackends({ isCancelled: () => true }), { code: 'cancelled' })
})

test('our kernels bear tfjs’s exact names, or their own', () => {
  const expected = ['Conv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput', 'ChannelMoments', 'SgdUpdate']
  assert.ok(expected.every(name => kernelNames.includes(name)))
})

test('a tensor that WebAssembly has no memory for is an error, not a write to address 0', async () => {
  await startBackend('wasm')
  const backend = engine().backend as unknown as { makeOutput(shape: number[], dtype: string): unknown }
  assert.throws(() => backend.makeOutput([2 ** 31], 'float32'), {
    code: 'out-of-memory',
    message: /no memory for a tensor of 8192 MB.*Lower training\.batchSize/,
  })
})

test('wasm leaves no listeners for uncaught errors behind', async () => {
  await startBackend('wasm')
  const listeners = [...process.listeners('uncaughtException'), ...process.listeners('unhandledRejection')]
  assert.ok(listeners.every(listener => !/ExitStatus|throw reason/.test(listener.toString())))
})

function candidate(
  name: string,
  found: { readonly kind: Extract<Probe, { available: true }>['kind'] } | null,
  failure = 'not started in this test',
): { entry: BackendEntry; probe: Probe } {
  const probe: Probe = found
    ? { available: true, kind: found.kind, device: name, detail: `${name} is there` }
    : { available: false, detail: 'not there', remedy: 'Get one' }
  const load = (): Promise<void> => Promise.reject(new Error(failure))
  return { entry: { name, summary: '', probe: async () => probe, load }, probe }
}

interface Fake {
  readonly library?: boolean
  readonly gpu?: { readonly name: string; readonly computeCapability: number }
  readonly failure?: string
}

/** The backend over a folder that looks like the installed package. */
async function fakeTensorflow(
  t: { after(done: () => Promise<void>): void },
  { library = true, gpu, failure }: Fake,
): Promise<{ entry: BackendEntry; loaded: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'tensorflow-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'package.json'), '{}')
  if (library) {
    await mkdir(join(folder, 'deps', 'lib'), { recursive: true })
    await mkdir(join(folder, 'lib', 'napi-v8'), { recursive: true })
    await writeFile(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'), '')
  }
  const loaded: string[] = []
  const load = (id: string): unknown => {
    if (failure) throw new Error(failure)
    return loaded.push(id)
  }
  const resolve = (id: string): string => {
    if (id === '@tensorflow/tfjs-node-gpu/package.json') return join(folder, 'package.json')
    throw new Error(`Cannot find module '${id}'`)
  }
  return { entry: tensorflowBackend(Object.assign(load, { resolve }), async () => gpu ?? null), loaded }
}
