import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findAddon } from '../../../core/backend/torch/load.ts'
import {
  activate,
  activeLibtorch,
  deactivate,
  nativeEnvironment,
  takesCuda,
  type Found,
} from '../../../main/libtorch/active.ts'
import { libtorchLibrary } from '../../../main/libtorch/library.ts'

/** What an installed package does to use another libtorch than its own. */

function bench(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'multigrain-active-'))
  t.after(() => rmSync(root, { recursive: true }))
  const prebuilt = join(root, 'prebuilt')
  const folder = join(root, 'data', 'libtorch')
  mkdirSync(prebuilt, { recursive: true })
  mkdirSync(folder, { recursive: true })
  const addons = { cpu: 'torch-cpu.node', cuda: 'torch-cuda.node' }
  writeFileSync(
    join(prebuilt, 'prebuilt.json'),
    JSON.stringify({ version: '2.9.1', nodeApi: 8, arch: process.arch, addons }),
  )
  for (const name of Object.values(addons)) writeFileSync(join(prebuilt, name), name)
  const library = join(root, 'libtorch_cpu.so')
  writeFileSync(library, 'library')
  const found: Found = {
    ...{ origin: '/opt/libtorch', path: root, version: '2.9.1', cxx11Abi: true, cuda: true },
    files: [],
  }
  return { root, folder, found }
}

test('the addon that fits is taken, and children find the library', t => {
  const { root, folder, found } = bench(t)
  assert.deepEqual(nativeEnvironment(folder), {})
  activate(root, folder, found)
  assert.equal(activeLibtorch(folder)?.path, root)
  const active = join(folder, 'active')
  const environment = nativeEnvironment(folder, { LD_LIBRARY_PATH: '/before' }, 'linux')
  assert.deepEqual(environment, {
    MULTIGRAIN_NATIVE: active,
    LD_LIBRARY_PATH: `${root}${delimiter}/before`,
  })
  assert.deepEqual(Object.keys(nativeEnvironment(folder, {}, 'win32')).sort(), ['MULTIGRAIN_NATIVE', 'PATH'])
  const { addon } = findAddon(active)
  assert.equal(addon?.path, join(active, 'torch.node'))
  assert.ok(addon?.libtorch.cuda)
  deactivate(folder)
  assert.deepEqual(nativeEnvironment(folder), {})
})

test('a libtorch of another version is refused with what would fit, and what was in use stays', t => {
  const { root, folder, found } = bench(t)
  activate(root, folder, found)
  assert.throws(() => activate(root, folder, { ...found, version: '2.4.0' }), {
    code: 'conflict',
    message: /2\.4\.0.*2\.9\.1.*torch==2\.9\.1/,
  })
  assert.equal(activeLibtorch(folder)?.version, '2.9.1')
  assert.deepEqual(readdirSync(folder), ['active'])
})

test('a package without an addon for CUDA says so, and offers nothing to fetch', async t => {
  const { root, folder, found } = bench(t)
  assert.ok(takesCuda(root))
  const one = { version: '2.9.1', nodeApi: 8, arch: 'x64', addons: { cpu: 'torch-cpu.node', cuda: null } }
  writeFileSync(join(root, 'prebuilt', 'prebuilt.json'), JSON.stringify(one))
  assert.throws(() => activate(root, folder, found), { code: 'conflict', message: /no addon for.*CUDA/ })
  assert.equal((await libtorchLibrary({ root, folder, isPackaged: true }).state()).pinned, null)
  assert.ok(!existsSync(join(folder, 'active')))
})

test('what is fetched can be deleted, but not while it is in use', async t => {
  const { root, folder, found } = bench(t)
  const pinned = {
    version: '2.9.1',
    build: 'cu1',
    url: 'https://x.test/',
    sha256: null,
    inner: 'libtorch',
  } as const
  const library = libtorchLibrary({ root, folder, isPackaged: true, pinned })
  const made = join(folder, '2.9.1-cu1')
  mkdirSync(made)
  writeFileSync(join(folder, '2.9.1-cu1.zip.part'), 'part')
  activate(root, folder, { ...found, origin: made })
  const state = await library.state()
  assert.deepEqual(
    [state.choice, state.isFetched, state.partBytes, state.compiles],
    ['fetched', true, 4, false],
  )
  assert.deepEqual(state.current, { version: '2.9.1', path: root, origin: made, cuda: true })
  await assert.rejects(library.deleteFetched(), { code: 'conflict', message: /in use/ })
  const options = { signal: new AbortController().signal, onProgress: () => {} }
  await library.useAutomatic(options)
  await library.deleteFetched()
  assert.deepEqual(readdirSync(folder), [])
  await assert.rejects(library.use('c-0', options), { code: 'not-found' })
  await assert.rejects(library.useFolder(join(root, 'nothing'), options), { code: 'data-invalid' })
  await assert.rejects(library.fetch(options), { code: 'conflict', message: /no SHA-256/ })
})
