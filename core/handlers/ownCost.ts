/** What the host itself costs: processor time of this process, its children not counted. */
import { performance } from 'node:perf_hooks'

const leastMs = 2000

/** @returns cores that the process used between the last two times that were far enough apart, as a mean. */
export function costMeter(): () => number {
  let before = { atMs: performance.now(), usage: process.cpuUsage() }
  let cores = 0
  return () => {
    const elapsedMs = performance.now() - before.atMs
    if (elapsedMs >= leastMs) {
      const { user, system } = process.cpuUsage(before.usage)
      cores = (user + system) / 1000 / elapsedMs
      before = { atMs: performance.now(), usage: process.cpuUsage() }
    }
    return cores
  }
}
