/**
 * What the host says, in the reader's language. It speaks English, in sentences with values in them; the translations hold such sentences
 * with `{1}` for a value. What has none appears as it was said.
 */
import { hostTexts, language } from './index.ts'

interface Template {
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly translation: string
}

let made: { readonly of: object; readonly templates: readonly Template[] } | null = null

/** A text of the host, sentence by sentence; file names before a colon stay as they are. */
export function said(text: string): string {
  if (language.value === 'en' || text === '') return text
  const whole = sentence(text)
  if (whole !== null) return whole
  const parts = text.split(/(?<=[^\s.]{2}[.;]) (?=[A-Z`'"])/)
  if (parts.length === 1) return part(text)
  return parts.map(each => part(each.replace(/[.;]$/, ''))).join('。')
}

function part(text: string): string {
  const own = sentence(text)
  if (own !== null) return own
  const named = /^(\S.*?): (.+)$/s.exec(text)
  const rest = named && sentence(named[2] as string)
  return rest === null || rest === undefined ? text : `${named?.[1]}：${rest}`
}

function sentence(text: string): string | null {
  for (const { pattern, names, translation } of templates()) {
    const found = pattern.exec(text)
    if (!found) continue
    const values = new Map(names.map((name, at) => [name, word(found[at + 1] ?? '')]))
    return translation.replaceAll(/\{(\d)\}/g, (_, name: string) => values.get(name) ?? '')
  }
  return null
}

/** A value that is a word of the host's own. */
function word(value: string): string {
  return hostTexts.value[value] ?? value
}

function templates(): readonly Template[] {
  const texts = hostTexts.value
  if (made?.of !== texts) {
    const list = Object.entries(texts).map(([english, translation]) => ({
      pattern: new RegExp(`^${escaped(english).replaceAll(/\\\{\d\\\}/g, '(.+?)')}[.]?$`, 's'),
      names: [...english.matchAll(/\{(\d)\}/g)].map(match => match[1] as string),
      translation,
    }))
    // Those without values first: they say more exactly what is meant.
    made = { of: texts, templates: list.sort((a, b) => a.names.length - b.names.length) }
  }
  return made?.templates ?? []
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
