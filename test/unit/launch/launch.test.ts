/** The launcher itself: stamps, hand-over, and its own arguments. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fingerprintOf } from '../../../main/setup/build.mjs'
import { isInstalled } from '../../../main/setup/dependencies.mjs'
import { readyNode, writeStamp } from '../../../main/setup/stamp.mjs'

const project = join(import.meta.dirname, '..', '..', '..')
const handOver = join(project, 'main', 'setup', 'hand-over.mjs')
let root: string

before(() => {
  root = mkdtempSync(join(tmpdir(), 'multigrain-launch-'))
  mkdirSync(join(root, 'node_modules'))
  writeFileSync(join(root, 'package-lock.json'), lock({ a: '1.0.0' }))
})
after(() => rmSync(root, { recursive: true, force: true }))

function lock(versions: Readonly<Record<string, string>>): string {
  const packages = Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }])
  return JSON.stringify({
    packages: {
      '': {},
      ...Object.fromEntries(packages),
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  })
}

test('a finished set-up is recognised until the lock file changes', () => {
  assert.equal(readyNode(root), null)
  writeStamp(root, process.execPath)
  assert.equal(readyNode(root), process.execPath)
  writeFileSync(join(root, 'package-lock.json'), lock({ a: '1.0.1' }))
  assert.equal(readyNode(root), null)
})

test('a Node that has gone is no finished set-up', () => {
  writeStamp(root, join(root, 'gone'))
  assert.equal(readyNode(root), null)
})

test('packages that were installed by hand are recognised, and other versions are not', () => {
  const there = join(root, 'node_modules', '.package-lock.json')
  writeFileSync(join(root, 'package-lock.json'), lock({ a: '1.0.0', b: '2.0.0' }))
  assert.equal(isInstalled(root), false)
  writeFileSync(
    there,
    lock({ a: '1.0.0', b: '2.0.0' }).replace('node_modules/other-platform', 'node_modules/unrelated'),
  )
  assert.equal(isInstalled(root), true)
  writeFileSync(there, lock({ a: '1.0.0', b: '2.0.1' }))
  assert.equal(isInstalled(root), false)
})

test('a changed source asks for a new build', () => {
  mkdirSync(join(root, 'renderer'), { recursive: true })
  const source = join(root, 'renderer', 'main.ts')
  writeFileSync(source, 'one')
  const first = fingerprintOf(root)
  assert.equal(fingerprintOf(root), first)
  utimesSync(source, new Date(0), new Date(0))
  assert.notEqual(fingerprintOf(root), first)
})

test('exit code, output and arguments pass through', () => {
  const script = `import { handOver } from ${JSON.stringify(handOver)}; process.exitCode = await handOver(process.execPath, ['-e', 'console.log(process.argv[1]); process.exit(7)', 'a b'])`
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  assert.deepEqual([result.status, result.stdout], [7, 'a b\n'])
})

test('a signal is passed on, and the exit code is that of the program', async () => {
  const program = `process.on('SIGTERM', () => process.exit(9)); console.log('up'); setInterval(() => {}, 1000)`
  const script = `import { handOver } from ${JSON.stringify(handOver)}; process.exitCode = await handOver(process.execPath, ['-e', ${JSON.stringify(program)}])`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>(resolve => child.on('exit', resolve))
  child.stdout.once('data', () => child.kill('SIGTERM'))
  assert.equal(await ended, 9)
})

test('an unknown command and an unknown part of set-up are told', () => {
  const launch = (...args: string[]) =>
    spawnSync(process.execPath, [join(project, 'main', 'launch.mjs'), ...args], { encoding: 'utf8' })
  assert.equal(launch('dance').status, 2)
  const setup = launch('setup', 'tensorflows')
  assert.equal(setup.status, 2)
  assert.match(setup.stderr, /no part 'tensorflows'\. Known: .*tensorflow/)
})
