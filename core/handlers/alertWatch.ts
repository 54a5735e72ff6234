/**
 * Watches what trainers report and says when a rule is broken: once for a run, and again only after it was kept for a while and some
 * time has passed, so that a value that swings about its limit does not ring all day.
 */
import { lowerIsBetter } from '../contract/index.ts'
import type { Alert, AlertRule, RunSummary, StepPoint } from '../contract/index.ts'
import type { NewAlert } from '../store/index.ts'

/** An alert of the same rule and run rings again after this time at the earliest. */
const quietMs = 10 * 60_000

type Value = StepPoint['values'][string]

interface Watched {
  attempt: number
  step: number
  /** When something last went on: a step, or an image of a validation. */
  progressMs: number
  progressText: string
  /** Best value of each series that a rule watches, and where. */
  readonly best: Map<string, { value: number; step: number }>
  /** By rule: whether it is broken now, and when it last rang. */
  readonly state: Map<string, { isBroken: boolean; rangMs: number }>
}

export interface AlertWatchOptions {
  readonly rules: () => readonly AlertRule[]
  readonly onAlert: (runId: string, alert: NewAlert) => void
  readonly nowMs?: () => number
}

export class AlertWatch {
  private readonly options: AlertWatchOptions
  private readonly runs = new Map<string, Watched>()

  constructor(options: AlertWatchOptions) {
    this.options = options
  }

  /** Points of a run as they come. */
  points(runId: string, attempt: number, points: readonly StepPoint[]): void {
    const watched = this.watch(runId, attempt)
    watched.progressMs = this.now()
    const rules = this.options.rules().filter(rule => rule.isOn)
    for (const point of points) {
      watched.step = point.step
      for (const rule of rules) this.judge(runId, watched, rule, point)
    }
  }

  /** What a run does now; a run that has ended is forgotten. */
  changed({ id, status, step, progress }: Pick<RunSummary, 'id' | 'status' | 'step' | 'progress'>): void {
    if (!['starting', 'running'].includes(status)) return void this.runs.delete(id)
    const watched = this.watch(id, null)
    const text = `${status} ${step} ${progress?.phase} ${progress?.done}`
    if (text === watched.progressText) return
    watched.progressText = text
    watched.step = step
    watched.progressMs = this.now()
  }

  /** To be called now and then, for what shows in silence alone. */
  tick(): void {
    for (const rule of this.options.rules()) {
      if (!rule.isOn || rule.kind !== 'no-progress') continue
      for (const [runId, watched] of this.runs) {
        const isBroken = this.now() - watched.progressMs >= rule.limit * 60_000
        this.settle(runId, watched, rule, isBroken, { step: watched.step, value: null })
      }
    }
  }

  private judge(runId: string, watched: Watched, rule: AlertRule, { step, values }: StepPoint): void {
    const { kind, metric, limit } = rule
    if (kind === 'not-finite') {
      const odd = Object.entries(values).find(
        ([name, value]) => typeof value === 'string' && (metric === '' || metric === name),
      )
      const named = odd ? { ...rule, metric: odd[0] } : rule
      return this.settle(runId, watched, named, odd !== undefined, { step, value: odd?.[1] ?? null })
    }
    const value = values[metric]
    if (typeof value !== 'number') return
    if (kind === 'above' || kind === 'below') {
      const isBroken = kind === 'above' ? value > limit : value < limit
      return this.settle(runId, watched, rule, isBroken, { step, value })
    }
    if (kind !== 'no-improvement') return
    const best = watched.best.get(metric)
    if (!best || (lowerIsBetter(metric) ? value < best.value : value > best.value)) {
      watched.best.set(metric, { value, step })
    }
    const { step: since, value: bestValue } = watched.best.get(metric)!
    this.settle(runId, watched, rule, step - since >= limit, { step, value: bestValue })
  }

  private settle(
    runId: string,
    watched: Watched,
    rule: AlertRule,
    isBroken: boolean,
    at: { readonly step: number; readonly value: Value | null },
  ): void {
    const key = `${rule.id} ${rule.kind} ${rule.metric} ${rule.limit}`
    const state = watched.state.get(key) ?? { isBroken: false, rangMs: -Infinity }
    watched.state.set(key, state)
    const isNew = isBroken && !state.isBroken
    state.isBroken = isBroken
    const now = this.now()
    if (!isNew || now - state.rangMs < quietMs) return
    state.rangMs = now
    const { kind, metric, limit } = rule
    this.options.onAlert(runId, { kind, metric, limit, wallMs: now, ...at } satisfies Omit<
      Alert,
      'id' | 'runId' | 'runName' | 'isSeen'
    >)
  }

  private watch(runId: string, attempt: number | null): Watched {
    const known = this.runs.get(runId)
    if (known && (attempt === null || known.attempt === attempt || known.attempt === 0)) {
      if (attempt !== null) known.attempt = attempt
      return known
    }
    const watched: Watched = {
      attempt: attempt ?? 0,
      step: 0,
      progressMs: this.now(),
      progressText: '',
      best: new Map(),
      state: new Map(),
    }
    this.runs.set(runId, watched)
    return watched
  }

  private now(): number {
    return this.options.nowMs?.() ?? Date.now()
  }
}
