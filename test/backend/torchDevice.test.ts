/** Devices of the backend torch: choosing one, memory, uploads and reads that wait for nothing. What CUDA runs is run here on the processor. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBackend } from '../../core/backend/index.ts'
import { loadAddon } from '../../core/backend/torch/load.ts'
import { scalarTypes, type DeviceFacts } from '../../core/backend/torch/binding.ts'
import { chooseDevice, makeReproducible, memoryOf } from '../../core/backend/torch/device.ts'
import { checkConfig, parseConfig, type Issue } from '../../core/experiment/index.ts'

const addon = loadAddon()

function facts(...names: string[]): DeviceFacts[] {
  return names.map(name => ({ name, title: name, totalBytes: -1, capability: '' }))
}

test('auto takes the GPU of this rank, and the processor where there is none', () => {
  const two = facts('cpu', 'cuda:0', 'cuda:1')
  const chosen = (wanted: string, devices: DeviceFacts[], rank?: string): string =>
    chooseDevice(wanted, devices, { LOCAL_RANK: rank }).name
  assert.equal(chosen('auto', facts('cpu')), 'cpu')
  assert.equal(chosen('auto', two), 'cuda:0')
  assert.equal(chosen('auto', two, '1'), 'cuda:1')
  assert.equal(chosen('cuda', two, '3'), 'cuda:1')
  assert.equal(chosen('cuda', two, 'nonsense'), 'cuda:0')
  assert.equal(chosen('cuda:1', two, '0'), 'cuda:1')
  assert.equal(chosen('cpu', two, '1'), 'cpu')
  assert.equal(chooseDevice('auto', two, { MULTIGRAIN_DEVICE: 'cpu' }).name, 'cpu')
  assert.equal(chooseDevice('cuda:1', two, { MULTIGRAIN_DEVICE: 'cpu' }).name, 'cuda:1')
})

test('a device that is not there is refused with those that are', () => {
  assert.throws(() => chooseDevice('cuda:2', facts('cpu', 'cuda:0')), {
    code: 'backend-unavailable',
    message: /cpu, cuda:0, which libtorch sees here, got 'cuda:2'/,
  })
  assert.throws(() => chooseDevice('cuda', facts('cpu')), {
    code: 'backend-unavailable',
    message: /device cpu/,
  })
  assert.throws(() => chooseDevice('gpu', facts('cpu')), {
    code: 'invalid-config',
    message: /auto, cpu, cuda or cuda:N/,
  })
})

test('the addon lists its devices, main memory first', () => {
  const [first, ...gpus] = addon.devices()
  assert.equal(first?.name, 'cpu')
  assert.equal(addon.version().cuda, gpus.length > 0)
  for (const gpu of gpus) assert.match(gpu.name, /^cuda:\d+$/)
})

test('memory figures follow the tensors that are held', () => {
  const before = memoryOf(addon, 'cpu')
  const handle = addon.create(new Float32Array(1 << 20), [1 << 20], scalarTypes.float32, 'cpu')
  const during = memoryOf(addon, 'cpu')
  assert.equal(during.heldBytes - before.heldBytes, 4 << 20)
  assert.ok(during.peakBytes >= 4 << 20)
  assert.ok(during.usedBytes > 4 << 20)
  addon.dispose(handle)
  assert.equal(memoryOf(addon, 'cpu').heldBytes, before.heldBytes)
})

test('a driver that is not there leaves memory of a GPU unknown and breaks nothing', t => {
  if (addon.devices().length > 1) return t.diagnostic('there is a GPU here')
  assert.deepEqual(addon.deviceMemory('cuda:0'), { freeBytes: -1, totalBytes: -1 })
  addon.synchronise('cpu')
  assert.throws(() => addon.create(new Float32Array(4), [4], scalarTypes.float32, 'cuda:0'), /CUDA/)
  assert.throws(() => addon.create(new Float32Array(4), [4], scalarTypes.float32, 'moon'), /moon/)
})

test('what a GPU cannot stage in locked pages is staged in plain ones', t => {
  if (addon.devices().length > 1) return t.diagnostic('there is a GPU here')
  const pin = addon.op('aten::pin_memory')
  const handle = addon.create(new Float32Array(4), [4], scalarTypes.float32)
  assert.throws(() => addon.call(pin, handle))
  addon.dispose(handle)
})

test('a tensor without memory shows where it would be', () => {
  const handle = addon.create(new Float32Array(6), [2, 3], scalarTypes.bfloat16, 'meta')
  assert.equal(addon.deviceOf(handle), 'meta')
  assert.deepEqual(addon.shape(handle), [2, 3])
  assert.equal(addon.dtype(handle), scalarTypes.bfloat16)
  addon.dispose(handle)
})

const reads = [
  { type: 'float32', data: Float32Array.of(1.5, -2, 3), expected: Float32Array.of(1.5, -2, 3) },
  { type: 'bfloat16', data: Float32Array.of(1.5, -2, 3), expected: Float32Array.of(1.5, -2, 3) },
  { type: 'float16', data: Float32Array.of(1.5, -2, 3), expected: Float32Array.of(1.5, -2, 3) },
  { type: 'float64', data: Float32Array.of(1.5, -2, 3), expected: Float32Array.of(1.5, -2, 3) },
  { type: 'int32', data: Int32Array.of(7, -8, 9), expected: Int32Array.of(7, -8, 9) },
  { type: 'int64', data: Int32Array.of(7, -8, 9), expected: Int32Array.of(7, -8, 9) },
  { type: 'uint8', data: Uint8Array.of(0, 1, 255), expected: Uint8Array.of(0, 1, 255) },
  { type: 'bool', data: Uint8Array.of(0, 1, 1), expected: Uint8Array.of(0, 1, 1) },
] as const

for (const { type, data, expected } of reads)
  test(`reading ${type} later gives what reading it at once gives`, async () => {
    const handle = addon.create(data, [3], scalarTypes[type])
    const later = addon.readLater(handle)
    // What happens to the tensor afterwards changes nothing.
    addon.dispose(handle)
    assert.deepEqual(await later, expected)
    const again = addon.create(data, [3], scalarTypes[type])
    assert.deepEqual(addon.read(again), expected)
    addon.dispose(again)
  })

test('complex values are read as pairs, at once and later', async () => {
  const handle = addon.create(Float32Array.of(1, 2, 3, 4), [2], scalarTypes.complex64)
  assert.deepEqual(await addon.readLater(handle), Float32Array.of(1, 2, 3, 4))
  assert.deepEqual(addon.read(handle), Float32Array.of(1, 2, 3, 4))
  addon.dispose(handle)
})

test('a read that is under way lets JavaScript go on, and a change in place does not reach it', async () => {
  const size = 4_000_000
  const handle = addon.create(new Float32Array(size).fill(1), [size], scalarTypes.float32)
  let turns = 0
  const ticking = setInterval(() => turns++, 1)
  const later = addon.readLater(handle)
  addon.call(addon.op('aten::fill_.Scalar'), handle, 2)
  const values = await later
  clearInterval(ticking)
  assert.equal(values.length, size)
  assert.equal(values[size - 1], 1)
  assert.equal((addon.read(handle) as Float32Array)[0], 2)
  addon.dispose(handle)
})

test('a disposed tensor cannot be read later', () => {
  const handle = addon.create(Float32Array.of(1), [1], scalarTypes.float32)
  addon.dispose(handle)
  assert.throws(() => addon.readLater(handle), /no tensor has the handle/)
})

test("libtorch's random numbers follow from the seed", () => {
  const draw = (): number[] => {
    addon.seed(7)
    const handle = addon.call(addon.op('aten::rand'), [4], scalarTypes.float32) as number
    const values = [...addon.read(handle)]
    addon.dispose(handle)
    return values
  }
  const first = draw()
  assert.deepEqual(draw(), first)
  assert.ok(new Set(first).size > 1)
})

test('asking for reproducible arithmetic is harmless on a processor', () => {
  makeReproducible(addon)
  const a = addon.create(Float32Array.of(1, 2, 3, 4), [2, 2], scalarTypes.float32)
  const product = addon.call(addon.op('aten::mm'), a, a) as number
  assert.deepEqual([...addon.read(product)], [7, 10, 15, 22])
  addon.dispose(a)
  addon.dispose(product)
})

test('memory beyond the limit is an error with a code, and what was held stays', () => {
  const { limitBytes } = addon.arenaFigures()
  const kept = addon.create(Float32Array.of(5), [1], scalarTypes.float32)
  try {
    addon.limitMemory(64 << 20)
    const empty = addon.op('aten::empty.memory_format')
    assert.throws(() => addon.call(empty, [100 << 20], scalarTypes.float32), { code: 'out-of-memory' })
    assert.deepEqual([...addon.read(kept)], [5])
  } finally {
    addon.limitMemory(limitBytes)
    addon.dispose(kept)
  }
})

test('a configuration chooses the device of torch and of nothing else', () => {
  const model = { name: 'resnet18' }
  for (const device of ['auto', 'cpu', 'cuda', 'cuda:3']) {
    assert.equal(parseConfig({ model, device, backend: 'torch' }).device, device)
    assert.equal(parseConfig({ model, device }).device, device)
  }
  const issueOf = (config: object): readonly Issue[] => checkConfig({ model, ...config }).issues
  assert.deepEqual(
    issueOf({ device: 'gpu' }).map(each => each.path),
    ['device'],
  )
  assert.match(issueOf({ device: 'gpu' })[0]!.message, /auto, cpu, cuda or cuda:N/)
  const [issue] = issueOf({ device: 'cuda:0', backend: 'wasm' })
  assert.equal(issue?.path, 'device')
  assert.match(issue.message, /backend to torch/)
})

test('the backend starts on the device that was chosen, and says which', async () => {
  const started = await startBackend('torch', ['float32'], 'cpu')
  assert.notEqual(started.device, '')
  assert.equal(started.name, 'torch')
  await assert.rejects(startBackend('wasm', ['float32'], 'cpu'), {
    code: 'invalid-config',
    message: /one device/,
  })
  await assert.rejects(startBackend('torch', ['float32'], 'cuda:99'), {
    code: 'backend-unavailable',
    message: /cuda:99/,
  })
  await assert.rejects(
    startBackend('auto', ['float32'], 'cuda:99'),
    (error: { details: { field?: string } }) => {
      assert.equal(error.details.field, 'device')
      return true
    },
  )
})
