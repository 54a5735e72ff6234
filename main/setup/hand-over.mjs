/** Runs a program in this one's place: same input and output, its exit code, and signals passed on. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * On a terminal Ctrl-C reaches the program by itself, as it belongs to the same process group; passing it on as well would count as
 * pressing it twice.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<number>} exit code; 128 + the signal's number when a signal ended it.
 */
export function handOver(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: options.env ?? process.env,
      cwd: options.cwd,
    })
    const isTerminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY)
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, () => {
        if (signal !== 'SIGINT' || !isTerminal) child.kill(signal)
      })
    }
    child.on('error', error => reject(new Error(`${command} does not start: ${error.message}`)))
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? (constants.signals[signal] ?? 0) : 0)))
  })
}
