/**
 * A JSON reader for headers that come from elsewhere. Stricter than `JSON.parse`, which keeps the last of two equal keys and gives
 * objects whose keys can be `__proto__`: objects become Maps, a repeated key is an error, depth is limited.
 */

export type StrictJson =
  null | boolean | number | string | readonly StrictJson[] | ReadonlyMap<string, StrictJson>

const maxDepth = 8
const tokens = {
  space: /[ \t\n\r]*/y,
  string: /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y,
  number: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
  word: /true|false|null/y,
}

/** @throws SyntaxError with the position of the fault. */
export function parseStrictJson(text: string): StrictJson {
  let position = 0

  const fail = (expected: string): never => {
    throw new SyntaxError(`expected ${expected} at character ${position}`)
  }
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = position
    const found = pattern.exec(text)
    if (!found) return null
    position += found[0].length
    return found[0]
  }
  /** Takes one punctuation character, with the space around it. */
  const skip = (character: string): boolean => {
    take(tokens.space)
    if (text[position] !== character) return false
    position++
    take(tokens.space)
    return true
  }
  const string = (): string => JSON.parse(take(tokens.string) ?? fail('a string')) as string

  const object = (depth: number): StrictJson => {
    const entries = new Map<string, StrictJson>()
    if (skip('}')) return entries
    do {
      const key = string()
      if (entries.has(key)) fail(`each key once, got ${JSON.stringify(key)} again`)
      if (!skip(':')) fail("':'")
      entries.set(key, value(depth))
    } while (skip(','))
    return skip('}') ? entries : fail("',' or '}'")
  }
  const array = (depth: number): StrictJson => {
    const items: StrictJson[] = []
    if (skip(']')) return items
    do items.push(value(depth))
    while (skip(','))
    return skip(']') ? items : fail("',' or ']'")
  }
  const value = (depth: number): StrictJson => {
    if (depth > maxDepth) fail(`at most ${maxDepth} levels`)
    if (skip('{')) return object(depth + 1)
    if (skip('[')) return array(depth + 1)
    if (text[position] === '"') return string()
    const word = take(tokens.word)
    if (word !== null) return word === 'null' ? null : word === 'true'
    return Number(take(tokens.number) ?? fail('a value'))
  }

  const parsed = value(0)
  take(tokens.space)
  return position === text.length ? parsed : fail('the end')
}
