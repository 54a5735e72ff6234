/** Columns of the table of runs, in pages that take some milliseconds each. */
import { lowerIsBetter, type Handlers, type WorkbenchContract } from '../contract/index.ts'
import type { Workbench } from './ports.ts'

type RunHandlers = Handlers<WorkbenchContract>['runs']

/** Values of one answer, of all columns together. */
const valuesAtOnce = 6000

export function columnHandlers({ store }: Workbench): Pick<RunHandlers, 'fields' | 'columns'> {
  return {
    fields: () => store.columns.fields(),
    columns({ fields, ids, before }) {
      const stored = fields.map(storedField)
      const limit = Math.max(50, Math.floor(valuesAtOnce / fields.length))
      const found =
        ids === null
          ? store.columns.page(stored, before, limit)
          : { ...store.columns.of(stored, ids), next: null }
      const columns = fields.map((field, index) => [field, found.columns[stored[index]!] ?? []] as const)
      return { ...found, columns: Object.fromEntries(columns) }
    },
  }
}

/** The best of a series is its lowest or its highest value, as its name says. */
function storedField(field: string): string {
  const [, name] = /^best\((.+)\)$/.exec(field) ?? []
  return name === undefined ? field : `${lowerIsBetter(name) ? 'min' : 'max'}(${name})`
}
