/**
 * `npm run package`: lays out a package and has electron-builder pack it.
 *
 * `--dir` only unpacked; `--for-tests` with Electron's inspector, which Playwright needs and a release must not have;
 * `--staged` of what the last call laid out;
 * `--libtorch PATH|none` instead of the pinned one; `--cuda` with an addon for the pinned libtorch with CUDA, too; `--stage-only`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { nodePath } from '../nodePath.ts'
import { stageNative } from './native.ts'
import { stage } from './stage.ts'

const builder = 'electron-builder@26.17.0'
const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'out', 'package')

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'boolean', default: false },
      'for-tests': { type: 'boolean', default: false },
      'stage-only': { type: 'boolean', default: false },
      staged: { type: 'boolean', default: false },
      cuda: { type: 'boolean', default: false },
      libtorch: { type: 'string' },
    },
  })
  if (!values.staged) await layOut(values.libtorch ?? null, values.cuda)
  return values['stage-only'] ? 0 : build(values.dir, values['for-tests'])
}

async function layOut(libtorch: string | null, withCuda: boolean): Promise<void> {
  if (!existsSync(join(root, 'out', 'main', 'index.js')))
    throw new Error('The app is not built. Run: npm run setup build')
  const node = nodePath()
  stage({ root, folder, system: `${process.platform}-${process.arch}`, node })
  if (libtorch === 'none' || process.platform !== 'linux')
    return console.log('Without the native addons: the package computes with WebGPU or WebAssembly')
  const cache = join(root, 'out', 'libtorch')
  await stageNative({ folder, cache, node, libtorch, withCuda })
}

function build(isUnpacked: boolean, isForTests: boolean): number {
  const args = ['--yes', builder, '--config', join(root, 'electron-builder.yml'), '--publish', 'never']
  if (isUnpacked || isForTests) args.push('--dir')
  // The same in everything but this switch, and in a folder of its own, so that no release is made of it.
  if (isForTests)
    args.push(
      '-c.electronFuses.enableNodeCliInspectArguments=true',
      '-c.directories.output=out/packages-for-tests',
    )
  const isWindows = process.platform === 'win32'
  const { status } = spawnSync(isWindows ? 'npx.cmd' : 'npx', args, {
    cwd: root,
    stdio: 'inherit',
    shell: isWindows,
  })
  return status ?? 1
}

process.exitCode = await main()
