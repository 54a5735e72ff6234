/** What set-up knows of the machine and may do to it, in one object that tests can replace. */
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { withChoice } from './native/choice.mjs'

/**
 * @typedef {object} RunOptions
 * @property {number} [timeLimitMs] the process and its children are ended after it.
 * @property {boolean} [show] pass output on to standard error as it comes.
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 *
 * @typedef {{ code: number, output: string, timedOut: boolean }} RunResult
 *
 * @typedef {object} Machine
 * @property {string} root the project's folder.
 * @property {NodeJS.ProcessEnv} env
 * @property {NodeJS.Platform} platform
 * @property {string} arch
 * @property {string} nodePath the Node that runs the launcher.
 * @property {string} nodeVersion
 * @property {boolean} isRoot
 * @property {boolean} isTerminal somebody is there to answer a question.
 * @property {boolean} isYes every question is answered with yes.
 * @property {boolean} isCi
 * @property {(line: string) => void} say
 * @property {(question: string) => Promise<boolean>} ask
 * @property {(command: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>} run
 * @property {(name: string) => string | null} which
 * @property {(path: string) => boolean} exists
 * @property {(path: string) => string | null} readText
 * @property {(path: string, text: string) => void} writeText
 * @property {(path: string) => { uid: number, mode: number } | null} stat
 */

/**
 * @param {string} root
 * @param {{ isYes?: boolean }} [options]
 * @returns {Machine}
 */
export function thisMachine(root, options = {}) {
  const env = withChoice(root, process.env)
  return {
    root,
    env,
    platform: process.platform,
    arch: process.arch,
    nodePath: process.execPath,
    nodeVersion: process.versions.node,
    isRoot: process.getuid?.() === 0,
    isTerminal: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    isYes: options.isYes ?? false,
    isCi: env['CI'] === 'true' || env['CI'] === '1',
    say: line => void process.stderr.write(`${line}\n`),
    ask,
    run,
    which: name => which(name, env, process.platform),
    exists: existsSync,
    readText: path => (existsSync(path) ? readFileSync(path, 'utf8') : null),
    writeText: (path, text) => writeFileSync(path, text),
    stat: path => (existsSync(path) ? statSync(path) : null),
  }
}

/**
 * Whether something may be installed: on a terminal the user is asked, elsewhere nobody is there to be asked.
 * @param {Machine} machine
 * @param {string} question
 */
export async function mayInstall(machine, question) {
  if (machine.isYes || machine.isCi || !machine.isTerminal) return true
  return machine.ask(question)
}

/** @param {string} question */
async function ask(question) {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [Y/n] `)
    return /^(y(es)?)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

/** Everything a child prints goes to standard error: standard output belongs to the command that was asked for. */
function run(
  /** @type {string} */ command,
  /** @type {readonly string[]} */ args,
  /** @type {RunOptions} */ { timeLimitMs = 600_000, show = false, cwd, env } = {},
) {
  return new Promise((/** @type {(result: RunResult) => void} */ resolve) => {
    const isWindows = process.platform === 'win32'
    const shell = isWindows && command.endsWith('.cmd')
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      shell,
      detached: !isWindows,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      endTree(child)
    }, timeLimitMs)
    const take = (/** @type {Buffer} */ bytes) => {
      output = (output + bytes.toString()).slice(-20_000)
      if (show) process.stderr.write(bytes)
    }
    const interrupted = () => endTree(child)
    process.once('SIGINT', interrupted)
    process.once('SIGTERM', interrupted)
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const end = (/** @type {number} */ code) => {
      clearTimeout(timer)
      process.off('SIGINT', interrupted)
      process.off('SIGTERM', interrupted)
      resolve({ code, output, timedOut })
    }
    child.on('error', error => {
      output += error.message
      end(127)
    })
    child.on('close', code => end(code ?? 1))
  })
}

function endTree(/** @type {import('node:child_process').ChildProcess} */ child) {
  try {
    if (process.platform !== 'win32' && child.pid) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // It has ended by itself in the meantime.
  }
}

function which(
  /** @type {string} */ name,
  /** @type {NodeJS.ProcessEnv} */ env,
  /** @type {string} */ platform,
) {
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : ['']
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending)
      if (folder !== '' && isExecutable(path)) return path
    }
  }
  return null
}

function isExecutable(/** @type {string} */ path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
