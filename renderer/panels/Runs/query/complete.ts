/** What may be written next, at the place of the cursor. */
import { t } from '../../../language/index.ts'
import { fieldLabel, fieldOf, isOwn, ownFields } from '../fields.ts'
import type { Known } from './evaluate.ts'
import { figures } from './parse.ts'
import { tokensOf, type Token } from './tokens.ts'

export interface Suggestion {
  readonly text: string
  readonly detail: string
}

export interface Completion {
  /** What the suggestion takes the place of. */
  readonly from: number
  readonly to: number
  readonly suggestions: readonly Suggestion[]
}

const most = 12
const nothing: Completion = { from: 0, to: 0, suggestions: [] }

/** @param valuesOf values that runs have in a field, for what follows an operator */
export function complete(
  query: string,
  caret: number,
  known: Known,
  valuesOf: (field: string) => readonly string[],
): Completion {
  let tokens: Token[]
  try {
    tokens = tokensOf(query.slice(0, caret))
  } catch {
    return nothing
  }
  const last = tokens.at(-1)
  const isTyping = last?.kind === 'word' && last.to === caret
  const before = isTyping ? tokens.slice(0, -1) : tokens
  const typed = isTyping ? last.text.toLowerCase() : ''
  const place = { from: isTyping ? last.from : caret, to: caret }
  const suggestions = candidates(before, isTyping, known, valuesOf)
    .filter(
      ({ text, detail }) => `${text} ${detail}`.toLowerCase().includes(typed) && text.toLowerCase() !== typed,
    )
    .sort(
      (a, b) =>
        Number(b.text.toLowerCase().startsWith(typed)) - Number(a.text.toLowerCase().startsWith(typed)),
    )
  return { ...place, suggestions: suggestions.slice(0, most) }
}

function candidates(
  before: readonly Token[],
  isTyping: boolean,
  known: Known,
  valuesOf: (field: string) => readonly string[],
): Suggestion[] {
  const last = before.at(-1)
  if (last?.kind === 'operator') {
    return valuesOf(fieldBefore(before)).map(value => ({ text: quote(value), detail: '' }))
  }
  if (last?.text === '(' && isFigureWord(before.at(-2))) {
    return known.series.map(series => ({ text: `${series})`, detail: '' }))
  }
  if (last?.kind === 'word' && isField(before, known) && !isJoint(last)) return operators()
  if (last && !isTyping && !isJoint(last) && last.text !== '(') return joints()
  return [...(last && !isJoint(last) ? joints() : []), ...fields(known)]
}

function isFigureWord(token: Token | undefined): boolean {
  return token !== undefined && figures.some(each => each === token.text.toLowerCase())
}

function isJoint(token: Token): boolean {
  return token.kind === 'word' && ['and', 'or', 'not'].includes(token.text.toLowerCase())
}

/** Whether the last word is a field that nothing was compared with yet. */
function isField(before: readonly Token[], known: Known): boolean {
  const [beforeLast, last] = [before.at(-2), before.at(-1)!]
  if (beforeLast?.kind === 'operator') return false
  return (
    isOwn(last.text) ||
    known.settings.some(({ path }) => path === last.text) ||
    known.series.includes(last.text)
  )
}

function fieldBefore(tokens: readonly Token[]): string {
  const named = tokens.at(-2)
  return named?.kind === 'word' && isOwn(named.text) ? fieldOf(named.text).name : (named?.text ?? '')
}

function operators(): Suggestion[] {
  return [
    { text: '=', detail: t('the same') },
    { text: '!=', detail: t('not the same') },
    { text: '~', detail: t('contains') },
    { text: '>', detail: t('above') },
    { text: '>=', detail: t('at least') },
    { text: '<', detail: t('below') },
    { text: '<=', detail: t('at most') },
    { text: 'in (', detail: t('one of') },
  ]
}

function joints(): Suggestion[] {
  return [
    { text: 'and', detail: t('both') },
    { text: 'or', detail: t('either') },
  ]
}

function fields(known: Known): Suggestion[] {
  return [
    ...ownFields.map(({ name }) => ({ text: name, detail: fieldLabel(name) })),
    ...figures.flatMap(figure => known.series.map(series => ({ text: `${figure}(${series})`, detail: '' }))),
    ...known.settings.map(({ path }) => ({ text: path, detail: t('setting') })),
    { text: 'not', detail: t('the opposite') },
  ]
}

function quote(value: string): string {
  return /^[^\s"'(),=<>~!]+$/.test(value) &&
    !['and', 'or', 'not', 'none', 'null'].includes(value.toLowerCase())
    ? value
    : `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}
