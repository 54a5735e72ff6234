/** Where things lie: the workbench itself, and its data folder. */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../core/errors/index.ts'
import type { DataFolders } from '../core/handlers/index.ts'

/** Files of a data folder, beside the folders that the handlers know. */
export interface HomeFolder extends DataFolders {
  readonly store: string
  readonly lock: string
  /** Address and token of the host that runs, readable by its user alone. */
  readonly hostFile: string
}

const name = 'multigrain-workbench'

/** The user's data folder: MULTIGRAIN_HOME, else the platform's own place. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment['MULTIGRAIN_HOME']
  if (chosen) return resolve(chosen)
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', name)
  if (process.platform === 'win32')
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), name)
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), name)
}

/**
 * The layout of a data folder; its folders are made.
 * @throws AppError data-unreadable or disk-full, naming the folder and how to choose another.
 */
export function homeFolder(root: string): HomeFolder {
  const folders = {
    root,
    datasets: join(root, 'datasets'),
    runs: join(root, 'runs'),
    logs: join(root, 'logs'),
    cache: join(root, 'cache'),
  }
  // The user's alone: the log and the store tell what lies on the machine.
  try {
    for (const folder of Object.values(folders)) makeFolder(folder)
  } catch (thrown) {
    const { code, message, details } = AppError.from(thrown)
    const remedy = 'Set MULTIGRAIN_HOME to a folder that can be written to'
    throw new AppError(code, `The data folder ${root} cannot be used: ${message}. ${remedy}`, details, thrown)
  }
  return {
    ...folders,
    store: join(root, 'store.sqlite'),
    lock: join(root, 'host.lock'),
    hostFile: join(root, 'host.json'),
  }
}

/** One level at a time: Node's own recursive mkdir never ends below a folder that takes none, such as /proc. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (thrown) {
    // Another process may have made it in this moment.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw thrown
  }
}

/**
 * The folder of package.json: this file may lie in main/ or be bundled into out/main/. In a package, Electron's part lies in app.asar; what
 * runs in plain Node processes, which cannot read that, lies beside it in `workbench`.
 */
export function projectRoot(): string {
  const folder = shellRoot()
  return basename(folder) === 'app.asar' ? join(dirname(folder), 'workbench') : folder
}

/** The folder of what the shell itself shows: `out/renderer` and `out/preload` lie in it. */
export function shellRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** A script that runs in a Node process of its own: TypeScript in a checkout, bundled in a package. Its name goes without an ending. */
export function scriptPath(...place: readonly string[]): string {
  const path = join(projectRoot(), ...place)
  return existsSync(`${path}.js`) ? `${path}.js` : `${path}.ts`
}

interface Manifest {
  readonly version: string
  /** Whether this is an installed package. */
  readonly isPackage?: boolean
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as Manifest
}

export function version(): string {
  return manifest().version
}

/** Whether this is an installed package and not a checkout. */
export function isPackaged(): boolean {
  return manifest().isPackage === true
}
