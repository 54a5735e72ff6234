/** Chooses and starts a compute backend. */
import { getKernel, ready, setBackend } from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import { backends } from './backends/index.ts'
import { deviceKinds } from './backends/shared/backend.ts'
import type { BackendEntry, DeviceKind, Probe, Storage } from './backends/shared/backend.ts'
import { slowStorages } from './processor.ts'
import { kernelCases } from './kernel-cases.ts'
import { registerKernels } from './register.ts'

/** The backend that computes from now on. */
export interface StartedBackend {
  readonly name: string
  /** What it computes on: the model of the processor or GPU. */
  readonly device: string
  /** Why this backend. */
  readonly reason: string
  /** What the user should know before it computes for hours. */
  readonly cautions: readonly string[]
}

/** A backend with what the look at the machine said. */
export interface ProbedBackend {
  readonly entry: BackendEntry
  readonly probe: Probe
}

const known: readonly BackendEntry[] = backends

/** Names of all backends, startable or not. */
export const backendNames: readonly string[] = known.map(entry => entry.name)

/**
 * Loads a backend, registers our kernels with it and makes it tfjs's current one.
 *
 * @param name a backend's name, or `auto`: the best device that is there and starts.
 * @param storages what float tensors will be kept in; `auto` passes over what cannot.
 * @param device `auto`, or one that `auto` takes only backends for which it can be chosen.
 * @throws AppError unknown-name, listing the known names; backend-unavailable with details.remedy; invalid-config when it, or every
 * one that is here, cannot keep tensors so.
 */
export async function startBackend(
  name: string = 'auto',
  storages: readonly Storage[] = ['float32'],
  device: string = 'auto',
): Promise<StartedBackend> {
  if (name === 'auto') {
    const preferred = await startPreferred(storages, device)
    if (preferred !== null) return preferred
    const choosable = device === 'auto' ? known : known.filter(each => each.choosesDevice)
    return startBest(ableOf(await probeAll(choosable), storages), storages, device)
  }
  const entry = known.find(each => each.name === name)
  if (!entry) {
    const choices = ['auto', ...backendNames]
    const message = `backend: unknown backend '${name}'. Known: ${choices.join(', ')}`
    throw new AppError('unknown-name', message, { field: 'backend', value: name, known: choices })
  }
  const lacking = lackingStorage(entry, storages)
  if (lacking !== undefined) throw unable(lacking, `the backend '${name}' computes in float32 alone`, name)
  if (device !== 'auto' && !entry.choosesDevice) throw oneDevice(name, device)
  const probe = await probeOne(entry)
  return startProbed({ entry, probe }, `${name} was asked for`, storages, device)
}

/**
 * The user's own choice among the backends, in the environment of every process that computes; `auto` takes it where it can be had.
 *
 * @returns the name of a backend, or null without a choice.
 */
export function preferredBackend(environment: NodeJS.ProcessEnv = process.env): string | null {
  return known.find(({ name }) => name === environment['MULTIGRAIN_BACKEND'])?.name ?? null
}

/** Null without a choice, or where it does not start: a run that leaves the backend open is not to fail for that. */
async function startPreferred(storages: readonly Storage[], device: string): Promise<StartedBackend | null> {
  const name = preferredBackend()
  if (name === null) return null
  try {
    return { ...(await startBackend(name, storages, device)), reason: `${name} is chosen in the settings` }
  } catch (thrown) {
    if (thrown instanceof AppError) return null
    throw thrown
  }
}

function oneDevice(name: string, device: string): AppError {
  const remedy = 'Set device to auto, or backend to torch'
  const message = `device: the backend '${name}' has one device, got '${device}'. ${remedy}`
  return new AppError('invalid-config', message, { field: 'device', value: device, remedy })
}

function lackingStorage(
  { storages: has = ['float32'] }: BackendEntry,
  wanted: readonly Storage[],
): Storage | undefined {
  return wanted.find(storage => !has.includes(storage))
}

/** Those that keep tensors in these storages. @throws AppError invalid-config when none of them is here. */
export function ableOf(
  probed: readonly ProbedBackend[],
  storages: readonly Storage[],
): readonly ProbedBackend[] {
  const able = probed.filter(({ entry }) => lackingStorage(entry, storages) === undefined)
  if (able.length === probed.length) return probed
  if (rank(able).length > 0) return able
  const reasons = able.map(({ entry, probe }) => {
    const remedy = probe.available ? '' : probe.remedy
    return `${entry.name}: ${[probe.detail, remedy].filter(text => text !== '').join('. ')}`
  })
  const storage = storages.find(each => each !== 'float32')!
  throw unable(storage, ['no backend here computes in it', ...reasons].join('. '), 'auto')
}

function unable(storage: Storage, why: string, backend: string): AppError {
  const remedy = "Set precision.level to O0, or backend to 'torch'"
  const message = `precision.compute: ${storage} cannot be had: ${why}. ${remedy}`
  const details = { field: 'precision.compute', value: storage, backend, remedy }
  return new AppError('invalid-config', message, details)
}

/** Looks at every backend without loading it. Those that ask a child process do so at the same time. */
export async function probeAll(entries: readonly BackendEntry[] = known): Promise<ProbedBackend[]> {
  return Promise.all(entries.map(async entry => ({ entry, probe: await probeOne(entry) })))
}

/** The backends that `auto` may take, best first. */
export function rank(probed: readonly ProbedBackend[]): ProbedBackend[] {
  const order = (each: ProbedBackend): number =>
    each.probe.available ? deviceKinds.indexOf(each.probe.kind) : Infinity
  const usable = probed.filter(each => each.probe.available && each.probe.kind !== 'software-gpu')
  const precedence = ({ entry }: ProbedBackend): number => (entry.isPreferred ? 0 : 1)
  return usable.sort((a, b) => order(a) - order(b) || precedence(a) - precedence(b))
}

/** Why `auto` takes its first choice, naming what would have been better and is not there. */
export function explain(
  chosen: ProbedBackend,
  probed: readonly ProbedBackend[],
  failures: readonly string[] = [],
): string {
  const kind = chosen.probe.available ? chosen.probe.kind : 'reference-cpu'
  const missing = probed
    .filter(each => each !== chosen && (!each.probe.available || each.probe.kind === 'software-gpu'))
    .map(each => `${each.entry.name}: ${each.probe.detail}`)
  return [`${chosen.entry.name} is the best here (${kindWords[kind]})`, ...failures, ...missing].join('. ')
}

/** Starts the best backend that starts. */
export async function startBest(
  probed: readonly ProbedBackend[],
  storages: readonly Storage[] = ['float32'],
  device: string = 'auto',
): Promise<StartedBackend> {
  const failures: string[] = []
  for (const candidate of rank(probed)) {
    try {
      const started = await startProbed(candidate, explain(candidate, probed, failures), storages, device)
      expectAllKernels(started.name)
      return started
    } catch (error) {
      failures.push(
        `${candidate.entry.name} did not start: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
  const field = device === 'auto' ? {} : { field: 'device', value: device }
  const message = `No backend starts. ${failures.join('. ')}`
  throw new AppError('backend-unavailable', message, { backend: 'auto', ...field })
}

/** `auto` takes no backend that lacks a kernel of training. */
function expectAllKernels(name: string): void {
  const wanted = new Set(kernelCases.map(each => each.kernel))
  const missing = [...wanted].filter(kernel => getKernel(kernel, name) === undefined)
  if (missing.length === 0) return
  const message = `Backend '${name}' lacks the kernels ${missing.join(', ')}`
  throw new AppError('backend-unavailable', message, { backend: name, remedy: "Choose backend 'wasm'" })
}

const kindWords: Readonly<Record<DeviceKind, string>> = {
  gpu: 'a GPU',
  'native-cpu': 'native code on the processor',
  'embedded-cpu': 'WebAssembly on one processor core',
  'reference-cpu': 'plain JavaScript, very slow',
  'software-gpu': 'a GPU driver in software, very slow',
}

async function probeOne(entry: BackendEntry): Promise<Probe> {
  try {
    return await entry.probe()
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { available: false, detail, remedy: 'Choose another backend' }
  }
}

async function startProbed(
  { entry, probe }: ProbedBackend,
  reason: string,
  storages: readonly Storage[],
  wanted: string,
): Promise<StartedBackend> {
  if (!probe.available) {
    const message = `Backend '${entry.name}' is not available: ${probe.detail}. ${probe.remedy}`
    throw new AppError('backend-unavailable', message, { backend: entry.name, remedy: probe.remedy })
  }
  const device = await activate(entry, probe.device, wanted)
  const cautions = probe.kind === 'native-cpu' ? slowStorages(storages) : []
  return { name: entry.name, device, reason, cautions }
}

/**
 * Loads a backend, makes it tfjs's current one, and then registers our kernels: tfjs's own, which ours may fall back to,
 * are only ready once their backend is.
 *
 * @param wanted the device that was asked for.
 * @returns what it computes on.
 * @throws AppError backend-unavailable.
 */
export async function activate(entry: BackendEntry, found: string, wanted = 'auto'): Promise<string> {
  const device = (await entry.load(wanted)) ?? found
  if (!(await setBackend(entry.name))) {
    const remedy = "Choose backend 'wasm'"
    const message = `Backend '${entry.name}' on ${device} does not start. ${remedy}`
    throw new AppError('backend-unavailable', message, { backend: entry.name, remedy })
  }
  await ready()
  entry.prepare?.()
  registerKernels(entry.name)
  return device
}
