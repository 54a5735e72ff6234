/** What the operating system must supply: on Debian as root it is installed, elsewhere it is named. */
import { mayInstall } from './machine.mjs'
import { expectSuccess, perform } from './step.mjs'

/**
 * @typedef {object} Need
 * @property {string} what
 * @property {string} debian its package in Debian.
 * @property {string} without what works when it is missing.
 * @property {(machine: import('./machine.mjs').Machine) => boolean} isPresent
 */

const vulkanLibraries = [
  '/usr/lib/x86_64-linux-gnu/libvulkan.so.1',
  '/usr/lib/aarch64-linux-gnu/libvulkan.so.1',
  '/usr/lib64/libvulkan.so.1',
]

/** @type {Need} */
export const chromiumNeed = {
  what: 'Chromium, for the tests of the interface',
  debian: 'chromium',
  without: 'everything but the end-to-end tests works without it',
  isPresent: machine => findChromium(machine) !== null,
}

/** @type {Need} */
export const vulkanNeed = {
  what: 'the Vulkan loader, for the webgpu backend',
  debian: 'libvulkan1',
  without: 'the other backends work without it',
  isPresent: machine => machine.platform !== 'linux' || vulkanLibraries.some(path => machine.exists(path)),
}

/**
 * The Chromium that tests drive: MULTIGRAIN_CHROMIUM, else the system's.
 * @param {import('./machine.mjs').Machine} machine
 * @returns {string | null}
 */
export function findChromium(machine) {
  const named = machine.env['MULTIGRAIN_CHROMIUM']
  if (named && machine.exists(named)) return named
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']) {
    const found = machine.which(name)
    if (found !== null) return found
  }
  const places = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ]
  return places.find(place => machine.exists(place)) ?? null
}

/**
 * Installs or names what is missing; never fails.
 * @param {import('./machine.mjs').Machine} machine
 * @param {readonly Need[]} needs
 * @returns {Promise<void>}
 */
export async function supplySystemPackages(machine, needs) {
  const missing = needs.filter(need => !need.isPresent(machine))
  if (missing.length === 0) return
  const packages = missing.map(need => need.debian)
  const canInstall = isDebian(machine) && machine.isRoot && machine.which('apt-get') !== null
  if (
    canInstall &&
    (await mayInstall(machine, `Install the system packages ${packages.join(', ')} with apt-get?`))
  ) {
    if (await perform(machine, installPackages(packages))) return
  }
  for (const need of missing) {
    if (!need.isPresent(machine))
      machine.say(`Missing: ${need.what} (${remedyFor(machine, need)}); ${need.without}`)
  }
}

/**
 * @param {readonly string[]} packages
 * @returns {import('./step.mjs').Step}
 */
function installPackages(packages) {
  return {
    name: `installing the system packages ${packages.join(', ')}`,
    isOptional: true,
    timeLimitMs: 10 * 60_000,
    remedy: `Try \`apt-get update && apt-get install ${packages.join(' ')}\` by hand`,
    run: async (machine, timeLimitMs) => {
      const env = { ...machine.env, DEBIAN_FRONTEND: 'noninteractive' }
      const update = await machine.run('apt-get', ['update', '-q'], { env, timeLimitMs })
      if (update.code !== 0)
        machine.say('apt-get update failed; going on with the package lists that are there')
      const args = ['install', '-y', '-q', '--no-install-recommends', ...packages]
      expectSuccess(await machine.run('apt-get', args, { env, timeLimitMs }), 'apt-get install')
    },
  }
}

/** @param {import('./machine.mjs').Machine} machine */
export function isDebian(machine) {
  const release = machine.platform === 'linux' ? (machine.readText('/etc/os-release') ?? '') : ''
  return /^ID=debian$/m.test(release)
}

/**
 * @param {import('./machine.mjs').Machine} machine
 * @param {Need} need
 */
function remedyFor(machine, need) {
  if (isDebian(machine)) return `\`sudo apt-get install ${need.debian}\``
  if (machine.platform === 'linux') return `package ${need.debian} or its like of your distribution`
  return need === chromiumNeed ? 'install it, or name it in MULTIGRAIN_CHROMIUM' : 'install it'
}
