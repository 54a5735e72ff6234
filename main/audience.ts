/**
 * Who hears the pushes, and how closely. What goes on is told and stored as often as the closest listener wants, and rarely while nobody
 * looks: a page that nobody sees costs next to nothing, and is told what it missed once it is seen again.
 */
import type { PushMessage, RunSummary } from '../core/contract/index.ts'

/** How often a listener wants to hear, as milliseconds between pushes of one kind; null while nobody sees it. */
export type Pace = number | null

/** @throws TypeError for anything that no page of ours says. */
export function checkedPace(value: unknown): Pace {
  if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value
  throw new TypeError('A pace is a number of milliseconds or null')
}

export interface Listener {
  attend(pace: Pace): void
  end(): void
}

export interface Audience {
  /** Milliseconds between two pushes of one kind for one run, and between two transactions of its figures. */
  paceMs(): number
  /** Calls the listener whenever `paceMs` has another answer. */
  onPace(listener: () => void): void
  /** Counts as a listener that wants to hear closely. @returns the end of it. */
  subscribe(listener: (message: PushMessage) => void): () => void
  /** A page, which says how closely it looks. */
  attach(send: (message: PushMessage) => void): Listener
  /** Hears everything, and makes nothing be told more often. @returns the end of it. */
  overhear(listener: (message: PushMessage) => void): () => void
}

/** Before a page has said anything, and for listeners that never do. */
const usualMs = 250
const [closestMs, rarestMs] = [100, 3000]
/** How often a page that nobody sees hears how far a run is; its title shows that. */
const unseenMs = 10_000

export function createAudience(hear: (listener: (message: PushMessage) => void) => () => void): Audience {
  const paces = new Map<object, Pace>()
  const followers = new Set<() => void>()
  let paceMs = rarestMs
  const set = (key: object, pace?: Pace): void => {
    if (pace === undefined) paces.delete(key)
    else paces.set(key, pace)
    const next = Math.min(rarestMs, ...[...paces.values()].map(each => each ?? rarestMs))
    if (next === paceMs) return
    paceMs = next
    for (const follower of followers) follower()
  }
  const attach: Audience['attach'] = send => {
    const page = attachedPage(send)
    set(page, usualMs)
    const end = hear(page.hear)
    return {
      attend(pace) {
        set(page, pace === null ? null : Math.min(rarestMs, Math.max(closestMs, pace)))
        page.see(pace !== null)
      },
      end() {
        set(page)
        page.see(true)
        end()
      },
    }
  }
  return {
    paceMs: () => paceMs,
    onPace: listener => void followers.add(listener),
    subscribe: listener => attach(listener).end,
    attach,
    overhear: hear,
  }
}

/** Lets everything through while it is seen. Else figures and lines are left out, and of each run only the newest is kept. */
function attachedPage(send: (message: PushMessage) => void) {
  const kept = new Map<string, PushMessage>()
  const statuses = new Map<string, RunSummary['status']>()
  let isSeen = true
  let hasMissed = false
  let timer: NodeJS.Timeout | undefined

  const sendKept = (): void => {
    clearTimeout(timer)
    timer = undefined
    for (const message of kept.values()) send(message)
    kept.clear()
  }
  const keep = (message: PushMessage): void => {
    const { id, status } = message.payload as RunSummary
    kept.set(id, message)
    if (statuses.get(id) !== status) sendKept()
    else timer ??= setTimeout(sendKept, unseenMs).unref()
    statuses.set(id, status)
  }
  return {
    hear(message: PushMessage): void {
      if (isSeen) {
        if (message.push === 'runs.onChanged') {
          const { id, status } = message.payload as RunSummary
          statuses.set(id, status)
        }
        send(message)
      } else if (message.push === 'runs.onChanged') keep(message)
      else if (message.push === 'metrics.onPoints' || message.push === 'runs.onLog') hasMissed = true
      else send(message)
    },
    see(next: boolean): void {
      isSeen = next
      if (!isSeen) return
      sendKept()
      if (hasMissed) send({ push: 'system.onMissed', payload: {} })
      hasMissed = false
    },
  }
}
