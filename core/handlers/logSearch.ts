/** Searching the log of a run: a long one is read in parts, and the answer says how far it came. */
import type { Handlers, LogLine, WorkbenchContract } from '../contract/index.ts'
import { inTurns } from './turns.ts'
import type { Workbench } from './ports.ts'

const partLines = 1000
/** Lines that one answer looks at; a million take seconds, and are asked for in several answers. */
const mostLines = 200_000

export function logSearcher({
  store,
}: Pick<Workbench, 'store'>): Handlers<WorkbenchContract>['runs']['searchLog'] {
  return ({ id, text, levels, before, limit }) => {
    const run = store.runs.number(id)
    const wanted = text.toLowerCase()
    const fits = (line: LogLine): boolean =>
      (levels.length === 0 || levels.includes(line.level)) &&
      (wanted === '' || line.text.toLowerCase().includes(wanted))
    function* search(): Generator<undefined, { lines: LogLine[]; from: number }, undefined> {
      let end = Math.min(before ?? Infinity, store.logs.count(run))
      const least = Math.max(0, end - mostLines)
      let lines: LogLine[] = []
      while (end > least && lines.length < limit) {
        const start = Math.max(least, end - partLines)
        const part = store.logs.between(run, start, end).filter(fits)
        const room = limit - lines.length
        lines = [...part.slice(-room), ...lines]
        end = part.length > room ? part[part.length - room]!.number : start
        yield
      }
      return { lines, from: end }
    }
    return inTurns(search())
  }
}
