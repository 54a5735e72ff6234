/** Measures in a page: times to paint, and what processes cost. */
import { readFileSync } from 'node:fs'
import type { Browser, CDPSession, Page } from 'playwright'

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

/**
 * Milliseconds from a change in the page until something is there and has been painted.
 * @param change a statement of the page
 * @param isThere an expression of the page
 */
export async function untilPainted(page: Page, change: string, isThere: string): Promise<number> {
  return page.evaluate(`new Promise((done, fail) => {
    const startMs = performance.now()
    ${change}
    const look = () => {
      if (${isThere}) return requestAnimationFrame(() => setTimeout(() => done(performance.now() - startMs)))
      if (performance.now() - startMs > 20000) return fail(new Error('never: ' + ${JSON.stringify(isThere)}))
      requestAnimationFrame(look)
    }
    look()
  })`)
}

/** Work of the page's main thread for each of several turns, in milliseconds. */
export async function workOf(page: Page, session: CDPSession, turns: number, turn: string): Promise<number> {
  const busyMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * (metrics.find(each => each.name === 'TaskDuration')?.value ?? 0)
  }
  const before = await busyMs()
  await page.evaluate(`(async () => {
    for (let turn = 0; turn < ${turns}; turn++) {
      ${turn}
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))
    }
  })()`)
  return ((await busyMs()) - before) / turns
}

interface ProcessInfo {
  readonly id: number
  readonly type: string
  readonly cpuTime: number
}

async function processes(browser: Browser): Promise<readonly ProcessInfo[]> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo
}

/** Megabytes that the largest page of a browser holds for itself (proportional set size). */
export async function pageMegabytes(browser: Browser): Promise<number> {
  const pages = (await processes(browser)).filter(each => each.type === 'renderer')
  const sizes = pages.map(({ id }) => {
    const found = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))
    return Number(found?.[1] ?? 0) / 1024
  })
  return Math.max(0, ...sizes)
}

/** Seconds of processor time of a process, its children not counted. */
export function processSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
