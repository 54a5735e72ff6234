/** What the addons need of the system, and what to do where it is missing. */

/** @typedef {import('../machine.mjs').Machine} Machine */

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

/** @param {Machine} machine */
function isDebian(machine) {
  return /^ID(_LIKE)?="?.*debian/m.test(machine.readText('/etc/os-release') ?? '')
}
