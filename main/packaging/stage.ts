/**
 * Lays out a package below a folder, as electron-builder then packs it:
 *
 * - `app/`: Electron's part, which goes into app.asar: `out/` and a package.json without dependencies;
 * - `workbench/`: what plain Node processes run, TypeScript as it stands in the source: Node 24 reads it;
 * - `node_modules/`: beside both, so that both find it;
 * - `node/`: the Node that runs trainers and workers.
 */
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { licenceOf } from '../components.ts'
import { copyModule, interfaceModules, programModules, readLock, type Lock } from './modules.ts'

export interface StageOrder {
  /** Of the checkout. */
  readonly root: string
  readonly folder: string
  /** `linux-x64` */
  readonly system: string
  /** Path of the Node to be packed. */
  readonly node: string
}

interface Manifest {
  readonly version: string
  readonly description: string
  readonly license: string
}

export function stage({ root, folder, system, node }: StageOrder): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { version, description, license } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Manifest
  const manifest = { name: 'multigrain-workbench', version, description, license, type: 'module' }
  const app = join(folder, 'app')
  for (const part of ['main', 'preload', 'renderer']) copy(join(root, 'out', part), join(app, 'out', part))
  writeJson(join(app, 'package.json'), { ...manifest, main: 'out/main/index.js' })

  const workbench = join(folder, 'workbench')
  for (const part of ['core', 'main']) copySources(join(root, part), join(workbench, part))
  copy(join(root, 'out', 'renderer'), join(workbench, 'out', 'renderer'))
  writeJson(join(workbench, 'package.json'), { ...manifest, isPackage: true })
  copy(join(root, 'LICENSE'), join(workbench, 'LICENSE'))

  const lock = readLock(root)
  const modules = programModules(lock, place => isInstalled(root, place))
  for (const place of modules) copyModule(root, place, folder, system)
  writeJson(join(workbench, 'components.json'), listComponents(root, lock, modules))

  const isWindows = system.startsWith('win32')
  const program = join(folder, 'node', isWindows ? 'node.exe' : join('bin', 'node'))
  copy(node, program)
  chmodSync(program, 0o755)
  // Drawn from renderer/assets/icon.svg; builders make the icons of every system from it.
  copy(join(import.meta.dirname, 'icon.png'), join(folder, 'build', 'icon.png'))
}

/** Sources alone: what was compiled here is for this machine. */
function copySources(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter: path => {
      const place = relative(from, path).split(sep).join('/')
      return !/(^|\/)native\/build(\/|$)/.test(place) && !/(^|\/)packaging(\/|$)/.test(place)
    },
  })
}

function isInstalled(root: string, place: string): boolean {
  try {
    return readFileSync(join(root, place, 'package.json')).length > 0
  } catch {
    return false
  }
}

/** For the list in the settings: everything that a package holds, what was bundled into the interface too. */
function listComponents(root: string, lock: Lock, modules: readonly string[]): unknown[] {
  const named = (name: string, version: string, licence: string) => ({ name, version, licence })
  const places = [...new Set([...modules, ...interfaceModules(lock, place => isInstalled(root, place))])]
  const listed = places.map(place =>
    named(
      place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      lock[place]?.version ?? '',
      licenceOf(join(root, place)),
    ),
  )
  const electron = lock['node_modules/electron']?.version ?? ''
  const others = [
    named('Electron', electron, 'MIT'),
    named('Chromium', `of Electron ${electron}`, 'BSD-3-Clause and others, see LICENSES.chromium.html'),
    named('Node', process.versions.node, 'MIT and others'),
    named('libtorch', 'where the package brings it', 'BSD-3-Clause and others'),
  ]
  return [...listed, ...others].sort((a, b) => a.name.localeCompare(b.name))
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true, dereference: true })
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}
