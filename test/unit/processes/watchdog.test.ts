/** The watchdog, in processes that do nothing but hang. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

const watchdog = new URL('../../../core/processes/watchdog.ts', import.meta.url).href
/** A thread starts only while the event loop of its process runs, as a trainer's does at first. */
const started = 'await new Promise(resolve => setTimeout(resolve, 400))'
const endless = 'for (;;);'

function script(options: { limitMs: number; askParentMs: number }, rest: string): string[] {
  const start = `const dog = (await import('${watchdog}')).startWatchdog(${JSON.stringify(options)})`
  return ['--input-type=module', '-e', `${start}; ${rest}`]
}

async function endOf(child: ChildProcess): Promise<unknown> {
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(timer)
  return code ?? signal
}

describe('the watchdog', { concurrency: 3, timeout: 20_000 }, () => {
  it('ends a process whose event loop is blocked, once it is armed', async () => {
    const child = spawn(
      process.execPath,
      script({ limitMs: 300, askParentMs: 1e6 }, `${started}; dog.arm(); ${endless}`),
    )
    assert.equal(await endOf(child), 'SIGKILL')
  })

  it('lets a process end that ends in time, and one that was never asked to', async () => {
    const armed = spawn(process.execPath, script({ limitMs: 60_000, askParentMs: 1e6 }, 'dog.arm()'))
    assert.equal(await endOf(armed), 0)
    const rest = 'await new Promise(resolve => setTimeout(resolve, 600)); process.exit(3)'
    const unarmed = spawn(process.execPath, script({ limitMs: 100, askParentMs: 50 }, rest))
    assert.equal(await endOf(unarmed), 3)
  })

  it('notices that the parent is gone while the event loop is blocked', async () => {
    const child = script(
      { limitMs: 200, askParentMs: 50 },
      `${started}; process.stdout.write(process.pid + '\\n', () => { ${endless} })`,
    )
    const parent = spawn(process.execPath, [
      '-e',
      `require('child_process').spawn(process.execPath, ${JSON.stringify(child)}, { stdio: 'inherit' })`,
    ])
    const [said] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(said)
    assert.ok(isAlive(pid))
    await delay(700) // its parent is there: nothing happens
    assert.ok(isAlive(pid))
    parent.kill('SIGKILL')
    const deadline = Date.now() + 10_000
    while (isAlive(pid) && Date.now() < deadline) await delay(20)
    const wasAlive = isAlive(pid)
    if (wasAlive) process.kill(pid, 'SIGKILL')
    assert.ok(!wasAlive, 'it outlived its parent')
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
