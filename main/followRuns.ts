/** What the desktop shows of the runs: progress on the taskbar, a notification when one ends unseen, and no sleep while one trains. */
import type { BrowserWindow, Notification, PowerSaveBlocker } from 'electron'
import type { PushMessage, RunSummary, Settings } from '../core/contract/index.ts'
import type { Audience } from './audience.ts'
import type { Say } from './words.ts'

export interface Desktop {
  readonly Notification: new (options: {
    title: string
    body: string
  }) => Pick<Notification, 'show'> & { on(event: 'click', listener: () => void): unknown }
  readonly powerSaveBlocker: Pick<PowerSaveBlocker, 'start' | 'stop'>
  readonly windows: () => readonly Pick<BrowserWindow, 'setProgressBar' | 'isFocused' | 'isDestroyed'>[]
  readonly say: () => Say
  readonly notifications: () => Settings['notifications']
  /** Shows a place of the interface. */
  readonly go: (hash: string) => void
  /** Number on the program's icon, where the system shows one. */
  readonly setBadge: (count: number) => void
}

/** @returns how many runs train now, and the end of it. */
export function followRuns(
  overhear: Audience['overhear'],
  desktop: Desktop,
): { training(): number; end(): void } {
  const active = new Map<string, RunSummary>()
  /** Kept until they are gone: Electron forgets a notification that nobody holds, and its click with it. */
  const shown = new Set<unknown>()
  let awake: number | null = null
  const showProgress = (): void => {
    const runs = [...active.values()]
    if (runs.length > 0) awake ??= desktop.powerSaveBlocker.start('prevent-app-suspension')
    else if (awake !== null) {
      desktop.powerSaveBlocker.stop(awake)
      awake = null
    }
    for (const window of desktop.windows()) if (!window.isDestroyed()) window.setProgressBar(fraction(runs))
    desktop.setBadge(runs.length)
  }
  const tell = (run: RunSummary): void => {
    const which = desktop.notifications()
    const isFailure = run.status === 'failed' || run.status === 'interrupted'
    if (which === 'none' || (which === 'failures' && !isFailure)) return
    if (desktop.windows().some(window => window.isFocused())) return
    const say = desktop.say()
    const title = say('{name}: {status}', { name: run.name, status: say(run.status) })
    const top1 = run.top1 === null ? '' : say('top-1 {percent} %', { percent: (100 * run.top1).toFixed(1) })
    const notification = new desktop.Notification({ title, body: run.error?.message ?? top1 })
    shown.add(notification)
    notification.on('click', () => {
      shown.delete(notification)
      desktop.go(`#/run/${encodeURIComponent(run.id)}`)
    })
    notification.show()
  }
  const unsubscribe = overhear((message: PushMessage) => {
    if (message.push !== 'runs.onChanged') return
    const run = message.payload as RunSummary
    const wasActive = active.has(run.id)
    if (isActive(run)) active.set(run.id, run)
    else active.delete(run.id)
    showProgress()
    if (wasActive && !isActive(run)) tell(run)
  })
  return { training: () => active.size, end: unsubscribe }
}

function isActive(run: RunSummary): boolean {
  return ['starting', 'running', 'pausing', 'stopping'].includes(run.status)
}

/** Share of all steps that are done; -1 takes the bar away, 2 shows one without an end. */
function fraction(runs: readonly RunSummary[]): number {
  if (runs.length === 0) return -1
  const total = runs.reduce((sum, run) => sum + run.totalSteps, 0)
  return total === 0 ? 2 : runs.reduce((sum, run) => sum + run.step, 0) / total
}
