/** Rules about running training, and what they found. */
import type { Alert, Handlers, PushMessage, RunSummary, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { AlertWatch } from './alertWatch.ts'
import type { Workbench } from './ports.ts'

const tickMs = 20_000

export interface Alerts {
  readonly handlers: Handlers<WorkbenchContract>['alerts']
  /** Hears what every interface hears. Never throws. */
  hear(message: PushMessage): void
  close(): void
}

type Points = { runId: string; attempt: number; points: Parameters<AlertWatch['points']>[2] }

export function createAlerts({ store, emit, keep, report }: Workbench): Alerts {
  let rules = store.alerts.rules()
  const watch = new AlertWatch({
    rules: () => rules,
    onAlert(runId, found) {
      keep(() => {
        const alert: Alert = store.write(() => store.alerts.record(store.runs.number(runId), found))
        emit.alerts.onAlert(alert)
      })
    },
  })
  const safely = (work: () => void): void => {
    try {
      work()
    } catch (thrown) {
      report(AppError.from(thrown, 'alerts'))
    }
  }
  const ticking = setInterval(() => safely(() => watch.tick()), tickMs).unref()
  const renew = (): void => {
    rules = store.alerts.rules()
    emit.alerts.onRulesChanged({})
  }
  return {
    handlers: {
      rules: () => rules,
      setRule({ id, ...rule }) {
        check(rule.kind, rule.metric, rule.limit)
        const stored = id === null ? store.alerts.add(rule) : { id, ...rule }
        if (id !== null) store.alerts.change(stored)
        renew()
        return stored
      },
      removeRule({ id }) {
        store.alerts.remove(id)
        renew()
        return {}
      },
      list: ({ runId, limit }) => store.alerts.list(runId === null ? null : store.runs.number(runId), limit),
      markSeen() {
        store.alerts.markSeen()
        return {}
      },
    },
    hear: ({ push, payload }) =>
      safely(() => {
        if (push === 'metrics.onPoints') {
          const { runId, attempt, points } = payload as Points
          watch.points(runId, attempt, points)
        } else if (push === 'runs.onChanged') watch.changed(payload as RunSummary)
      }),
    close: () => clearInterval(ticking),
  }
}

function check(kind: string, metric: string, limit: number): void {
  const refuse = (field: string, value: unknown, why: string): never => {
    throw new AppError('invalid-request', `${field}: ${why}`, { field, value })
  }
  if (metric === '' && ['above', 'below', 'no-improvement'].includes(kind))
    refuse('metric', metric, `a rule '${kind}' needs a metric, such as train/loss`)
  if (!(limit > 0) && ['no-progress', 'no-improvement'].includes(kind))
    refuse('limit', limit, `expected more than 0, got ${limit}`)
}
