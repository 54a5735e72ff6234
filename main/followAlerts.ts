/** Shows alerts about runs outside the windows while none of them is looked at. */
import type { Alert } from '../core/contract/index.ts'
import type { Audience } from './audience.ts'
import type { Desktop } from './followRuns.ts'
import type { Say } from './words.ts'

/** @returns the end of it. */
export function followAlerts(
  overhear: Audience['overhear'],
  desktop: Pick<Desktop, 'Notification' | 'windows' | 'say' | 'notifications' | 'go'>,
): () => void {
  /** Kept until they are gone: Electron forgets a notification that nobody holds, and its click with it. */
  const shown = new Set<unknown>()
  return overhear(({ push, payload }) => {
    if (push !== 'alerts.onAlert' || desktop.notifications() === 'none') return
    if (desktop.windows().some(window => window.isFocused())) return
    const alert = payload as Alert
    const body = alertWords(alert, desktop.say())
    const notification = new desktop.Notification({ title: alert.runName, body })
    shown.add(notification)
    notification.on('click', () => {
      shown.delete(notification)
      desktop.go(`#/run/${encodeURIComponent(alert.runId)}?step=${alert.step}`)
    })
    notification.show()
  })
}

function alertWords({ kind, metric, value, limit, step }: Alert, say: Say): string {
  const shown = typeof value === 'number' ? Number(value.toPrecision(4)) : (value ?? '–')
  const values = { metric, value: shown, limit, step }
  switch (kind) {
    case 'above':
      return say('{metric} is {value}, above {limit}, at step {step}', values)
    case 'below':
      return say('{metric} is {value}, below {limit}, at step {step}', values)
    case 'not-finite':
      return say('{metric} is {value} at step {step}', values)
    case 'no-progress':
      return say('No progress for {limit} minutes, at step {step}', values)
    case 'no-improvement':
      return say('{metric} has not improved for {limit} steps; the best is {value}', values)
  }
}
