/**
 * A browser over its own protocol, with nothing in between: Playwright keeps every page visible, and what a page costs that nobody sees
 * is measured here with one that lies behind another tab.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebSocket from 'ws'
import { findChromium } from '../../e2e/fixtures/browser.ts'

type Send = <Answer>(method: string, params?: object, sessionId?: string) => Promise<Answer>

export interface PlainBrowser {
  evaluate<Value>(expression: string): Promise<Value>
  /** Puts another tab before the page. */
  hide(): Promise<void>
  /** Seconds of processor time of all the browser's processes. */
  seconds(): Promise<number>
  close(): void
}

/** Opens a page in a window of 1440 by 900. */
export async function openPlain(address: string): Promise<PlainBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-browser-'))
  const flags = ['--headless=new', '--no-sandbox', '--no-first-run', '--window-size=1440,900']
  const child = spawn(
    findChromium()!,
    [...flags, '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (data: Buffer) => {
      const found = /ws:\/\/\S+/.exec(String(data))
      if (found) resolve(found[0])
    })
    child.on('exit', code => reject(new Error(`The browser ended with ${code}`)))
  })
  const socket = new WebSocket(endpoint)
  await new Promise(resolve => socket.on('open', resolve))
  const send = sender(socket)
  const open = (url: string): Promise<{ targetId: string }> => send('Target.createTarget', { url })
  const { targetId } = await open(address)
  const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', {
    targetId,
    flatten: true,
  })
  return {
    async evaluate<Value>(expression: string): Promise<Value> {
      const params = { expression, returnByValue: true, awaitPromise: true }
      const { result } = await send<{ result: { value: Value } }>('Runtime.evaluate', params, sessionId)
      return result.value
    },
    hide: async () => void (await open('about:blank')),
    async seconds() {
      const { processInfo } = await send<{ processInfo: { cpuTime: number }[] }>('SystemInfo.getProcessInfo')
      return processInfo.reduce((sum, each) => sum + each.cpuTime, 0)
    },
    close() {
      socket.terminate()
      child.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
      child.kill()
    },
  }
}

function sender(socket: WebSocket): Send {
  const waiting = new Map<number, (answer: never) => void>()
  let count = 0
  socket.on('message', data => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
    if (id === undefined) return
    waiting.get(id)?.(result as never)
    waiting.delete(id)
  })
  return (method, params = {}, sessionId) =>
    new Promise(resolve => {
      waiting.set(++count, resolve)
      socket.send(JSON.stringify({ id: count, method, params, ...(sessionId ? { sessionId } : {}) }))
    })
}
