/** The C++ sources of an addon: which there are, what each includes, and what flags it asks for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createHash } from 'node:crypto'

/**
 * Every file below a folder whose name ends in one of the endings, sorted; products are left out.
 * @param {string} folder
 * @param {readonly string[]} endings
 * @returns {string[]}
 */
export function filesBelow(folder, endings) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return entry.name === 'build' ? [] : filesBelow(path, endings)
      return endings.some(ending => entry.name.endsWith(ending)) ? [path] : []
    })
}

/**
 * The content of a source with all of our own headers that it reaches.
 * @param {string} path
 * @param {Set<string>} [seen]
 * @returns {string}
 */
export function textWithHeaders(path, seen = new Set()) {
  if (seen.has(path)) return ''
  seen.add(path)
  const text = readFileSync(path, 'utf8')
  const included = [...text.matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)]
    .map(match => join(dirname(path), match[1] ?? ''))
    .filter(header => existsSync(header))
  return [text, ...included.map(header => textWithHeaders(header, seen))].join('\0')
}

/**
 * A source that is written for one instruction set names its flags in its first lines: `// flags: -mavx512f -mfma`. They hold
 * on x64 alone; elsewhere such a file must compile to nothing.
 * @param {string} path
 * @param {string} arch
 */
export function flagsOf(path, arch) {
  const head = readFileSync(path, 'utf8').split('\n').slice(0, 10).join('\n')
  const flags = /^\/\/ flags: (.+)$/m.exec(head)?.[1]
  return flags === undefined || arch !== 'x64' ? [] : flags.trim().split(/\s+/)
}

/** @param {...string} parts */
export function hashOf(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}
