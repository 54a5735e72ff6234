/** Loading the native addon: each way in which it does not fit ends in an error with path, ABI and remedy, and none in a crash. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { torchBackend } from '../../core/backend/backends/torch.ts'
import { findAddon, loadAddon } from '../../core/backend/torch/load.ts'
import type { AddonFinding, BuiltAddon, Libtorch } from '../../core/backend/torch/load.ts'
import type { AppError, ErrorReply } from '../../core/errors/index.ts'
import { canBuild, compile, makeLibtorch } from '../unit/launch/nativeProject.ts'

const skip = canBuild() ? false : 'needs Linux and g++'
const remedy = /Run: npm run -s multigrain -- setup native/
const headers = join(process.execPath, '..', '..', 'include', 'node')

test('an addon that was never built, and one whose build failed, say so', t => {
  const { folder, record } = builtFolder(t, { source: null })
  rmSync(join(folder, 'current.json'))
  expectMissing(folder, /not built yet/, remedy)
  writeFileSync(join(folder, 'current.json'), '{"format": 1, "prod')
  expectMissing(folder, /not built yet/, remedy)
  record({ product: null, failure: { message: 'no libtorch was found', remedy: 'Install libtorch-dev' } })
  expectMissing(folder, /no libtorch was found/, /^Install libtorch-dev$/)
})

test('a half-built addon is not loaded', t => {
  const { folder, record, product } = builtFolder(t, { source: null })
  record({ product: null })
  expectMissing(folder, /half built/, remedy)
  record({})
  rmSync(product)
  expectMissing(folder, /half built: .*torch\.node is missing/, remedy)
})

test('a truncated addon is not loaded, as the linker would crash on it', { skip }, t => {
  const { folder, product } = builtFolder(t, { source: good })
  const bytes = readFileSync(product)
  writeFileSync(product, bytes.subarray(0, bytes.length / 2))
  expectMissing(folder, /damaged: .*torch\.node has \d+ of \d+ bytes/, remedy)
  writeFileSync(product, Buffer.alloc(bytes.length))
  expectFailure(folder, /the file is damaged \(.*ELF/, remedy)
})

test('an addon loads when everything fits', { skip }, t => {
  const { folder } = builtFolder(t, { source: good })
  assert.deepEqual(loadElsewhere(folder), { loaded: { value: 1 } })
})

test('a libtorch that was replaced or taken away is noticed before it is loaded', { skip }, t => {
  const { folder, libtorch } = builtFolder(t, { source: good })
  const library = join(libtorch.path, 'libtorch_cpu.so')
  utimesSync(library, new Date(0), new Date(0))
  expectMissing(folder, /was replaced since the native addon was built for its version 9\.8\.7/, remedy)
  rmSync(library)
  expectMissing(folder, /libtorch 9\.8\.7 is no longer in .*libtorch_cpu\.so is missing/, remedy)
})

test('an addon with the other layout of std::string is told as that', { skip }, t => {
  for (const [addonAbi, torchAbi] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const source = `#include <string>\nnamespace c10 { struct SourceLocation { int line; };\nstruct Error { Error(SourceLocation, std::string); }; }\n${module('c10::Error error({1}, "x"); value = &error != nullptr;')}`
    const { folder, libtorch } = builtFolder(t, { source, addonAbi, torchAbi })
    const expected = `compiled with _GLIBCXX_USE_CXX11_ABI=${addonAbi}, and libtorch 9\\.8\\.7 in ${libtorch.path} with ${torchAbi} \\(undefined symbol _ZN3c105Error`
    expectFailure(folder, new RegExp(expected), remedy)
  }
})

test('a symbol that this libtorch lacks is named', { skip }, t => {
  const source = `namespace at { int two(); }\n${module('value = at::two();')}`
  const { folder } = builtFolder(t, { source })
  expectFailure(folder, /libtorch 9\.8\.7 in .* lacks the symbol _ZN2at3twoEv: it is another version/, remedy)
})

test('a library that is missing is named', { skip }, t => {
  const { folder, root } = builtFolder(t, { source: good, gone: true })
  rmSync(join(root, 'libgone.so'))
  expectFailure(folder, /the library libgone\.so is not there/, /Install the package that holds libgone\.so/)
})

test('an addon for another processor is told, by the record and by the file itself', { skip }, t => {
  const { folder, record, product } = builtFolder(t, { source: good })
  const other = process.arch === 'arm64' ? 'x64' : 'arm64'
  record({ arch: other })
  expectMissing(folder, new RegExp(`built for ${other}, and this Node for ${process.arch}`), remedy)
  record({})
  const bytes = readFileSync(product)
  bytes.writeUInt16LE(other === 'x64' ? 62 : 183, 18)
  writeFileSync(product, bytes)
  expectFailure(folder, new RegExp(`made for ${other}, and this Node for ${process.arch}`), remedy)
})

test('an addon for a newer Node-API is never loaded, as Node would crash on it', t => {
  const { folder, record } = builtFolder(t, { source: null })
  record({ nodeApi: 99 })
  expectMissing(folder, /needs Node-API 99, and Node .* has \d+/, remedy)
})

test('a library that is no addon is told', { skip }, t => {
  const { folder } = builtFolder(t, { source: 'int nothing() { return 0; }' })
  expectFailure(folder, /no complete Node addon/, remedy)
})

test(
  'looking for the backend loads nothing of libtorch into the process',
  { skip: process.platform !== 'linux' },
  () => {
    const start = join(import.meta.dirname, '..', '..', 'core', 'backend', 'start.ts')
    const script = `
    import { readFileSync } from 'node:fs'
    const { probeAll } = await import(${JSON.stringify(start)})
    const torch = (await probeAll()).find(each => each.entry.name === 'torch')
    console.log(JSON.stringify({ probe: torch.probe, maps: /lib(torch|c10)|torch[^/]*\\.node/.test(readFileSync('/proc/self/maps', 'utf8')) }))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    })
    const { probe, maps } = JSON.parse(stdout || `"${stderr}"`) as {
      probe: { available: boolean }
      maps: boolean
    }
    assert.equal(probe.available, findAddon().addon !== null)
    assert.equal(maps, false)
  },
)

test('the backend names its device: CUDA where libtorch has it and a GPU is there, else the processor', async () => {
  const gpu = { name: 'NVIDIA H100', computeCapability: 9 }
  const probe = (cuda: boolean, found: typeof gpu | null) =>
    torchBackend({ find: () => findingOf(cuda), load: assert.fail, gpu: async () => found }).probe()
  const onGpu = await probe(true, gpu)
  assert.deepEqual([onGpu.available && onGpu.kind, onGpu.available && onGpu.device], ['gpu', 'NVIDIA H100'])
  assert.match(onGpu.detail, /libtorch 2\.6\.0 \(the system\) on CUDA/)
  const hidden = await probe(true, null)
  assert.equal(hidden.available && hidden.kind, 'native-cpu')
  const without = await probe(false, gpu)
  assert.equal(without.available && without.kind, 'native-cpu')
  assert.match(
    (without.available && without.advice) || '',
    /NVIDIA H100 is here, and this libtorch has no CUDA/,
  )
})

test('a backend that cannot be loaded is missing with the reason and the remedy', async () => {
  const find = (): AddonFinding => ({ addon: null, detail: 'no libtorch was found', remedy: 'Install one' })
  const entry = torchBackend({ find, load: () => loadAddon('/nowhere'), gpu: async () => null })
  assert.deepEqual(await entry.probe(), {
    available: false,
    detail: 'no libtorch was found',
    remedy: 'Install one',
  })
  await assert.rejects(entry.load(), {
    code: 'backend-unavailable',
    message: /^Backend 'torch': .*not built yet/,
  })
})

function findingOf(cuda: boolean): AddonFinding {
  const libtorch: Libtorch = {
    origin: 'the system',
    path: '/lib',
    version: '2.6.0',
    cxx11Abi: true,
    cuda,
    files: [],
  }
  const addon: BuiltAddon = { path: '/torch.node', libtorch }
  return { addon }
}

const good = module('')

/** An addon that exports `value`. */
function module(body: string): string {
  return `#include <node_api.h>
NAPI_MODULE_INIT() {
  int value = 1;
  ${body}
  napi_value number;
  napi_create_int32(env, value, &number);
  napi_set_named_property(env, exports, "value", number);
  return exports;
}
`
}

interface Built {
  readonly source: string | null
  readonly addonAbi?: 0 | 1
  readonly torchAbi?: 0 | 1
  /** Link it with a library of its own as well. */
  readonly gone?: boolean
}

/** What set-up leaves behind, around an addon of the test's own. */
function builtFolder(
  t: { after(done: () => void): void },
  { source, addonAbi = 1, torchAbi = 1, gone = false }: Built,
) {
  const root = mkdtempSync(join(tmpdir(), 'multigrain-addon-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, 'build')
  mkdirSync(folder)
  const product = join(folder, 'torch.node')
  const path = join(root, 'libtorch', 'lib')
  if (source === null) writeFileSync(product, '')
  else {
    makeLibtorch(join(root, 'libtorch'), torchAbi === 1)
    writeFileSync(join(root, 'addon.cc'), source)
    const flags = [`-D_GLIBCXX_USE_CXX11_ABI=${addonAbi}`, '-I', headers, '-Wl,-z,now', '-Wl,--no-as-needed']
    const libraries = ['-L', path, '-ltorch_cpu', '-lc10', `-Wl,-rpath,${path}:${root}`]
    if (gone) {
      writeFileSync(join(root, 'gone.cc'), '')
      compile(join(root, 'gone.cc'), join(root, 'libgone.so'))
      libraries.push('-L', root, '-lgone')
    }
    compile(join(root, 'addon.cc'), product, [...flags, ...libraries])
  }
  const files = (source === null ? [] : ['libtorch_cpu.so', 'libc10.so']).map(name => {
    const { size, mtimeMs } = statSync(join(path, name))
    return { path: join(path, name), sizeBytes: size, mtimeMs: Math.round(mtimeMs) }
  })
  const libtorch = { origin: 'a test', path, version: '9.8.7', cxx11Abi: torchAbi === 1, cuda: false, files }
  const record = (changes: object): void => {
    const whole = { path: 'torch.node', sizeBytes: statSync(product).size }
    const recorded = {
      format: 1,
      arch: process.arch,
      nodeApi: 8,
      product: whole,
      libtorch,
      failure: null,
      ...changes,
    }
    writeFileSync(join(folder, 'current.json'), JSON.stringify(recorded))
  }
  record({})
  return { root, folder, product, libtorch, record }
}

/** Found out by the look alone; loading says the same. */
function expectMissing(folder: string, detail: RegExp, cure: RegExp): void {
  const found = findAddon(folder)
  assert.ok(found.addon === null)
  assert.match(found.detail, detail)
  assert.match(found.remedy, cure)
  assert.throws(
    () => loadAddon(folder),
    (error: AppError) => {
      assert.equal(error.code, 'backend-unavailable')
      assert.equal(error.message, `Backend 'torch': ${found.detail}. ${found.remedy}`)
      return true
    },
  )
}

/** Found out by loading. */
function expectFailure(folder: string, reason: RegExp, cure: RegExp): void {
  const { addon } = findAddon(folder)
  assert.ok(addon !== null)
  const { error } = loadElsewhere(folder)
  assert.ok(error !== undefined, 'it loads')
  assert.equal(error.code, 'backend-unavailable')
  assert.ok(error.message.startsWith(`Backend 'torch': ${addon.path} (libtorch 9.8.7 in `), error.message)
  assert.match(error.message, /_GLIBCXX_USE_CXX11_ABI=[01]\) does not load: /)
  assert.match(error.message, reason)
  assert.match(String(error.details['remedy']), cure)
}

/** In a process of its own, as a process keeps the first libc10.so that it has loaded. */
function loadElsewhere(folder: string): { loaded?: unknown; error?: ErrorReply } {
  const script = `
    const { loadAddon } = await import(${JSON.stringify(join(import.meta.dirname, '../../core/backend/torch/load.ts'))})
    let outcome
    try {
      outcome = { loaded: loadAddon(${JSON.stringify(folder)}) }
    } catch (error) {
      outcome = { error: error.toReply() }
    }
    console.log(JSON.stringify(outcome))`
  const args = ['--input-type=module', '-e', script]
  const { stdout, stderr, signal } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(signal, null, stderr)
  return JSON.parse(stdout) as { loaded?: unknown; error?: ErrorReply }
}
