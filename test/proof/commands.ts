/** Runs the `multigrain` command for the proofs, as a user does, in a data folder of their own. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const main = join(import.meta.dirname, '..', '..', 'core', 'cli', 'main.ts')

export interface CommandSetting {
  /** Data folder of the workbench. */
  readonly home: string
  /** Threads of libtorch. */
  readonly threads: number
}

/** @returns the object that the command prints last. @throws Error with what it wrote when it fails. */
export async function multigrain(
  { home, threads }: CommandSetting,
  ...args: readonly string[]
): Promise<Record<string, unknown>> {
  const env = { ...process.env, MULTIGRAIN_HOME: home, OMP_NUM_THREADS: String(threads) }
  const child = spawn(process.execPath, [main, ...args, '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = (): void => void child.kill('SIGKILL')
  process.once('exit', stop)
  let out = ''
  let errors = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (errors += part.toString()))
  const code = await new Promise<number | null>(done => child.once('close', done))
  process.off('exit', stop)
  const lines = out.split('\n').filter(line => line.startsWith('{'))
  if (code !== 0)
    throw new Error(
      `multigrain ${args.join(' ')} ended with ${code}\n${errors.slice(-2000)}\n${out.slice(-2000)}`,
    )
  return JSON.parse(lines.at(-1)!) as Record<string, unknown>
}

/** Runs some jobs, so many at a time, in their order. */
export async function inParallel<Value>(
  count: number,
  jobs: readonly (() => Promise<Value>)[],
): Promise<Value[]> {
  const values: Value[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < jobs.length) {
      const at = next++
      values[at] = await jobs[at]!()
    }
  }
  await Promise.all(Array.from({ length: count }, work))
  return values
}
