/** What a dotted path of a configuration is called on the page. */
import type { EntryInfo } from '../../../core/contract/index.ts'
import { t } from '../../language/index.ts'
import { fieldsBelow } from './formSearch.ts'
import type { Field } from './schema.ts'

/** The title of each field as the configuration stands, with the part it is in where the part says more. */
export function fieldTitles(
  fields: readonly Field[],
  config: unknown,
  entriesOf: (family: string) => readonly EntryInfo[],
): ReadonlyMap<string, string> {
  const titles = new Map<string, string>()
  for (const section of fields) {
    titles.set(section.path, t(section.title))
    for (const field of fieldsBelow(section, config, entriesOf)) {
      const own = t(field.title)
      titles.set(field.path, field.path === section.path ? own : `${t(section.title)} · ${own}`)
      if (field.kind === 'choice') titles.set(`${field.path}.name`, own)
    }
  }
  return titles
}

/** A value of a configuration on one line. */
export function shownValue(value: unknown): string {
  if (value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
