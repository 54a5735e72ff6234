/** Building the native addons: finding a libtorch, compiling what has changed, and what is left when something goes wrong. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { torchAddon } from '../../../main/setup/native/addons.mjs'
import { buildAddon } from '../../../main/setup/native/build-addon.mjs'
import { isUpToDate, readCurrent } from '../../../main/setup/native/current.mjs'
import { findLibtorch } from '../../../main/setup/native/libtorch.mjs'
import { withLock } from '../../../main/setup/native/lock.mjs'
import { nativeNeeds } from '../../../main/setup/native/needs.mjs'
import { flagsOf } from '../../../main/setup/native/sources.mjs'
import { expectNative, supplyNative } from '../../../main/setup/native.mjs'
import { supplySystemPackages } from '../../../main/setup/system-packages.mjs'
import { fakeMachine } from './machine.ts'
import { canBuild, nativeProject } from './nativeProject.ts'
import type { NativeProject } from './nativeProject.ts'

const skip = canBuild() ? false : 'needs Linux and g++'
const setup = join(import.meta.dirname, '..', '..', '..', 'main', 'setup', 'native.mjs')

const buildTorch = async ({ machine }: NativeProject, retry = false) =>
  (await buildAddon(machine, process.execPath, torchAddon, { retry }))!

function load(project: NativeProject): unknown {
  const product = readCurrent(project.build)!.product!
  const holder = { exports: {} }
  process.dlopen(holder, join(project.build, product.path))
  return holder.exports
}

test('an addon is built for the libtorch that LIBTORCH names, and loads', { skip }, async t => {
  const project = nativeProject(t)
  const { failure, libtorch, nodeApi } = await buildTorch(project)
  assert.equal(failure, null)
  assert.deepEqual([libtorch?.version, libtorch?.cxx11Abi, libtorch?.cuda], ['9.8.7', true, false])
  assert.ok(nodeApi <= Number(process.versions['napi']))
  assert.deepEqual(load(project), { answer: 42 })
})

test('only what has changed is compiled again, headers included', { skip }, async t => {
  const project = nativeProject(t)
  await buildTorch(project)
  assert.deepEqual(project.compiled(), ['addon.cc', 'answer.cc', 'link'])
  await buildTorch(project)
  assert.equal(project.compiled().length, 3, 'nothing has changed')
  project.write('core/backend/native/src/answer.cc', '#include "answer.h"\nint answer() { return 1; }\n')
  assert.equal(isUpToDate(project.root, torchAddon, project.machine.env), false)
  await buildTorch(project)
  assert.deepEqual(project.compiled().slice(0, 4), ['addon.cc', 'answer.cc', 'answer.cc', 'link'])
  assert.deepEqual(load(project), { answer: 2 })
  project.write('core/backend/native/src/answer.h', '#pragma once\nint answer(); // the same\n')
  await buildTorch(project)
  assert.equal(project.compiled().filter(name => name === 'addon.cc').length, 2)
  assert.equal(isUpToDate(project.root, torchAddon, project.machine.env), true)
})

test('a replaced libtorch asks for a new build', { skip }, async t => {
  const project = nativeProject(t)
  const first = await buildTorch(project)
  const library = join(project.libtorch, 'lib', 'libtorch_cpu.so')
  writeFileSync(library, Buffer.concat([readFileSync(library), Buffer.alloc(8)]))
  assert.equal(isUpToDate(project.root, torchAddon, project.machine.env), false)
  const second = await buildTorch(project)
  assert.equal(second.failure, null)
  assert.notEqual(second.product?.path, first.product?.path)
})

test('the layout of std::string is the found libtorch’s own', { skip }, async t => {
  const project = nativeProject(t, { cxx11Abi: false })
  const { libtorch, failure } = await buildTorch(project)
  assert.deepEqual([libtorch?.cxx11Abi, failure], [false, null])
  assert.match(readFileSync(join(project.root, 'compiled.log'), 'utf8'), /_GLIBCXX_USE_CXX11_ABI=0/)
})

test(
  'what does not compile is recorded with the first error, and not tried again until something changes',
  { skip },
  async t => {
    const project = nativeProject(t)
    project.write('core/backend/native/src/answer.cc', 'int answer() { return nothing; }\n')
    const { failure, product } = await buildTorch(project)
    assert.equal(product, null)
    assert.match(failure?.message ?? '', /answer\.cc failed: .*error: .*nothing/)
    assert.match(readFileSync(failure?.log ?? '', 'utf8'), /nothing/)
    const tries = project.compiled().length
    await buildTorch(project)
    assert.equal(project.compiled().length, tries)
    await buildTorch(project, true)
    assert.ok(project.compiled().length > tries, 'on request it is')
    project.write('core/backend/native/src/answer.cc', 'int answer() { return 41; }\n')
    assert.equal((await buildTorch(project)).failure, null)
  },
)

test(
  'an addon with a missing symbol is found out by set-up, not by the first training',
  { skip },
  async t => {
    const project = nativeProject(t)
    project.write('core/backend/native/src/answer.cc', '')
    const { failure, product } = await buildTorch(project)
    assert.equal(product, null)
    assert.equal(failure?.kind, 'does-not-load')
    assert.match(failure?.message ?? '', /does not load: undefined symbol: _Z6answerv/)
  },
)

test('a build that is killed leaves nothing that loads, and the next one finishes it', { skip }, async t => {
  const project = nativeProject(t, { env: { SLOW: '1' } })
  const child = refresh(project)
  const objects = join(project.build, 'objects')
  while (!existsSync(objects) || readdirSync(objects).length === 0) await wait(20)
  child.kill('SIGKILL')
  await child.ended
  assert.equal(readCurrent(project.build), null)
  assert.equal(existsSync(join(project.build, 'lock')), true, 'it was killed while it held the lock')
  const { failure } = await buildTorch(project)
  assert.equal(failure, null)
  assert.deepEqual(load(project), { answer: 42 })
  assert.equal(existsSync(join(project.build, 'lock')), false)
})

test('two set-ups at once: one builds, the other waits and finds it done', { skip }, async t => {
  const project = nativeProject(t, { env: { SLOW: '0.5' } })
  const both = [refresh(project), refresh(project)]
  assert.deepEqual(await Promise.all(both.map(each => each.ended)), [0, 0])
  assert.deepEqual(project.compiled(), ['addon.cc', 'answer.cc', 'link'])
  assert.ok(both.some(each => /waiting for another set-up/.test(each.output())))
})

test('a lock is given up when the work fails, and taken from a dead holder', async t => {
  const path = join(emptyProject(t), 'lock')
  writeFileSync(path, '4194304999')
  await assert.rejects(
    withLock(path, assert.fail, () => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await withLock(path, assert.fail, () => Promise.resolve(7)), 7)
  assert.equal(existsSync(path), false)
})

test('a LIBTORCH that is none is refused, and no other is taken in its place', { skip }, async t => {
  const project = nativeProject(t)
  rmSync(join(project.libtorch, 'lib', 'libtorch_cpu.so'))
  const { failure } = await buildTorch(project)
  assert.equal(failure?.kind, 'no-libtorch')
  assert.match(
    failure?.message ?? '',
    /^LIBTORCH names .*libtorch, which cannot be used: its headers are there, but not lib\/libtorch_cpu\.so/,
  )
})

test('a libtorch for another processor is told', { skip }, async t => {
  const project = nativeProject(t)
  const path = join(project.libtorch, 'lib', 'libtorch_cpu.so')
  const bytes = readFileSync(path)
  bytes.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18)
  writeFileSync(path, bytes)
  const { reason } = await findLibtorch(project.machine)
  assert.match(reason ?? '', new RegExp(`is made for (arm64|x64), and this Node for ${process.arch}`))
})

test('the torch of a Python on the PATH is found without importing it', { skip }, async t => {
  const project = nativeProject(t)
  const packages = join(project.root, 'python', 'lib', 'python3.12', 'site-packages')
  const torch = join(packages, 'torch')
  mkdirSync(packages, { recursive: true })
  cpSync(project.libtorch, torch, { recursive: true })
  // As pip's torch has it: an OpenMP library of its own, beside the others.
  cpSync(join(torch, 'lib', 'libtorch.so'), join(torch, 'lib', 'libgomp-a34b3233.so.1'))
  const asked: string[] = []
  const machine = {
    ...project.machine,
    env: {},
    which: (name: string) => (name === 'python3' ? process.execPath : null),
    run: (command: string, args: readonly string[]) => {
      asked.push([command, ...args].join(' '))
      const output =
        command === process.execPath ? `torch-at ${join(torch, '__init__.py')}\n` : 'torch-at None\n'
      return Promise.resolve({ code: 0, output, timedOut: false })
    },
  }
  const { libtorch } = await findLibtorch(machine)
  assert.equal(libtorch?.path, join(torch, 'lib'))
  assert.equal(libtorch?.openmp, join(torch, 'lib', 'libgomp-a34b3233.so.1'))
  assert.ok(asked.every(line => !/import torch/.test(line)))
})

test('torch in a prefix as conda’s is found, with the libraries it links to', { skip }, async t => {
  const project = nativeProject(t)
  const prefix = join(project.root, 'conda')
  const torch = join(prefix, 'lib', 'python3.12', 'site-packages', 'torch')
  mkdirSync(torch, { recursive: true })
  for (const name of ['include', 'lib'])
    cpSync(join(project.libtorch, name), join(prefix, name), { recursive: true })
  const machine = {
    ...project.machine,
    env: {},
    which: (name: string) => (name === 'python' ? process.execPath : null),
    run: (command: string) => {
      const output =
        command === process.execPath ? `torch-at ${join(torch, '__init__.py')}\n` : 'torch-at None\n'
      return Promise.resolve({ code: 0, output, timedOut: false })
    },
  }
  const { libtorch } = await findLibtorch(machine)
  assert.equal(libtorch?.path, join(prefix, 'lib'))
})

test('a torch that cannot be used is passed over, and told with the one that is used', { skip }, async t => {
  const project = nativeProject(t)
  const [first, second] = ['first', 'second'].map(name => join(project.root, name, 'torch')) as [
    string,
    string,
  ]
  mkdirSync(join(first, 'lib'), { recursive: true })
  cpSync(join(project.libtorch, 'lib'), join(first, 'lib'), { recursive: true })
  cpSync(project.libtorch, second, { recursive: true })
  // As of 2.9 the numbers of the version lie in another header.
  const header = join(second, 'include/torch/csrc/api/include/torch/version.h')
  mkdirSync(join(second, 'include/torch/headeronly'))
  renameSync(header, join(second, 'include/torch/headeronly/version.h'))
  writeFileSync(header, '#include <torch/headeronly/version.h>\n')
  const places: Record<string, string> = { [process.execPath]: first, '/bin/sh': second }
  const machine = {
    ...project.machine,
    env: {},
    which: (name: string) => (name === 'python3' ? process.execPath : '/bin/sh'),
    run: (command: string) =>
      Promise.resolve({ code: 0, output: `torch-at ${places[command]}/__init__.py\n`, timedOut: false }),
  }
  const { libtorch } = await findLibtorch(machine)
  assert.deepEqual([libtorch?.path, libtorch?.version], [join(second, 'lib'), '9.8.7'])
  const expected = `the torch of /bin/sh; the torch of ${process.execPath} cannot be used: its libraries are there, but not its headers`
  assert.equal(libtorch?.origin, expected)
})

test('a libtorch with CUDA is linked with its CUDA half, so that its kernels register', { skip }, async t => {
  const project = nativeProject(t)
  for (const name of ['torch_cuda', 'c10_cuda'])
    cpSync(join(project.libtorch, 'lib', 'libtorch.so'), join(project.libtorch, 'lib', `lib${name}.so`))
  const { libtorch, failure } = await buildTorch(project)
  assert.deepEqual([libtorch?.cuda, failure], [true, null])
  const link = readFileSync(join(project.root, 'compiled.log'), 'utf8')
    .split('\n')
    .find(line => line.includes('-shared'))
  assert.match(link ?? '', /-Wl,--no-as-needed .*-ltorch_cuda -lc10_cuda -Wl,--as-needed/)
})

test('without a libtorch set-up says how to get one, and with CI=true that is a failure', async t => {
  const root = emptyProject(t)
  const files = { '/etc/os-release': 'ID=debian\n' }
  const machine = fakeMachine({ root, env: { LIBTORCH: '/nowhere' }, files })
  const outcomes = await supplyNative(machine, process.execPath)
  const said = machine.said.find(line => line.includes("no native addon 'torch'")) ?? ''
  assert.match(said, /LIBTORCH names \/nowhere.*`sudo apt-get install libtorch-dev g\+\+`/)
  assert.throws(
    () => expectNative(outcomes),
    /CI=true asks for every test.*'torch' is missing: LIBTORCH names/,
  )
})

test('Debian as root gets libtorch, a compiler and libjpeg; only what is missing is asked for', async () => {
  const machine = fakeMachine({
    isRoot: true,
    files: { '/etc/os-release': 'ID=debian\n' },
    programs: ['apt-get'],
  })
  await supplySystemPackages(machine, nativeNeeds({ libtorch: false, compiler: false }))
  assert.equal(
    machine.ran.at(-1),
    'apt-get install -y -q --no-install-recommends libtorch-dev g++ libjpeg62-turbo-dev',
  )
  const rest = fakeMachine({
    isRoot: true,
    files: { '/etc/os-release': 'ID=debian\n' },
    programs: ['apt-get'],
  })
  await supplySystemPackages(rest, nativeNeeds({ libtorch: true, compiler: true }))
  assert.match(rest.ran.at(-1) ?? '', /--no-install-recommends libjpeg62-turbo-dev$/)
})

test('elsewhere libtorch is named, with what works without it', async () => {
  const machine = fakeMachine({ files: { '/etc/os-release': 'ID=fedora\n' } })
  await supplySystemPackages(machine, nativeNeeds({ libtorch: false, compiler: true }))
  assert.match(machine.said.join('\n'), /Missing: libtorch, .*everything works without it/)
  assert.deepEqual(machine.ran, [])
})

test('a source names the instruction set it is written for, on the processors that have it', t => {
  const path = join(emptyProject(t), 'fast.cc')
  writeFileSync(path, '// A kernel.\n// flags: -mavx512f -mfma\n')
  assert.deepEqual(flagsOf(path, 'x64'), ['-mavx512f', '-mfma'])
  assert.deepEqual(flagsOf(path, 'arm64'), [])
})

/** A folder with one source that nobody compiles. */
function emptyProject(t: { after(done: () => void): void }): string {
  const root = mkdtempSync(join(tmpdir(), 'multigrain-native-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, torchAddon.folder), { recursive: true })
  writeFileSync(join(root, torchAddon.folder, 'addon.cc'), '')
  return root
}

/** Set-up in a process of its own. */
function refresh({ root, machine: { env } }: NativeProject) {
  const script = `import { refreshNative } from ${JSON.stringify(setup)}; await refreshNative(${JSON.stringify(root)})`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stderr.on('data', bytes => void (output += String(bytes)))
  const ended = new Promise<number | null>(resolve => child.on('close', code => resolve(code)))
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended, output: () => output }
}
