/** Whether the workbench can open as an Electron window here; its runtime is fetched when it is missing. */
import { join } from 'node:path'
import { expectSuccess, perform } from './step.mjs'

const retryAfterMs = 24 * 60 * 60_000

/**
 * @typedef {{ path: string, reason: null } | { path: null, reason: string }} ElectronChoice
 * `path` of the runtime, or the reason in one line why the browser is used instead.
 */

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {string} node
 * @param {{ retry?: boolean }} [options] try the download again although it failed a short while ago.
 * @returns {Promise<ElectronChoice>}
 */
export async function chooseElectron(machine, node, options = {}) {
  const forbidden = noScreen(machine) ?? noSandboxAsRoot(machine)
  if (forbidden !== null) return { path: null, reason: forbidden }
  let path = runtimePath(machine)
  if (path === null) {
    const failure = options.retry ? null : recentFailure(machine)
    if (failure !== null) return { path: null, reason: failure }
    const fetched = await perform(machine, fetchRuntime(node))
    path = runtimePath(machine)
    if (!fetched || path === null) {
      rememberFailure(machine)
      return { path: null, reason: "Electron's runtime could not be fetched" }
    }
  }
  const unusable = noSandbox(machine, path) ?? (await missingLibraries(machine, path))
  return unusable === null ? { path, reason: null } : { path: null, reason: unusable }
}

/**
 * Path of the runtime's program, or null when it is not there.
 * @param {import('./machine.mjs').Machine} machine
 */
export function runtimePath(machine) {
  const folder = join(machine.root, 'node_modules', 'electron')
  const name = machine.readText(join(folder, 'path.txt'))
  if (name === null) return null
  const path = join(machine.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'), name.trim())
  return machine.exists(path) ? path : null
}

/**
 * @param {string} node
 * @returns {import('./step.mjs').Step}
 */
export function fetchRuntime(node) {
  return {
    name: "fetching Electron's runtime (about 110 MB)",
    isOptional: true,
    timeLimitMs: 5 * 60_000,
    remedy: 'The workbench opens in the browser meanwhile; `npm run setup electron` tries again',
    run: async (machine, timeLimitMs) => {
      const script = join(machine.root, 'node_modules', 'electron', 'install.js')
      expectSuccess(await machine.run(node, [script], { cwd: machine.root, timeLimitMs }), 'The download')
    },
  }
}

function noScreen(/** @type {import('./machine.mjs').Machine} */ machine) {
  if (machine.platform !== 'linux' || machine.env['DISPLAY'] || machine.env['WAYLAND_DISPLAY']) return null
  return 'this machine has no screen (neither DISPLAY nor WAYLAND_DISPLAY is set)'
}

function noSandboxAsRoot(/** @type {import('./machine.mjs').Machine} */ machine) {
  if (machine.platform !== 'linux' || !machine.isRoot) return null
  return "Electron's sandbox does not work as root; start as an ordinary user to get a window"
}

/** Chromium's sandbox needs unprivileged user namespaces or a helper that belongs to root. */
function noSandbox(/** @type {import('./machine.mjs').Machine} */ machine, /** @type {string} */ path) {
  if (machine.platform !== 'linux') return null
  const helper = join(path, '..', 'chrome-sandbox')
  const found = machine.stat(helper)
  if (found !== null && found.uid === 0 && (found.mode & 0o4000) !== 0) return null
  const value = (/** @type {string} */ name) => machine.readText(`/proc/sys/${name}`)?.trim()
  const isForbidden =
    value('kernel/apparmor_restrict_unprivileged_userns') === '1' ||
    value('kernel/unprivileged_userns_clone') === '0' ||
    value('user/max_user_namespaces') === '0'
  if (!isForbidden) return null
  return `this system forbids Electron's sandbox (as Ubuntu 24.04 does); \`sudo chown root '${helper}' && sudo chmod 4755 '${helper}'\` allows it`
}

async function missingLibraries(
  /** @type {import('./machine.mjs').Machine} */ machine,
  /** @type {string} */ path,
) {
  if (machine.platform !== 'linux' || machine.which('ldd') === null) return null
  const { output } = await machine.run('ldd', [path], { timeLimitMs: 20_000 })
  const missing = [...output.matchAll(/^\s*(\S+) => not found/gm)].map(match => match[1])
  return missing.length === 0
    ? null
    : `Electron needs libraries that this system lacks: ${missing.join(', ')}`
}

/** @param {import('./machine.mjs').Machine} machine */
const failurePath = machine => join(machine.root, 'node_modules', '.multigrain-electron-failed')

/** A machine without a way to the download should not wait for it at every start. */
function recentFailure(/** @type {import('./machine.mjs').Machine} */ machine) {
  const at = Number(machine.readText(failurePath(machine)) ?? 0)
  if (Date.now() - at > retryAfterMs) return null
  return "Electron's runtime could not be fetched within the last day; `npm run setup electron` tries again"
}

function rememberFailure(/** @type {import('./machine.mjs').Machine} */ machine) {
  machine.writeText(failurePath(machine), String(Date.now()))
}
