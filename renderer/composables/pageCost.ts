/** What the page itself costs: time it spent on drawing and on what the host told it, over the last seconds. */
import { nextTick } from 'vue'

interface Spent {
  readonly atMs: number
  readonly ms: number
}

const windowMs = 10_000
const spent: Spent[] = []
const startedMs = performance.now()

/** Notes time that was spent. */
export function drawn(ms: number): void {
  const nowMs = performance.now()
  spent.push({ atMs: nowMs, ms })
  while (spent.length > 0 && (spent[0] as Spent).atMs < nowMs - windowMs) spent.shift()
}

/** Does work that a message caused, and notes its time together with what Vue does of it. */
export function counted(work: () => void): void {
  const startMs = performance.now()
  work()
  const workMs = performance.now() - startMs
  drawn(workMs)
  const flushFromMs = performance.now()
  void nextTick(() => drawn(Math.min(50, performance.now() - flushFromMs)))
}

/** Share of one core, from 0 to 1, over the last ten seconds. */
export function pageShare(): number {
  const nowMs = performance.now()
  const recent = spent.filter(each => each.atMs >= nowMs - windowMs)
  return (
    recent.reduce((sum, each) => sum + each.ms, 0) / Math.min(windowMs, Math.max(1000, nowMs - startedMs))
  )
}
