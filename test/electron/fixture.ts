/** Real Electron for tests, where its runtime is. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Electron, ElectronApplication } from 'playwright'

const root = join(import.meta.dirname, '..', '..')

/** A packed program, whose inspector is not switched off. */
const packed = process.env['MULTIGRAIN_ELECTRON_APP']

/** Why these tests cannot run here; false when they can. @throws Error where CI is set. */
export function missingElectron(): string | false {
  const reason = reasonAgainst()
  if (reason !== false && process.env['MULTIGRAIN_ELECTRON'] === 'required') throw new Error(reason)
  return reason
}

function reasonAgainst(): string | false {
  if (packed !== undefined) return existsSync(packed) ? false : `${packed} is not there`
  if (runtime() === null) return "Electron's runtime is not here. Fetch it with: npm run setup electron"
  if (!existsSync(join(root, 'out', 'main', 'index.js')))
    return 'the app is not built. Run: npm run setup build'
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
    return 'this machine has no screen. Run it below xvfb-run'
  return false
}

/** Electron's package gives the path of its program, and throws where that was not fetched. */
function runtime(): string | null {
  try {
    const path = createRequire(import.meta.url)('electron') as unknown
    return typeof path === 'string' && existsSync(path) ? path : null
  } catch {
    return null
  }
}

export function startElectron(electron: Electron, home: string): Promise<ElectronApplication> {
  const env = { ...process.env, MULTIGRAIN_HOME: home, LANG: 'en_US.UTF-8' } as Record<string, string>
  const args = packed === undefined ? [root] : []
  const executablePath = packed ?? runtime() ?? undefined
  return electron.launch({ args, env, ...(executablePath === undefined ? {} : { executablePath }) })
}
