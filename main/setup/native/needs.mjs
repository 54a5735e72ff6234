/** What the addons need of the system, and what to do where it is missing. */
import { isDebian } from '../system-packages.mjs'

/**
 * @typedef {import('../machine.mjs').Machine} Machine
 * @typedef {import('../system-packages.mjs').Need} Need
 */

const again = 'then run: npm run -s multigrain -- setup native'

/** What the user can do about each reason for which there is no addon. */
export const remedies = {
  unsupported: "Choose backend 'wasm' or 'webgpu'",
  notLoading: 'Run: npm run -s multigrain -- setup native',
  build: 'After a change of libtorch or compiler run: npm run -s multigrain -- setup native',
  libtorch: (/** @type {Machine} */ machine) =>
    isDebian(machine)
      ? `Install libtorch: \`sudo apt-get install libtorch-dev g++\`, or \`pip install torch\`, ${again}`
      : `Install PyTorch for the Python on your PATH (\`pip install torch\`), or unpack libtorch from https://pytorch.org and name its folder in LIBTORCH, ${again}`,
  compiler: (/** @type {Machine} */ machine) =>
    isDebian(machine)
      ? `Install one: \`sudo apt-get install g++\`, ${again}`
      : `Install g++ or clang++, or name one in CXX, ${again}`,
  libjpeg: (/** @type {Machine} */ machine) =>
    isDebian(machine)
      ? `Install it: \`sudo apt-get install libjpeg62-turbo-dev\`, ${again}`
      : `Install the development package of libjpeg-turbo, ${again}`,
}

/** @param {Machine} machine */
export function hasLibjpeg(machine) {
  return ['/usr/include/jpeglib.h', '/usr/local/include/jpeglib.h'].some(path => machine.exists(path))
}

/**
 * Debian's packages for what is missing here.
 * @param {{ libtorch: boolean, compiler: boolean }} isThere
 * @returns {Need[]}
 */
export function nativeNeeds(isThere) {
  return [
    {
      what: 'libtorch, for the torch backend',
      debian: 'libtorch-dev',
      without: 'everything works without it, training on wasm and much slower',
      isPresent: () => isThere.libtorch,
    },
    {
      what: 'a C++ compiler, for the torch backend and fast reading of JPEGs',
      debian: 'g++',
      without: 'everything works without it, much slower',
      isPresent: () => isThere.compiler,
    },
    {
      what: 'libjpeg-turbo, for fast reading of JPEGs',
      debian: 'libjpeg62-turbo-dev',
      without: 'sharp reads them without it, more slowly',
      isPresent: hasLibjpeg,
    },
  ]
}
