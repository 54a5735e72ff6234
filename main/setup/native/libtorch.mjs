/**
 * Finds the libtorch that the addon is built for: the folder in `LIBTORCH`, else the torch of a Python on the PATH, else the
 * system's. Nothing of it is run or loaded.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { architectureOf, usesCxx11Abi } from './shared-object.mjs'

/**
 * @typedef {object} Libtorch
 * @property {string} origin where it was found, in words.
 * @property {string} include the folder with ATen/ and torch/.
 * @property {string} path the folder with its libraries.
 * @property {string} version such as 2.6.0.
 * @property {boolean} cxx11Abi its `_GLIBCXX_USE_CXX11_ABI`.
 * @property {boolean} cuda whether it can compute on CUDA.
 * @property {string[]} libraries what is linked, without `lib` and `.so`.
 * @property {string | null} openmp the OpenMP library that it brings along; null for the system's.
 * @property {{ path: string, sizeBytes: number, mtimeMs: number }[]} files by which a replaced libtorch is noticed.
 *
 * @typedef {{ libtorch: Libtorch, reason: null } | { libtorch: null, reason: string }} Finding
 */

/** Newer versions keep the numbers in the second. */
const versionHeaders = ['torch/csrc/api/include/torch/version.h', 'torch/headeronly/version.h']
const pythonTimeLimitMs = 20_000

/**
 * Importing torch takes seconds and may start CUDA; where it lies is known without. The working directory is none of the places
 * where Python's packages lie.
 */
const question = `import sys
sys.path = [p for p in sys.path if p]
import importlib.util as u
s = u.find_spec('torch')
print('torch-at', s.origin if s else None)`

/**
 * @param {import('../machine.mjs').Machine} machine
 * @returns {Promise<Finding>}
 */
export async function findLibtorch(machine) {
  const named = machine.env['LIBTORCH']
  if (named) return asked(machine, resolve(named))
  /** @type {string[]} */
  const passed = []
  for (const python of pythons(machine)) {
    const folder = await torchOf(machine, python)
    if (folder === null) continue
    const found = inspectFirst(machine, placesOf(folder), `the torch of ${python}`)
    if (found.libtorch !== null) return withPassed(found, passed)
    passed.push(`the torch of ${python} cannot be used: ${found.reason}`)
  }
  const found = inspectFirst(machine, systemPlaces(machine), 'the system')
  if (found.libtorch !== null) return withPassed(found, passed)
  if (found.reason !== nothingThere) passed.push(found.reason)
  const looked =
    'no libtorch was found (LIBTORCH is not set, no Python on the PATH has torch, and the system has none)'
  return { libtorch: null, reason: passed.length > 0 ? passed.join('; ') : looked }
}

/**
 * Every libtorch of this machine, for somebody to choose from: each Python's and the system's, in the order in which set-up prefers them.
 * @param {import('../machine.mjs').Machine} machine
 * @returns {Promise<({ folder: string, origin: string } & Finding)[]>}
 */
export async function listLibtorch(machine) {
  const listed = []
  for (const python of pythons(machine)) {
    const folder = await torchOf(machine, python)
    if (folder === null) continue
    const origin = `the torch of ${python}`
    listed.push({ folder, origin, ...inspectFirst(machine, placesOf(folder), origin) })
  }
  const system = inspectFirst(machine, systemPlaces(machine), 'the system')
  if (system.libtorch !== null) listed.push({ folder: '', origin: 'the system', ...system })
  return listed
}

/** Those that come first and cannot be used are told with the one that is. */
function withPassed(/** @type {Finding} */ found, /** @type {readonly string[]} */ passed) {
  if (found.libtorch !== null && passed.length > 0)
    found.libtorch.origin = [found.libtorch.origin, ...passed].join('; ')
  return found
}

const nothingThere = 'no headers and libraries of libtorch are there'

/** A folder that was asked for is taken or refused; another is never taken silently in its place. */
function asked(/** @type {import('../machine.mjs').Machine} */ machine, /** @type {string} */ folder) {
  const found = inspectFirst(machine, placesOf(folder), `LIBTORCH=${folder}`)
  if (found.libtorch !== null) return found
  const reason = `LIBTORCH names ${folder}, which cannot be used: ${found.reason} (expected: include/ATen and lib/libtorch.so)`
  return /** @type {Finding} */ ({ libtorch: null, reason })
}

/** @param {import('../machine.mjs').Machine} machine */
function pythons(machine) {
  const found = [machine.which('python3'), machine.which('python'), '/usr/bin/python3']
  return [...new Set(found)].filter(path => path !== null && machine.exists(path)).map(String)
}

/**
 * The folder of a Python's torch, or null when it has none or does not answer.
 * @param {import('../machine.mjs').Machine} machine
 * @param {string} python
 */
async function torchOf(machine, python) {
  const result = await machine.run(python, ['-c', question], { timeLimitMs: pythonTimeLimitMs })
  const origin = /^torch-at (.+)$/m.exec(result.output)?.[1]
  return result.code === 0 && origin && origin !== 'None' ? dirname(origin) : null
}

/**
 * Where headers and libraries may lie below a folder: torch from pip or libtorch as downloaded; then a prefix as of conda,
 * in which torch is `lib/python3.x/site-packages/torch`.
 * @param {string} folder
 */
function placesOf(folder) {
  const prefix = resolve(folder, '..', '..', '..', '..')
  return [folder, prefix].map(base => ({ include: join(base, 'include'), lib: join(base, 'lib') }))
}

/** @param {import('../machine.mjs').Machine} machine */
function systemPlaces(machine) {
  const triplet = machine.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  const pairs = [
    ['/usr/include', `/usr/lib/${triplet}`],
    ['/usr/include', '/usr/lib64'],
    ['/usr/include', '/usr/lib'],
    ['/usr/local/include', '/usr/local/lib'],
  ]
  return pairs.map(([include = '', lib = '']) => ({ include, lib }))
}

/**
 * @param {import('../machine.mjs').Machine} machine
 * @param {readonly { include: string, lib: string }[]} places
 * @param {string} origin
 * @returns {Finding}
 */
function inspectFirst(machine, places, origin) {
  const place = places.find(
    ({ include, lib }) => isThere(include, 'ATen/ATen.h') && isThere(lib, 'libtorch_cpu.so'),
  )
  if (place !== undefined) return inspect(machine, place, origin)
  const hasHeaders = places.some(({ include }) => isThere(include, 'ATen/ATen.h'))
  const hasLibraries = places.some(({ lib }) => isThere(lib, 'libtorch_cpu.so'))
  if (hasHeaders) return { libtorch: null, reason: 'its headers are there, but not lib/libtorch_cpu.so' }
  if (hasLibraries) return { libtorch: null, reason: 'its libraries are there, but not its headers' }
  return { libtorch: null, reason: nothingThere }
}

/**
 * @param {import('../machine.mjs').Machine} machine
 * @param {{ include: string, lib: string }} place
 * @param {string} origin
 * @returns {Finding}
 */
function inspect(machine, { include, lib }, origin) {
  // Debian's Python package holds links to the system's libraries.
  const core = realpathSync(join(lib, 'libtorch_cpu.so'))
  const path = dirname(core)
  const architecture = architectureOf(core)
  if (architecture !== machine.arch) {
    const made = architecture === null ? 'is no library' : `is made for ${architecture}`
    return { libtorch: null, reason: `${core} ${made}, and this Node for ${machine.arch}` }
  }
  const version = versionOf(include)
  if (version === null)
    return { libtorch: null, reason: `${join(include, versionHeaders[0] ?? '')} does not tell the version` }
  const basic = isThere(path, 'libc10.so') && isThere(path, 'libtorch.so')
  if (!basic) return { libtorch: null, reason: `${path} lacks libc10.so or libtorch.so` }
  const cuda = isThere(path, 'libtorch_cuda.so') && isThere(path, 'libc10_cuda.so')
  const libraries = ['torch', 'torch_cpu', 'c10', ...(cuda ? ['torch_cuda', 'c10_cuda'] : [])]
  const files = libraries.map(name => identify(join(path, `lib${name}.so`)))
  const cxx11Abi = usesCxx11Abi(join(path, 'libc10.so')) ?? abiOfCmake(path) ?? true
  const openmp = openmpOf(path)
  return {
    libtorch: { origin, include, path, version, cxx11Abi, cuda, libraries, openmp, files },
    reason: null,
  }
}

/** @param {string} include */
function versionOf(include) {
  const paths = versionHeaders.map(path => join(include, path)).filter(path => existsSync(path))
  const text = paths.map(path => readFileSync(path, 'utf8')).join('\n')
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map(
    part => new RegExp(`TORCH_VERSION_${part} (\\d+)`).exec(text)?.[1],
  )
  return parts.includes(undefined) ? null : parts.join('.')
}

/**
 * As libtorch's CMake files tell it.
 * @param {string} path
 */
function abiOfCmake(path) {
  for (const place of ['../share/cmake/Torch', 'cmake/Torch']) {
    const file = join(path, place, 'TorchConfig.cmake')
    const value = existsSync(file) && /_GLIBCXX_USE_CXX11_ABI=([01])/.exec(readFileSync(file, 'utf8'))?.[1]
    if (value) return value === '1'
  }
  return null
}

/**
 * torch from pip brings a libgomp of its own name. A second one, the system's, would be a second pool of threads, and the two
 * together twice as many threads as there are cores.
 * @param {string} path
 */
function openmpOf(path) {
  for (const folder of [path, join(path, '..', '..', 'torch.libs')]) {
    const name = existsSync(folder) && readdirSync(folder).find(each => /^libgomp.*\.so(\.|$)/.test(each))
    if (name && !/^\/usr\/lib/.test(folder)) return join(folder, name)
  }
  return null
}

/** @param {string} path */
function identify(path) {
  const real = realpathSync(path)
  const { size, mtimeMs } = statSync(real)
  return { path: real, sizeBytes: size, mtimeMs: Math.round(mtimeMs) }
}

/**
 * @param {string} folder
 * @param {string} name
 */
const isThere = (folder, name) => existsSync(join(folder, name))
