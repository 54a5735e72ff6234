/** Runs a function at most once in a stretch of time, the last request always included. */
export interface Throttled {
  (): void
  /** Runs it now, whether it waits or not. */
  now(): void
  /** Runs it now if it waits, and not again by itself. */
  finish(): void
  /** Forgets a request that waits. */
  cancel(): void
}

/** @param everyMs asked for with each call. */
export function throttle(work: () => void, everyMs: () => number): Throttled {
  let timer: NodeJS.Timeout | undefined
  let lastMs = -Infinity
  const run = (): void => {
    clearTimeout(timer)
    timer = undefined
    lastMs = performance.now()
    work()
  }
  const throttled = (): void => {
    if (timer !== undefined) return
    const waitMs = lastMs + everyMs() - performance.now()
    if (waitMs <= 0) run()
    else timer = setTimeout(run, waitMs).unref()
  }
  const cancel = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  return Object.assign(throttled, { now: run, finish: () => void (timer !== undefined && run()), cancel })
}
