/** Makes a query a function of a run. Nothing of what the user wrote is ever run as code. */
import type { ColumnValue, RunSummary } from '../../../../core/contract/index.ts'
import { t } from '../../../language/index.ts'
import { fieldOf, isFigure, isOwn, valueIn, type Columns, type Field } from '../fields.ts'
import { parseQuery, type Expression, type Named, type Operator, type Value } from './parse.ts'
import { QueryError } from './tokens.ts'
import { isNone, neededNumber, numberOf } from './values.ts'

/** What may be named besides the fields of the summary. */
export interface Known {
  readonly settings: readonly { readonly path: string }[]
  readonly series: readonly string[]
}

export type Test = (run: RunSummary, columns: Columns) => boolean

export interface Compiled {
  readonly test: Test
  /** Columns that the host must be asked for. */
  readonly needs: readonly string[]
}

/** @throws QueryError for what cannot be read, and for names and values that mean nothing here. */
export function compileQuery(query: string, known: Known): Compiled {
  const needs = new Set<string>()
  const expression = parseQuery(query)
  const resolve = (named: Named): Field => {
    const field = fieldOf(resolveName(named, known))
    if (field.of === null) needs.add(field.name)
    return field
  }
  const test = expression === null ? () => true : testOf(expression, resolve)
  return { test, needs: [...needs] }
}

type Resolve = (named: Named) => Field

function testOf(expression: Expression, resolve: Resolve): Test {
  switch (expression.kind) {
    case 'and': {
      const tests = expression.parts.map(part => testOf(part, resolve))
      return (run, columns) => tests.every(test => test(run, columns))
    }
    case 'or': {
      const tests = expression.parts.map(part => testOf(part, resolve))
      return (run, columns) => tests.some(test => test(run, columns))
    }
    case 'not': {
      const test = testOf(expression.part, resolve)
      return (run, columns) => !test(run, columns)
    }
    case 'word':
      // `starred` alone says all.
      return fieldOf(expression.text).kind === 'flag'
        ? run => fieldOf(expression.text).of?.(run) === 1
        : wordTest(expression.text)
    case 'in': {
      const field = resolve(expression.field)
      const tests = expression.values.map(value => comparison(field, '=', value))
      return (run, columns) => tests.some(test => test(run, columns))
    }
    case 'compare':
      return comparison(resolve(expression.field), expression.operator, expression.value)
  }
}

/** Plain words are looked for in everything that names a run. */
function wordTest(text: string): Test {
  const word = text.toLowerCase()
  return run => {
    const { name, id, datasetName, model, backend, status, tags } = run
    return `${name} ${id} ${datasetName} ${model} ${backend} ${status} ${tags.join(' ')}`
      .toLowerCase()
      .includes(word)
  }
}

function comparison(field: Field, operator: Operator, value: Value): Test {
  if (operator === '!=' || operator === '!~') {
    const test = comparison(field, operator === '!=' ? '=' : '~', value)
    return (run, columns) => !test(run, columns)
  }
  if (isNone(value)) {
    if (operator !== '=') throw new QueryError(t('“none” can only be compared by = and !='), value)
    return (run, columns) => isNothing(valueIn(columns, field, run))
  }
  const isEqual = operator === '=' || operator === '~'
  const isText = field.kind === 'text' || field.kind === 'list'
  if (isText && !isEqual)
    throw new QueryError(t('{field} is text: compare it by =, !=, ~ or !~', { field: field.name }), value)
  // A setting may be a number in one run and a word in another.
  const isSetting = field.kind === 'number' && field.of === null && !isFigure(field.name)
  if (operator === '~' || isText) return textTest(field, operator, value)
  const number = isSetting && isEqual ? numberOf(value, 'number') : neededNumber(value, field.kind)
  if (number === null) return textTest(field, operator, value)
  const compare = compares[operator]
  return (run, columns) => {
    const found = valueIn(columns, field, run)
    if (typeof found === 'number') return compare(found, number)
    return isEqual && typeof found === 'string' && found === value.text
  }
}

const compares: Readonly<Record<Exclude<Operator, '!=' | '~' | '!~'>, (a: number, b: number) => boolean>> = {
  // Figures are shown rounded: what reads the same counts as the same.
  '=': (a, b) => a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)),
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

function textTest(field: Field, operator: Operator, value: Value): Test {
  const wanted = value.text.toLowerCase()
  const matches =
    operator === '~'
      ? (text: string) => text.includes(wanted)
      : value.isQuoted
        ? (text: string) => text === wanted
        : like(wanted)
  return (run, columns) => {
    const found = valueIn(columns, field, run)
    if (Array.isArray(found)) return (found as readonly string[]).some(each => matches(each.toLowerCase()))
    return found !== null && matches(String(found as ColumnValue).toLowerCase())
  }
}

/** `resnet*` stands for everything that begins so. Parts are looked for one after another, which takes no longer than reading. */
function like(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return text => text === pattern
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop() ?? ''
  return text => {
    if (!text.startsWith(first)) return false
    let at = first.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return text.length >= at + last.length && text.endsWith(last)
  }
}

function isNothing(value: ColumnValue | readonly string[]): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** The full name of what was written: a field, a figure of a series, or a setting by its path or the end of it. */
function resolveName(named: Named, known: Known): string {
  const { name } = named
  if (isOwn(name)) return fieldOf(name).name
  const [, kind, series] = /^(\w+)\((.+)\)$/.exec(name) ?? []
  if (kind !== undefined && series !== undefined) return `${kind}(${knownSeries(series, named, known)})`
  if (known.series.includes(name)) return `last(${name})`
  const paths = known.settings.map(({ path }) => path)
  if (paths.includes(name)) return name
  const lower = name.toLowerCase()
  const ends = paths.filter(path => path.toLowerCase() === lower || path.toLowerCase().endsWith(`.${lower}`))
  if (ends.length === 1) return ends[0]!
  if (ends.length > 1)
    throw new QueryError(t('“{name}” may be {names}: write more of it', { name, names: some(ends) }), named)
  throw unknown(named, [...known.series, ...paths])
}

function knownSeries(series: string, place: Named, known: Known): string {
  if (known.series.includes(series)) return series
  const ends = known.series.filter(each => each.endsWith(`/${series}`))
  if (ends.length === 1) return ends[0]!
  throw unknown({ ...place, name: series }, known.series)
}

function unknown(named: Named, names: readonly string[]): QueryError {
  const lower = named.name.toLowerCase()
  const near = names.filter(name => name.toLowerCase().includes(lower) || lower.includes(name.toLowerCase()))
  const message =
    near.length > 0
      ? t('Nothing is called “{name}”. Did you mean {names}?', { name: named.name, names: some(near) })
      : t('Nothing is called “{name}”. Put it in quotation marks to search for the words', {
          name: named.name,
        })
  return new QueryError(message, named)
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`
}
