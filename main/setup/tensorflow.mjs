/**
 * TensorFlow's library for the `tensorflow` backend: hundreds of megabytes, fetched only where an NVIDIA GPU of its generations is found
 * (its CUDA 11.2 knows compute capability 3.5 to 8.9), or on request.
 */
import { delimiter, join } from 'node:path'
import { expectSuccess, perform } from './step.mjs'

/** @param {import('./machine.mjs').Machine} machine */
const packageFolder = machine => join(machine.root, 'node_modules', '@tensorflow', 'tfjs-node-gpu')

/** @param {import('./machine.mjs').Machine} machine */
const failurePath = machine => join(machine.root, 'node_modules', '.multigrain-tensorflow-failed')

/**
 * @param {string} node
 * @returns {import('./step.mjs').Step}
 */
export function fetchTensorflow(node) {
  return {
    name: 'fetching TensorFlow (about 400 MB)',
    isOptional: true,
    timeLimitMs: 15 * 60_000,
    remedy: 'The other backends work without it; `npm run setup tensorflow` tries again',
    run: async (machine, timeLimitMs) => {
      const bin = join(machine.root, 'node_modules', '.bin')
      const env = { ...machine.env, PATH: `${bin}${delimiter}${machine.env['PATH'] ?? ''}` }
      const args = [join('scripts', 'install.js'), 'gpu', 'download']
      expectSuccess(
        await machine.run(node, args, { cwd: packageFolder(machine), env, timeLimitMs }),
        'The download',
      )
      if (!isTensorflowThere(machine)) throw new Error('its library is not there after the download')
    },
  }
}

/** @param {import('./machine.mjs').Machine} machine */
export function isTensorflowThere(machine) {
  const library = machine.platform === 'win32' ? 'tensorflow.dll' : 'libtensorflow.so'
  const folder = packageFolder(machine)
  return ['', '.2', '.2.9.1'].some(ending => machine.exists(join(folder, 'deps', 'lib', library + ending)))
}

/**
 * Fetches TensorFlow where it would run on the GPU; never fails.
 * @param {import('./machine.mjs').Machine} machine
 * @param {string} node
 */
export async function supplyTensorflow(machine, node) {
  if (
    isTensorflowThere(machine) ||
    !machine.exists(packageFolder(machine)) ||
    machine.exists(failurePath(machine))
  )
    return
  const gpu = await suitableGpu(machine)
  if (gpu === null) return
  machine.say(`Found ${gpu}, which TensorFlow can use`)
  if (!(await perform(machine, fetchTensorflow(node))))
    machine.writeText(failurePath(machine), String(Date.now()))
}

/**
 * Name of an NVIDIA GPU that TensorFlow 2.9 knows, or null.
 * @param {import('./machine.mjs').Machine} machine
 */
export async function suitableGpu(machine) {
  if (machine.which('nvidia-smi') === null) return null
  const query = ['--query-gpu=compute_cap,name', '--format=csv,noheader']
  const { code, output } = await machine.run('nvidia-smi', query, { timeLimitMs: 10_000 })
  if (code !== 0) return null
  for (const line of output.trim().split('\n')) {
    const [capability = '', ...name] = line.split(',')
    const value = Number(capability)
    if (value >= 3.5 && value < 9) return name.join(',').trim()
  }
  return null
}
