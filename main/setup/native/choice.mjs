/** The libtorch that somebody chose in the settings of a checkout: it is taken where LIBTORCH is not set. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { torchAddon } from './addons.mjs'

/** Beside the addon, so that it goes with the checkout. */
const path = (/** @type {string} */ root) => join(root, torchAddon.build, 'chosen.json')

/**
 * The folder, or null for an automatic choice.
 * @param {string} root
 * @returns {string | null}
 */
export function chosenLibtorch(root) {
  try {
    const { folder } = JSON.parse(readFileSync(path(root), 'utf8'))
    return typeof folder === 'string' && folder !== '' ? folder : null
  } catch {
    return null
  }
}

/**
 * @param {string} root
 * @param {string | null} folder
 */
export function chooseLibtorch(root, folder) {
  if (folder === null) return rmSync(path(root), { force: true })
  mkdirSync(dirname(path(root)), { recursive: true })
  writeFileSync(path(root), JSON.stringify({ folder }))
}

/**
 * The environment with the choice in it.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function withChoice(root, env) {
  const chosen = env['LIBTORCH'] ? null : chosenLibtorch(root)
  return chosen === null ? env : { ...env, LIBTORCH: chosen }
}
