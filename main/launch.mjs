#!/usr/bin/env node
/**
 * The one way in: `npm start`, `npm test`, `npm run multigrain` and `npm run setup` all come here. Runs on any Node from 18 on with
 * nothing installed, gets ready what the command needs, and hands over to the pinned Node 24.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { handOver } from './setup/hand-over.mjs'
import { readyNode } from './setup/stamp.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const usage = `Usage: node main/launch.mjs COMMAND

  start [--no-open] [--port N] [--web] [--yes]   open the workbench
  test [PATH...] [--yes]                         run the tests, or those below the given paths
  package [ARGUMENTS...]                         make the package for this system
  cli ARGUMENTS...                               the multigrain command
  setup [NAME...] [--yes]                        get everything ready; NAME: ${['dependencies', 'system', 'native', 'electron', 'tensorflow', 'build'].join(', ')}
`

/** @param {readonly string[]} args */
async function main([command, ...args]) {
  if (Number(process.versions.node.split('.')[0]) < 18) {
    process.stderr.write(
      `Multigrain needs Node 18 or newer to start, and this is ${process.versions.node}. Get it from https://nodejs.org\n`,
    )
    return 1
  }
  if (command === 'cli') return cli(args)
  if (command === 'start') return (await import('./setup/start.mjs')).start(root, args)
  if (command === 'test') return (await import('./setup/test.mjs')).test(root, args)
  if (command === 'package') return (await import('./setup/package.mjs')).packageApp(root, args)
  if (command === 'setup') return (await import('./setup/setup.mjs')).setup(root, args)
  process.stderr.write(usage)
  return command === undefined || command === '--help' ? 0 : 2
}

/** Nothing but a look at the stamps stands between the user and the command. */
async function cli(/** @type {readonly string[]} */ args) {
  let node = readyNode(root)
  if (node === null) {
    const { prepare } = await import('./setup/prepare.mjs')
    node = await prepare(root, [])
  }
  // `setup native` builds by itself, and asks first for what is missing.
  if (args[0] !== 'setup') await (await import('./setup/native.mjs')).refreshNative(root)
  return handOver(node, [join(root, 'core', 'cli', 'main.ts'), ...args])
}

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code
  },
  error => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  },
)
