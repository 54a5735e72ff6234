/**
 * The query language of the table of runs. Words are looked for as they are; beside them stand comparisons, joined by `and`, `or`, `not`
 * and brackets:
 *
 *     query      = all ("or" all)*
 *     all        = one ("and"? one)*
 *     one        = "not" one | "(" query ")" | comparison | word
 *     comparison = field ("=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~") value | field "in" "(" value ("," value)* ")"
 *     field      = name | ("last" | "best" | "min" | "max") "(" series ")"
 */
import { t } from '../../../language/index.ts'
import { QueryError, tokensOf, type Token } from './tokens.ts'

export interface Place {
  readonly from: number
  readonly to: number
}
export interface Named extends Place {
  readonly name: string
}
export interface Value extends Place {
  readonly text: string
  readonly isQuoted: boolean
}
export type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=' | '~' | '!~'

export type Expression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'compare'; readonly field: Named; readonly operator: Operator; readonly value: Value }
  | { readonly kind: 'in'; readonly field: Named; readonly values: readonly Value[] }

export const figures = ['last', 'best', 'min', 'max'] as const
const mostDeep = 50

/** @returns null for a query without a word. @throws QueryError */
export function parseQuery(query: string): Expression | null {
  const reader = new Reader(tokensOf(query), query.length)
  if (reader.isAtEnd()) return null
  const expression = reader.any(0)
  const left = reader.peek()
  if (left) throw new QueryError(t('Nothing opened this bracket'), left)
  return expression
}

class Reader {
  private at = 0
  private readonly tokens: readonly Token[]
  private readonly length: number

  constructor(tokens: readonly Token[], length: number) {
    this.tokens = tokens
    this.length = length
  }

  isAtEnd(): boolean {
    return this.at >= this.tokens.length
  }
  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead]
  }

  any(depth: number): Expression {
    const parts = [this.all(depth)]
    while (this.takeWord('or')) parts.push(this.all(depth))
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts }
  }

  private all(depth: number): Expression {
    const parts = [this.one(depth)]
    for (;;) {
      const isJoined = this.takeWord('and')
      const next = this.peek()
      if (!isJoined && (!next || isWord(next, 'or') || next.text === ')')) break
      parts.push(this.one(depth))
    }
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts }
  }

  private one(depth: number): Expression {
    const token = this.peek()
    if (!token) throw new QueryError(t('Something must follow here'), this.end())
    if (depth > mostDeep) throw new QueryError(t('Too many brackets'), token)
    if (this.takeWord('not')) return { kind: 'not', part: this.one(depth + 1) }
    if (this.takeSign('(')) {
      const inside = this.any(depth + 1)
      if (!this.takeSign(')')) throw new QueryError(t('This bracket is never closed'), token)
      return inside
    }
    if (token.kind === 'operator')
      throw new QueryError(t('A field must stand before {sign}', { sign: token.text }), token)
    if (token.kind === 'sign')
      throw new QueryError(t('{sign} is not expected here', { sign: token.text }), token)
    if (isWord(token, 'and') || isWord(token, 'or'))
      throw new QueryError(t('Something must stand before “{word}”', { word: token.text }), token)
    const field = this.field()
    const next = this.peek()
    if (next?.kind === 'operator') return this.comparison(field)
    if (next && isWord(next, 'in') && this.peek(1)?.text === '(') return this.list(field)
    if (field.isFigure) throw new QueryError(t('Compare it with something, such as > 0.8'), field)
    return { kind: 'word', text: token.text }
  }

  /** A name, or a figure of a series. */
  private field(): Named & { readonly isFigure: boolean } {
    const token = this.tokens[this.at++]!
    const named = { name: token.text, from: token.from, to: token.to, isFigure: false }
    const bracket = this.peek()
    const isFigure = token.kind === 'word' && figures.some(each => each === token.text.toLowerCase())
    if (!isFigure || bracket?.text !== '(' || bracket.from !== token.to) return named
    this.at++
    const series = this.peek()
    if (series?.kind !== 'word' && series?.kind !== 'text')
      throw new QueryError(t('Name a series, such as val/top1'), series ?? this.end())
    this.at++
    const close = this.peek()
    if (!this.takeSign(')')) throw new QueryError(t('This bracket is never closed'), bracket)
    return {
      name: `${token.text.toLowerCase()}(${series.text})`,
      from: token.from,
      to: close!.to,
      isFigure: true,
    }
  }

  private comparison(field: Named): Expression {
    const sign = this.tokens[this.at++]!
    const operator = (sign.text === '==' ? '=' : sign.text) as Operator
    return { kind: 'compare', field, operator, value: this.value() }
  }

  private list(field: Named): Expression {
    this.at += 2
    const values = [this.value()]
    while (this.takeSign(',')) values.push(this.value())
    if (!this.takeSign(')'))
      throw new QueryError(
        t('Separate the values by commas and close the bracket'),
        this.peek() ?? this.end(),
      )
    return { kind: 'in', field, values }
  }

  private value(): Value {
    const token = this.peek()
    if (token?.kind !== 'word' && token?.kind !== 'text')
      throw new QueryError(
        t('A value must follow, in quotation marks where it holds spaces'),
        token ?? this.end(),
      )
    this.at++
    const sign = this.peek()
    // As the table shows it: `98.3 %`.
    if (token.kind === 'word' && /^[\d.]+$/.test(token.text) && sign?.text === '%' && sign.kind === 'word') {
      this.at++
      return { text: `${token.text}%`, isQuoted: false, from: token.from, to: sign.to }
    }
    return { text: token.text, isQuoted: token.kind === 'text', from: token.from, to: token.to }
  }

  private takeWord(word: string): boolean {
    const token = this.peek()
    if (!token || !isWord(token, word)) return false
    this.at++
    return true
  }
  private takeSign(sign: string): boolean {
    if (this.peek()?.kind !== 'sign' || this.peek()?.text !== sign) return false
    this.at++
    return true
  }
  private end(): Place {
    return { from: this.length, to: this.length + 1 }
  }
}

function isWord(token: Token, word: string): boolean {
  return token.kind === 'word' && token.text.toLowerCase() === word
}
