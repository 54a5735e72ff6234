/** The images that a command names: files, folders and patterns. */
import { globSync, readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Split } from '../../datasets/shared/reader.ts'
import { AppError } from '../../errors/index.ts'

const imageName = /\.(jpe?g|png|webp|gif)$/i

/**
 * Files in the order named; those of folders and patterns sorted by name, as deep as they lie.
 * @throws AppError invalid-request for a name behind which nothing is, or when there is none at all.
 */
export function imageFiles(named: readonly string[]): string[] {
  const found = named.flatMap(name => {
    const stats = statSync(name, { throwIfNoEntry: false })
    if (stats?.isDirectory()) return imagesBelow(name)
    if (stats) return [name]
    const matches = /[*?[{]/.test(name) ? globSync(name).filter(isFile).sort() : []
    if (matches.length > 0) return matches
    throw new AppError('invalid-request', `${name}: there is no such file, folder or pattern with matches`, {
      value: name,
    })
  })
  if (found.length > 0) return [...new Set(found)]
  const what = named.length === 0 ? 'expected at least one image' : `${named.join(', ')}: no images lie there`
  throw new AppError('invalid-request', `${what}. JPEG, PNG, WebP and GIF files are read`, { value: named })
}

/** Files as a split of a data set, for what prepares images for a network. */
export function filesAsSplit(paths: readonly string[]): Split {
  return {
    count: paths.length,
    labels: new Int32Array(paths.length),
    name: index => paths[index]!,
    read: async index => {
      const path = paths[index]!
      const bytes = await readFile(path).catch((error: unknown) => {
        const { message } = AppError.from(error, path)
        throw new AppError('data-unreadable', message, { file: path }, error)
      })
      return { kind: 'encoded', bytes }
    },
  }
}

function imagesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => !entry.isDirectory() && imageName.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
