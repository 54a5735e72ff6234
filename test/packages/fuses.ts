/**
 * Reads Electron's fuses back from a packed program: what a builder meant to set and what it set are two things.
 *
 * @source https://www.electronjs.org/docs/latest/tutorial/fuses: a sentinel, the version of the wire, its length, then one character a fuse
 */
import { readFileSync } from 'node:fs'

const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const names = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
] as const

export type Fuses = Readonly<Record<(typeof names)[number], boolean>>

/** What a release must have. */
export const expectedFuses: Fuses = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
}

/** @param path of Electron's program; on macOS of its framework. @throws Error when it has no fuses of the known kind. */
export function readFuses(path: string): Fuses {
  return fusesIn(readFileSync(path), path)
}

export function fusesIn(program: Buffer, path: string): Fuses {
  const at = program.indexOf(sentinel, 0, 'latin1')
  if (at < 0) throw new Error(`${path} has no fuses: it is not Electron`)
  const start = at + sentinel.length
  const [version = 0, count = 0] = program.subarray(start, start + 2)
  if (version !== 1 || count < names.length)
    throw new Error(
      `${path} has fuses of version ${version}, ${count} of them; expected version 1 and ${names.length}`,
    )
  const wire = program.toString('latin1', start + 2, start + 2 + names.length)
  return Object.fromEntries(names.map((name, place) => [name, wire[place] === '1'])) as unknown as Fuses
}
