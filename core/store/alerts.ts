/** Rules about running training, and what they found. */
import type { Alert, AlertRule } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Database } from './engine.ts'

export type NewAlert = Pick<Alert, 'kind' | 'metric' | 'limit' | 'value' | 'step' | 'wallMs'>

export interface AlertStore {
  /** In the order in which they were made. */
  rules(): AlertRule[]
  add(rule: Omit<AlertRule, 'id'>): AlertRule
  /** @throws AppError not-found */
  change(rule: AlertRule): void
  /** @throws AppError not-found */
  remove(id: string): void
  /** @param run number of the run */
  record(run: number, alert: NewAlert): Alert
  /** Newest first; of one run, or of all that are not in the trash. */
  list(run: number | null, limit: number): Alert[]
  markSeen(): void
}

/** Alerts that are kept; the oldest go. */
const kept = 5000

const ruleId = (number: number): string => `rule-${number}`
const alertId = (number: number): string => `alert-${number}`

export function alertStore(database: Database): AlertStore {
  const rules = database.prepare(
    'SELECT number, kind, metric, bound AS "limit", is_on AS isOn FROM alert_rules ORDER BY number',
  )
  const insertRule = database.prepare(
    'INSERT INTO alert_rules (kind, metric, bound, is_on) VALUES (?, ?, ?, ?)',
  )
  const changeRule = database.prepare(
    'UPDATE alert_rules SET kind = ?, metric = ?, bound = ?, is_on = ? WHERE number = ?',
  )
  const removeRule = database.prepare('DELETE FROM alert_rules WHERE number = ?')
  const insert = database.prepare(
    'INSERT INTO alerts (run, kind, metric, bound, value, step, wall_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const trim = database.prepare('DELETE FROM alerts WHERE number <= ?')
  const columns = `a.number, a.kind, a.metric, a.bound AS "limit", r.id AS runId, r.name AS runName, a.value, a.step,
    a.wall_ms AS wallMs, a.is_seen AS isSeen FROM alerts a JOIN runs r ON r.number = a.run`
  const one = database.prepare(`SELECT ${columns} WHERE a.number = ?`)
  const all = database.prepare(`SELECT ${columns} WHERE r.deleted_at IS NULL ORDER BY a.number DESC LIMIT ?`)
  const ofRun = database.prepare(`SELECT ${columns} WHERE a.run = ? ORDER BY a.number DESC LIMIT ?`)
  const seen = database.prepare('UPDATE alerts SET is_seen = 1 WHERE is_seen = 0')

  const known = (id: string, changes: number): void => {
    if (changes === 0)
      throw new AppError('not-found', `There is no alert rule '${id}'`, { field: 'id', value: id })
  }
  return {
    rules: () => (rules.all() as RuleRow[]).map(ruleOf),
    add(rule) {
      const { lastInsertRowid } = insertRule.run(rule.kind, rule.metric, rule.limit, Number(rule.isOn))
      return { ...rule, id: ruleId(Number(lastInsertRowid)) }
    },
    change: ({ id, kind, metric, limit, isOn }) =>
      known(id, changeRule.run(kind, metric, limit, Number(isOn), numberOf(id)).changes),
    remove: id => known(id, removeRule.run(numberOf(id)).changes),
    record(run, { kind, metric, limit, value, step, wallMs }) {
      const { lastInsertRowid } = insert.run(run, kind, metric, limit, JSON.stringify(value), step, wallMs)
      const number = Number(lastInsertRowid)
      if (number % 100 === 0) trim.run(number - kept)
      return alertOf(one.get(number) as AlertRow)
    },
    list: (run, limit) =>
      ((run === null ? all.all(limit) : ofRun.all(run, limit)) as AlertRow[]).map(alertOf),
    markSeen: () => void seen.run(),
  }
}

type RuleRow = Omit<AlertRule, 'id' | 'isOn'> & { readonly number: number; readonly isOn: number }
type AlertRow = Omit<Alert, 'id' | 'isSeen' | 'value'> & {
  readonly number: number
  readonly isSeen: number
  readonly value: string
}

function ruleOf({ number, isOn, ...rule }: RuleRow): AlertRule {
  return { id: ruleId(number), ...rule, isOn: isOn === 1 }
}

function alertOf({ number, isSeen, value, ...alert }: AlertRow): Alert {
  return {
    id: alertId(number),
    ...alert,
    value: JSON.parse(value) as Alert['value'],
    isSeen: isSeen === 1,
  }
}

function numberOf(id: string): number {
  const number = Number(/^rule-(\d+)$/.exec(id)?.[1] ?? NaN)
  return Number.isSafeInteger(number) ? number : -1
}
