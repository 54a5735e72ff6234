/** The interface's files: listed once at start, so that nothing a client asks for is ever joined to a path. */
import { readdirSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

export interface StaticFile {
  readonly path: string
  readonly type: string
  /** Its name holds a hash of its content, so that it never changes. */
  readonly isHashed: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Files by their URL path, `/` being index.html. Empty when the interface was not built. */
export function listFiles(folder: string): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>()
  for (const path of filesBelow(folder)) {
    const type = types[extname(path).toLowerCase()]
    if (type === undefined) continue
    const url = `/${relative(folder, path).split(sep).join('/')}`
    const isHashed = /^\/assets\/.*-[\w-]{8,}\.\w+$/.test(url)
    files.set(url === '/index.html' ? '/' : url, { path, type, isHashed })
  }
  return files
}

function filesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  } catch {
    return []
  }
}
