/**
 * Work that live data ask for again and again: ten times a second where it is cheap, once a second where the page would otherwise cost
 * more than about a hundredth of a core, and never in a page that nobody sees.
 */
import { nextTick } from 'vue'
import { drawn, pageShare } from './pageCost.ts'
import { isPageHidden, onPageSight } from './pageSight.ts'

const [leastMs, mostMs] = [100, 1000]
/** Share of a core above which the work becomes rarer, and below which it may come more often. */
const [tooMuch, little] = [0.01, 0.006]

export interface Paced {
  (): void
  cancel(): void
}

export function paced(work: () => void): Paced {
  let timer: ReturnType<typeof setTimeout> | undefined
  let waitMs = 250
  let isWaitingForSight = false

  const run = async (): Promise<void> => {
    timer = undefined
    isWaitingForSight = isPageHidden()
    if (isWaitingForSight) return
    const startMs = performance.now()
    work()
    await nextTick()
    drawn(performance.now() - startMs)
    const share = pageShare()
    const factor = share > tooMuch ? 1.4 : share < little ? 0.8 : 1
    waitMs = Math.min(mostMs, Math.max(leastMs, waitMs * factor))
  }
  const seen = (): void => {
    if (!isPageHidden() && isWaitingForSight) void run()
  }
  const forgetSight = onPageSight(seen)
  const ask = (): void => {
    timer ??= setTimeout(() => void run(), waitMs)
  }
  return Object.assign(ask, {
    cancel: () => {
      clearTimeout(timer)
      forgetSight()
    },
  })
}
