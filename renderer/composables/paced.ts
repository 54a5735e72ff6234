/**
 * Work that live data ask for again and again, done together so that it costs one picture: ten times a second where it is cheap and
 * somebody is at the page, once a second where nobody touches it or it would cost more than about a hundredth of a core, more rarely
 * where nobody has touched it for long, and never in a page that nobody sees. The host is told, so that it says no more than is shown.
 */
import { nextTick } from 'vue'
import { drawn, pageShare } from './pageCost.ts'
import { isPageHidden, onPageSight } from './pageSight.ts'

const paces = [100, 250, 500, 1000, 3000] as const
/** The slowest for a page that somebody is at, and for one that is left alone. */
const [slowest, alone] = [3, 4]
/** What arrives within this time is shown together. */
const gatherMs = 30
/** Share of a core above which the work becomes rarer, and below which it may come more often. */
const [tooMuch, little] = [0.01, 0.006]
/** How long after the last touch somebody counts as being at the page, and when it counts as left alone. */
const [attentiveMs, aloneMs] = [5000, 30_000]

interface Touched {
  addEventListener(event: string, listener: () => void, options: object): void
}

export interface Paced {
  (): void
  cancel(): void
}

const waiting = new Set<() => void>()
let timer: ReturnType<typeof setTimeout> | undefined
let pace = 1
let lastMs = -Infinity
/** Before a page is followed, somebody counts as being at it. */
let touchedMs = Infinity
let attend: (paceMs: number | null) => void = () => {}

export function paced(work: () => void): Paced {
  const own = (): void => work()
  return Object.assign(
    () => {
      waiting.add(own)
      plan()
    },
    { cancel: () => void waiting.delete(own) },
  )
}

/** Begins to tell a host how often the page shows what it says. */
export function tellPace(tell: (paceMs: number | null) => void, page: Touched): void {
  attend = tell
  const touched = (): void => {
    touchedMs = performance.now()
    if (pace >= slowest && pageShare() < tooMuch) setPace(1)
  }
  for (const event of ['pointerdown', 'pointermove', 'wheel', 'keydown', 'focus'])
    page.addEventListener(event, touched, { capture: true, passive: true })
  onPageSight(() => {
    attend(isPageHidden() ? null : paces[pace]!)
    if (!isPageHidden() && waiting.size > 0) plan()
  })
  touched()
  attend(isPageHidden() ? null : paces[pace]!)
}

function plan(): void {
  if (isPageHidden()) return
  timer ??= setTimeout(() => void show(), Math.max(gatherMs, lastMs + paces[pace]! - performance.now()))
}

async function show(): Promise<void> {
  timer = undefined
  if (isPageHidden()) return
  lastMs = performance.now()
  const works = [...waiting]
  waiting.clear()
  for (const work of works) work()
  await nextTick()
  drawn(performance.now() - lastMs)
  const share = pageShare()
  const untouchedMs = performance.now() - touchedMs
  if (untouchedMs > attentiveMs) setPace(untouchedMs > aloneMs ? alone : slowest)
  else if (share > tooMuch) setPace(Math.min(slowest, pace + 1))
  else if (share < little) setPace(Math.max(0, pace - 1))
}

function setPace(next: number): void {
  if (next === pace) return
  pace = next
  clearTimeout(timer)
  timer = undefined
  if (waiting.size > 0) plan()
  if (!isPageHidden()) attend(paces[pace]!)
}
