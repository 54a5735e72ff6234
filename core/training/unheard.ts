/**
 * What a trainer said last, for a host that died before it could store it: points and log lines, in a file of the run's folder that the
 * next host reads. Without it, steps that lie before the checkpoint would have no figures.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FromTrainer, Point } from './ports.ts'

type Line = Omit<Extract<FromTrainer, { type: 'log' }>, 'type'>

export interface Unheard {
  readonly attempt: number
  readonly points: readonly Point[]
  readonly lines: readonly Line[]
}

/** Longer than anything that was said waits to be stored. */
const keptMs = 30_000
const mostKept = 20_000

const pathIn = (folder: string): string => join(folder, 'unheard.json')

/** Remembers what was said lately, whether it was heard or not. */
export function createMemory(now: () => number = () => performance.now()) {
  let kept: { readonly atMs: number; readonly message: FromTrainer }[] = []
  return {
    note(message: FromTrainer): void {
      if (message.type !== 'points' && message.type !== 'log') return
      kept.push({ atMs: now(), message })
      const oldestMs = now() - keptMs
      if (kept.length > mostKept || (kept[0]?.atMs ?? 0) < oldestMs - keptMs)
        kept = kept.filter(each => each.atMs >= oldestMs).slice(-mostKept)
    },
    /** Leaves it to the next host. */
    leave(folder: string, attempt: number): void {
      const points = kept.flatMap(({ message }) => (message.type === 'points' ? message.points : []))
      const lines = kept.flatMap(({ message }) =>
        message.type === 'log' ? [{ level: message.level, text: message.text, wallMs: message.wallMs }] : [],
      )
      const path = pathIn(folder)
      writeFileSync(`${path}.part`, JSON.stringify({ attempt, points, lines } satisfies Unheard, named))
      renameSync(`${path}.part`, path)
    },
  }
}

/** What was left in a run's folder; null when there is nothing that can be read. It stays there until `forgetUnheard`. */
export function readUnheard(folder: string): Unheard | null {
  try {
    const { attempt, points, lines } = JSON.parse(readFileSync(pathIn(folder), 'utf8')) as Unheard
    if (!Number.isInteger(attempt) || !Array.isArray(points) || !Array.isArray(lines)) return null
    return { attempt, points: points.map(numbered), lines: lines as readonly Line[] }
  } catch {
    return null
  }
}

export function forgetUnheard(folder: string): void {
  rmSync(pathIn(folder), { force: true })
}

/** JSON has no NaN: a value that is not finite is written as its name. */
function named(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function numbered(point: Point): Point {
  const values = Object.entries(point.values).map(([name, value]) => [name, Number(value)] as const)
  return { ...point, values: Object.fromEntries(values) }
}
