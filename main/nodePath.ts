/** Finds the Node that runs trainers and workers: the one that the project pins, whatever runs the host. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { AppError } from '../core/errors/index.ts'

const leastMajor = 24

/**
 * Path of a Node of version 24 or newer. Electron cannot stand in for it: children must be plain Node.
 * @throws AppError internal with the remedy when there is none.
 */
export function nodePath(): string {
  const packaged = packagedNode()
  if (packaged) return packaged
  const isPlainNode = process.versions['electron'] === undefined
  if (isPlainNode && Number(process.versions.node.split('.')[0]) >= leastMajor) return process.execPath
  const message =
    `Training needs Node ${leastMajor}, and neither the package node-${process.platform}-${process.arch} nor a fitting Node ` +
    `is here (this is ${process.versions.node}). Run 'npm install' in the project, or install Node ${leastMajor}`
  throw new AppError('internal', message, { expected: leastMajor, value: process.versions.node })
}

/** The binary in the platform's package, in a checkout or unpacked beside a packaged app. */
function packagedNode(): string | null {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const binary = process.platform === 'win32' ? 'node.exe' : join('bin', 'node')
  const resources = (process as { resourcesPath?: string }).resourcesPath
  const candidates = resources ? [join(resources, 'node', binary)] : []
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`)
    candidates.push(join(manifest, '..', binary))
  } catch {
    // The package is optional: macOS has none.
  }
  return candidates.find(path => existsSync(path)) ?? null
}
