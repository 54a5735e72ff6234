/**
 * One side of a comparison: a process that computes when it is asked and sleeps in a read otherwise, so that two of them can live at
 * the same time and take turns. Requests and answers are lines of JSON.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Side {
  readonly name: string
  /** @throws Error with what the process says of its failure. */
  ask<Answer>(what: string, request?: object): Promise<Answer>
  close(): Promise<void>
}

/** How long one answer may take. */
const answerLimitMs = 5 * 60_000

/**
 * Starts the process of a side.
 * @param env variables beside those of this process.
 */
export function openSide(name: string, command: readonly string[], env: Record<string, string> = {}): Side {
  const [program = '', ...args] = command
  // Said outright, as some builds of PyTorch take one thread where there are more cores.
  const threads = { OMP_NUM_THREADS: process.env['OMP_NUM_THREADS'] ?? String(availableParallelism()) }
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...threads, ...env },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)))
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('close', (code, signal) => resolve(`ended with ${signal ?? `exit code ${code}`}`))
  })
  child.stdin.on('error', () => {}) // told by `ended`
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  const ask = async <Answer>(what: string, request: object = {}): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify({ do: what, ...request })}\n`)
    const line = await withinLimit(lines.next(), ended)
    if (typeof line === 'string') throw new Error(`${name}: ${what}: ${line}\n${said}`)
    if (line.done) throw new Error(`${name}: ${what}: ${await ended}\n${said}`)
    const answer = JSON.parse(line.value) as { value: Answer; error?: string }
    if (answer.error !== undefined) throw new Error(`${name}: ${what}: ${answer.error}`)
    return answer.value
  }
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    const exited = once(child, 'exit')
    child.stdin.end()
    const hard = setTimeout(() => child.kill('SIGKILL'), 5000)
    await exited
    clearTimeout(hard)
  }
  return { name, ask, close }
}

/** A side of ours: a TypeScript file beside this one. */
export function openOurs(file: string, env: Record<string, string> = {}): Side {
  return openSide('ours', [process.execPath, join(import.meta.dirname, file)], env)
}

/** A side of PyTorch: a Python file in `peers`. */
export function openPyTorch(python: string, file: string, env: Record<string, string> = {}): Side {
  return openSide('PyTorch', [python, join(import.meta.dirname, 'peers', file)], env)
}

async function withinLimit<T>(answer: Promise<T>, ended: Promise<string>): Promise<T | string> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve(`no answer within ${answerLimitMs / 1000} s`), answerLimitMs)
  })
  // A process that ends in order closes its output as well; its last line comes first.
  const broken = ended.then(async how => (await pause(200), how))
  try {
    return await Promise.race([answer, late, broken])
  } finally {
    clearTimeout(timer)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
