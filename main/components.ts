/** Software of others that this is made with, and under which licences: of the packages that lie in node_modules. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Component } from '../core/contract/index.ts'

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
}

/** A package lists its own in `components.json`; a checkout reads npm's lock file, without what only development needs. */
export function components(root: string): Component[] {
  const listed = read<Component[]>(join(root, 'components.json'))
  if (listed !== null) return listed
  const lock = read<{ packages: Record<string, Locked> }>(join(root, 'package-lock.json'))
  return Object.entries(lock?.packages ?? {})
    .filter(([path, { dev }]) => path !== '' && dev !== true && existsSync(join(root, path)))
    .map(([path, { version = '', license }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version,
      licence: license ?? licenceOf(join(root, path)),
    }))
    .sort((a, b) => a.name.localeCompare(b.name))
}

/** As the package itself says. */
export function licenceOf(folder: string): string {
  const manifest = read<{ license?: string | { type?: string }; licenses?: { type?: string }[] }>(
    join(folder, 'package.json'),
  )
  const { license, licenses } = manifest ?? {}
  if (typeof license === 'string') return license
  return license?.type ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'unknown'
}

function read<T>(path: string): T | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch {
    return null
  }
}
