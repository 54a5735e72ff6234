/** A query as words, quoted texts and signs, each with its place, so that an error can point at it. */
import { t } from '../../../language/index.ts'

export interface Token {
  readonly kind: 'word' | 'text' | 'operator' | 'sign'
  readonly text: string
  /** First character, and one past the last. */
  readonly from: number
  readonly to: number
}

/** What is wrong with a query, and where. */
export class QueryError extends Error {
  readonly from: number
  readonly to: number

  constructor(message: string, { from, to }: { readonly from: number; readonly to: number }) {
    super(message)
    this.name = 'QueryError'
    this.from = from
    this.to = to
  }
}

const operators = ['>=', '<=', '!=', '==', '!~', '=', '<', '>', '~'] as const
const signs = '(),'

/** @throws QueryError where a quoted text has no end, or a lone `!` stands. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < query.length) {
    const first = query[at]!
    const operator = operators.find(each => query.startsWith(each, at))
    if (/\s/.test(first)) at++
    else if (first === '"' || first === "'") {
      const token = quoted(query, at, first)
      tokens.push(token)
      at = token.to
    } else if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: operator, from: at, to: at + operator.length })
      at += operator.length
    } else if (signs.includes(first)) {
      tokens.push({ kind: 'sign', text: first, from: at, to: ++at })
    } else {
      const [word = ''] = /^[^\s"'(),=<>~!]*/.exec(query.slice(at)) ?? []
      if (word === '') throw new QueryError(t('Write != or !~ for not'), { from: at, to: at + 1 })
      tokens.push({ kind: 'word', text: word, from: at, to: at + word.length })
      at += word.length
    }
  }
  return tokens
}

function quoted(query: string, from: number, quote: string): Token {
  let text = ''
  for (let at = from + 1; at < query.length; at++) {
    if (query[at] === '\\' && at + 1 < query.length) text += query[++at]
    else if (query[at] === quote) return { kind: 'text', text, from, to: at + 1 }
    else text += query[at]
  }
  throw new QueryError(t('This quotation has no end'), { from, to: query.length })
}
