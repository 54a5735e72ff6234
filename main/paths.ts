/** Where things lie: the workbench itself, and its data folder. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
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

/** The layout of a data folder; its folders are made. */
export function homeFolder(root: string): HomeFolder {
  const folders = {
    root,
    datasets: join(root, 'datasets'),
    runs: join(root, 'runs'),
    logs: join(root, 'logs'),
    cache: join(root, 'cache'),
  }
  // The user's alone: the log and the store tell what lies on the machine.
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    ...folders,
    store: join(root, 'store.sqlite'),
    lock: join(root, 'host.lock'),
    hostFile: join(root, 'host.json'),
  }
}

/** The folder of package.json: this file may lie in main/ or be bundled into out/main/. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

export function version(): string {
  const text = readFileSync(join(projectRoot(), 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
