/** In a checkout: compiles the addon for a chosen libtorch, as set-up does, and remembers the choice for the next start. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { AppError } from '../../core/errors/index.ts'
import type { TaskOptions } from '../../core/handlers/index.ts'
import { nodePath } from '../nodePath.ts'
import { chooseLibtorch, chosenLibtorch } from '../setup/native/choice.mjs'

const keptLines = 40

/**
 * @param folder null for whatever set-up finds by itself.
 * @throws AppError backend-unavailable with what the compiler said; the choice from before holds then.
 */
export async function compileFor(
  root: string,
  folder: string | null,
  { onProgress, signal }: Required<TaskOptions>,
): Promise<void> {
  const before = chosenLibtorch(root)
  chooseLibtorch(root, folder)
  onProgress({ phase: 'compiling', done: 0, total: 0, etaMs: null })
  try {
    await runSetup(root, folder, signal, line => {
      const [, missing, all] = /(\d+) of (\d+) files to compile/.exec(line) ?? []
      if (missing !== undefined) onProgress({ phase: 'compiling', done: 0, total: Number(all), etaMs: null })
    })
  } catch (thrown) {
    chooseLibtorch(root, before)
    await runSetup(root, before, new AbortController().signal, () => {}).catch(() => {})
    throw thrown
  }
}

function runSetup(
  root: string,
  folder: string | null,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const { LIBTORCH: _own, ...environment } = process.env
  const env = folder === null ? environment : { ...environment, LIBTORCH: folder }
  const child = spawn(nodePath(), [join(root, 'main', 'setup', 'native.mjs')], {
    env,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter(each => each !== '')) {
      lines.push(line)
      if (lines.length > keptLines) lines.shift()
      onLine(line)
    }
  })
  return new Promise((resolve, reject) => {
    child.on('error', error => {
      reject(
        signal.aborted
          ? new AppError('cancelled', 'Compiling was stopped')
          : AppError.from(error, 'Compiling the addon'),
      )
    })
    child.on('exit', code => {
      if (code === 0) return resolve()
      const telling =
        lines.findLast(line => line.includes("no native addon 'torch'")) ??
        lines.at(-1) ??
        `exit code ${code}`
      reject(new AppError('backend-unavailable', telling.replace(/^Set-up: /, '')))
    })
  })
}
