/** Which packages of node_modules go into a package of the workbench, and what of each. */
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'

interface Locked {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export type Lock = Readonly<Record<string, Locked>>

/** What the interface is made of is bundled into it. */
const bundled = ['vue', 'pinia', 'echarts', 'umap-js']
/** Node lies beside; TensorFlow's own library is no part of a package: libtorch does its work. */
const leftOut = /^(node-|@tensorflow\/tfjs-node)/

type IsThere = (place: string) => boolean

export function readLock(root: string): Lock {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Lock }
  return packages
}

/**
 * Everything that the programs outside the interface need, as places such as `node_modules/sharp`, in the order of their names.
 *
 * @param isThere whether a place exists: optional packages of other systems do not.
 */
export function programModules(lock: Lock, isThere: IsThere): string[] {
  const { dependencies, optionalDependencies } = lock[''] ?? {}
  const own = Object.keys({ ...dependencies, ...optionalDependencies })
  return withDependencies(
    lock,
    own.filter(name => !bundled.includes(name) && !leftOut.test(name)),
    isThere,
  )
}

/** What is bundled into the interface, to be named among the components. */
export function interfaceModules(lock: Lock, isThere: IsThere): string[] {
  return withDependencies(lock, bundled, isThere)
}

function withDependencies(lock: Lock, roots: readonly string[], isThere: IsThere): string[] {
  const wanted = new Set<string>()
  const add = (name: string, from: string): void => {
    const place = resolvePlace(lock, name, from)
    if (place === null || wanted.has(place) || !isThere(place)) return
    wanted.add(place)
    const { dependencies, optionalDependencies } = lock[place] ?? {}
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) add(next, place)
  }
  for (const name of roots) add(name, '')
  return [...wanted].sort()
}

/** As Node finds it: in the nearest node_modules upwards. */
function resolvePlace(lock: Lock, name: string, from: string): string | null {
  const place = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (lock[place] !== undefined) return place
  if (from === '') return null
  return resolvePlace(lock, name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))))
}

/** Copies a package without what only developers read, and without the binaries of other systems. */
export function copyModule(root: string, place: string, target: string, system: string): void {
  const source = join(root, place)
  if (!existsSync(source)) throw new Error(`${source} is missing: run npm ci`)
  cpSync(source, join(target, place), {
    recursive: true,
    dereference: true,
    filter: path => isKept(relative(source, path).split(sep).join('/'), system),
  })
}

/** @param path below the package, with slashes. @param system such as `linux-x64`. */
export function isKept(path: string, system: string): boolean {
  const name = basename(path)
  if (/(^|\/)node_modules(\/|$)/.test(path)) return false
  if (/^(licen[cs]e|notice|copying)/i.test(name)) return true
  if (/\.(map|d\.ts|d\.mts|d\.cts|ts|md|markdown|html|flow)$/i.test(name) || /_test\.js$/.test(name))
    return false
  if (/(^|\/)(tests?|__tests__|examples?|docs|benchmarks?|deps)(\/|$)/.test(path)) return false
  const binary = /(?:^|\/)((?:linux|darwin|win32|android|freebsd)(?:musl)?-[a-z0-9]+)/.exec(path)?.[1]
  return (
    binary === undefined || binary === system || (binary === 'darwin-universal' && /^darwin/.test(system))
  )
}
