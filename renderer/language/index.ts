/**
 * The interface in the reader's language. The English text is the key, as it stands in the code; other languages lie in a folder of
 * their own, one file for each area, and are loaded when they are chosen. What has no translation appears in English.
 *
 * Call these where the text is shown (in a template, a computed or a function), never when a module loads: the language may change.
 */
import { ref, shallowRef, type Ref } from 'vue'
import { count as formatCount } from '../format/numbers.ts'

export type Language = 'en' | 'zh-CN'
export type LanguageChoice = Language | 'system'
type Values = Readonly<Record<string, string | number>>
type Texts = Readonly<Record<string, string>>

export const language: Ref<Language> = ref('en')
const texts = shallowRef<Texts>({})
/** Sentences of the host; see `said`. */
export const hostTexts = shallowRef<Texts>({})
let wanted: Language = 'en'

/** The text in the reader's language, `{name}` replaced by the value of that name; whole numbers get their separators. */
export function t(english: string, values?: Values): string {
  const text = texts.value[english] ?? english
  return values === undefined ? text : fill(text, values)
}

/**
 * A text that depends on a number, `{count}` in it. The key of a translation is the form of several.
 *
 * @example tn(images, '{count} image', '{count} images')
 */
export function tn(count: number, one: string, several: string, values: Values = {}): string {
  const translated = texts.value[several]
  return fill(translated ?? (count === 1 ? one : several), { ...values, count })
}

/** Follows the user's choice; resolves when its texts are there. A choice made meanwhile wins. */
export async function speak(choice: LanguageChoice, preferred: readonly string[]): Promise<void> {
  const chosen = choice === 'system' ? preferredLanguage(preferred) : choice
  wanted = chosen
  const loaded = chosen === 'en' ? { zh: {}, host: {} } : await import('./zh/index.ts')
  if (wanted !== chosen) return
  texts.value = loaded.zh
  hostTexts.value = loaded.host
  language.value = chosen
}

/** The first of the reader's languages that we have; English where none is. */
export function preferredLanguage(preferred: readonly string[]): Language {
  const first = preferred.find(each => /^(en|zh)\b/i.test(each))
  return first !== undefined && /^zh/i.test(first) ? 'zh-CN' : 'en'
}

function fill(text: string, values: Values): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return Number.isInteger(value) ? formatCount(value as number) : String(value)
  })
}
