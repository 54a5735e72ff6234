/** Which fields of the form are shown: those whose words hold what was typed, or those that were changed. */
import type { EntryInfo } from '../../../core/contract/index.ts'
import { t } from '../../language/index.ts'
import { getAt, isSame } from './paths.ts'
import { fieldsOf, type Field } from './schema.ts'

/** @param text words in any order, each of which a field has to have in its title, explanation, unit, values or path */
export function fieldMatcher(text: string): (field: Field) => boolean {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
  return field => {
    if (words.length === 0) return true
    const { title, description, unit, path, values } = field
    const named = [title, description, unit].flatMap(each => (each === '' ? [] : [each, t(each)]))
    const spoken = [...named, path, ...values.map(String)].join(' ').toLowerCase()
    return words.every(word => spoken.includes(word))
  }
}

/** All fields below a field, as they stand in the form: those of the entries that are chosen now, too. */
export function fieldsBelow(
  field: Field,
  config: unknown,
  entriesOf: (family: string) => readonly EntryInfo[],
): Field[] {
  if (field.kind === 'section') return field.fields.flatMap(each => fieldsBelow(each, config, entriesOf))
  const optionsAt = (path: string): Field[] => {
    const entry = entriesOf(field.family).find(each => each.name === getAt(config, `${path}.name`))
    return entry ? fieldsOf(entry.options, `${path}.options`) : []
  }
  if (field.kind === 'choice') return [field, ...optionsAt(field.path)]
  if (field.kind !== 'choices') return [field]
  const steps = getAt(config, field.path)
  const count = Array.isArray(steps) ? steps.length : 0
  return [field, ...Array.from({ length: count }, (_, index) => optionsAt(`${field.path}.${index}`)).flat()]
}

/** Whether a field differs by itself. Of a choice, and of a list of choices, the options are fields of their own. */
export function isChangedItself({ kind, path }: Field, config: unknown, base: unknown): boolean {
  const [now, before] = [getAt(config, path), getAt(base, path)]
  if (kind !== 'choice' && kind !== 'choices') return !isSame(now, before)
  return !isSame(namesOf(now), namesOf(before))
}

function namesOf(choices: unknown): unknown {
  return Array.isArray(choices) ? choices.map(each => getAt(each, 'name')) : getAt(choices, 'name')
}
