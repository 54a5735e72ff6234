/** How a step of set-up is carried out: announced, timed, and never fatal when it is optional. */

/**
 * @typedef {object} Step
 * @property {string} name what is done, as `Set-up: …` shows it.
 * @property {boolean} isOptional a failure is reported and set-up goes on.
 * @property {number} timeLimitMs
 * @property {string} remedy what the user can do when it fails.
 * @property {(machine: import('./machine.mjs').Machine, timeLimitMs: number) => Promise<void>} run throws an Error that says what went wrong.
 */

const heartbeatMs = 15_000

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {Step} step
 * @returns {Promise<boolean>} whether it succeeded.
 */
export async function perform(machine, step) {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  machine.say(`Set-up: ${step.name} (at most ${Math.ceil(step.timeLimitMs / 60_000)} min)`)
  const heartbeat = setInterval(() => machine.say(`Set-up: ${step.name}: ${seconds()} s so far`), heartbeatMs)
  try {
    await step.run(machine, step.timeLimitMs)
    if (seconds() >= 2) machine.say(`Set-up: ${step.name}: done in ${seconds()} s`)
    return true
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    const message = `Set-up: ${step.name}: ${reason}. ${step.remedy}`
    if (!step.isOptional) throw new Error(message)
    machine.say(message)
    return false
  } finally {
    clearInterval(heartbeat)
  }
}

/**
 * Throws unless a command succeeded.
 * @param {import('./machine.mjs').RunResult} result
 * @param {string} what
 */
export function expectSuccess(result, what) {
  if (result.timedOut) throw new Error(`${what} took too long and was ended`)
  if (result.code !== 0)
    throw new Error(`${what} failed (exit code ${result.code})${lastLine(result.output)}`)
}

/** What npm names as the cause, else the last line that speaks of an error, else the last line. */
function lastLine(/** @type {string} */ output) {
  const npm =
    /npm (?:error|ERR!) code (\S+)\s+(?:npm (?:error|ERR!)\s+)*(?:npm (?:error|ERR!) )?([^\n]+)/.exec(output)
  if (npm) return `: ${npm[1]}, ${npm[2]?.slice(0, 300)}`
  const lines = output.split('\n').map(line => line.trim())
  const telling = lines.filter(line => line !== '')
  const found = [...telling].reverse().find(line => /error/i.test(line)) ?? telling.at(-1)
  return found === undefined ? '' : `: ${found.slice(0, 300)}`
}
