/** `sample` → `sample (2)`, `sample (2)` → `sample (3)`: a name that tells another of the same from those before. */

const longest = 200

export function nextName(name: string, taken: ReadonlySet<string>): string {
  const [, stem, number] = /^(.*?) \((\d{1,6})\)$/s.exec(name) ?? [name, name, '1']
  for (let next = Number(number) + 1; ; next++) {
    const ending = ` (${next})`
    const made = `${(stem as string).slice(0, longest - ending.length)}${ending}`
    if (!taken.has(made)) return made
  }
}
