/** The addons that set-up builds: what each is made of and what it needs. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesBelow, hashOf } from './sources.mjs'

/** The version of Node-API that both are written against; Node 18 and newer have it. */
export const nodeApi = 8

/**
 * @typedef {object} Addon
 * @property {'torch' | 'jpeg'} name
 * @property {string} folder of its sources, from the project's root.
 * @property {string} build folder of its products, from the project's root.
 */

/** @type {Addon} */
export const torchAddon = {
  name: 'torch',
  folder: 'core/backend/native/src',
  build: 'core/backend/native/build',
}

/** @type {Addon} */
export const jpegAddon = { name: 'jpeg', folder: 'core/data/native', build: 'core/data/native/build' }

/**
 * @param {string} root
 * @param {Addon} addon
 */
export function sourcesOf(root, addon) {
  return filesBelow(join(root, addon.folder), ['.cc'])
}

const common = [
  '-std=c++17',
  '-O3',
  '-fPIC',
  '-fopenmp',
  '-fvisibility=hidden',
  '-fmax-errors=5',
  '-Wall',
  '-Wextra',
]

/**
 * Flags for every addon: warnings about our own sources only.
 * @param {string} node path of the Node that will load it.
 */
function nodeFlags(node) {
  const include = join(dirname(node), '..', 'include', 'node')
  if (!existsSync(join(include, 'node_api.h'))) throw new Error(`Node's headers are missing at ${include}`)
  return ['-isystem', include, `-DNAPI_VERSION=${nodeApi}`]
}

/**
 * @param {string} root
 * @param {string} node
 * @param {import('./libtorch.mjs').Libtorch} libtorch
 * @param {string} [rpath] where the addon looks for libtorch, `$ORIGIN` standing for its own folder; empty for wherever the system's loader does.
 * @returns {import('./compile.mjs').Recipe}
 */
export function torchRecipe(root, node, libtorch, rpath = libtorch.path) {
  const { include, path, version, cxx11Abi, libraries, openmp } = libtorch
  const api = join(include, 'torch', 'csrc', 'api', 'include')
  // GCC finds /usr/include by itself, and naming it changes the order of its own headers.
  const includes = [api, ...(include === '/usr/include' ? [] : [include])].flatMap(each => ['-isystem', each])
  const abi = `-D_GLIBCXX_USE_CXX11_ABI=${cxx11Abi ? 1 : 0}`
  const identity = JSON.stringify([path, version, cxx11Abi, libtorch.files, nodeApi])
  const names = join(root, torchAddon.folder, 'names')
  const namesText = filesBelow(names, ['.h']).map(each => readFileSync(each, 'utf8'))
  return {
    name: torchAddon.name,
    build: join(root, torchAddon.build),
    key: `libtorch-${version}-${hashOf(identity).slice(0, 12)}`,
    sources: sourcesOf(root, torchAddon),
    compileFlags: [
      ...[...common, abi, ...includes, ...nodeFlags(node), `-DMULTIGRAIN_LIBTORCH="${version}"`],
      // Gloo's names, where its own headers are not installed.
      ...['-idirafter', names],
    ],
    library: hashOf(identity, ...namesText),
    linkFlags: [
      `-L${path}`,
      // The CUDA half registers its kernels when it is loaded; nothing in the addon refers to it by name.
      '-Wl,--no-as-needed',
      ...libraries.map(each => `-l${each}`),
      '-Wl,--as-needed',
      openmp ?? '-fopenmp',
      // A missing symbol shows when the addon is loaded, not in the middle of a training.
      '-Wl,-z,now',
      // RPATH and not RUNPATH, so that LD_LIBRARY_PATH cannot bring in another libtorch than the one this is built for.
      '-Wl,--disable-new-dtags',
      ...(rpath === '' ? [] : ['-Xlinker', '-rpath', '-Xlinker', rpath]),
    ],
  }
}

/**
 * @param {string} root
 * @param {string} node
 * @param {boolean} [isPacked] whether libjpeg will lie beside it.
 * @returns {import('./compile.mjs').Recipe}
 */
export function jpegRecipe(root, node, isPacked = false) {
  return {
    name: jpegAddon.name,
    build: join(root, jpegAddon.build),
    key: `napi-${nodeApi}`,
    sources: sourcesOf(root, jpegAddon),
    compileFlags: [...common, ...nodeFlags(node)],
    linkFlags: [
      ...['-ljpeg', '-fopenmp', '-Wl,-z,now'],
      ...(isPacked ? ['-Xlinker', '-rpath', '-Xlinker', '$ORIGIN'] : []),
    ],
  }
}
