/** Tries every backend: is it there, does it compute correctly, how fast is it, and which one would `auto` take. */
import { getBackend, setBackend } from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import { measureConvolution } from './measure.ts'
import { slowStorages } from './processor.ts'
import { computeReference, selfTest } from './self-test.ts'
import type { Reference, SelfTest } from './self-test.ts'
import { activate, explain, preferredBackend, probeAll, rank } from './start.ts'
import type { ProbedBackend } from './start.ts'

/** One backend's part of the report; the shape of the contract's `BackendReport`. */
export interface BackendFindings {
  name: string
  available: boolean
  detail: string
  device: string
  chosen: boolean
  selfTest: { kernels: number; failed: string[] } | null
  gflops: number | null
  remedy: string
}

/** The shape of the contract's `DoctorReport`. */
export interface BackendInspection {
  backends: BackendFindings[]
  chosen: string
  reason: string
  advice: string[]
  checks: { name: string; ok: boolean; detail: string; remedy: string }[]
}

/** What to look into, and whom to tell of the progress. */
export interface InspectOptions {
  /** Compare every kernel with the cpu backend's. Default true. */
  readonly selfTest?: boolean
  /** Measure the speed of a convolution. Default true. */
  readonly measure?: boolean
  /** What the user chose now, where this process may have been told of an older choice; else the environment says. */
  readonly preferred?: string
  readonly onProgress?: (phase: string, done: number, total: number) => void
  readonly isCancelled?: () => boolean
}

/**
 * Examines all backends, one after the other, and restores the current one.
 *
 * @throws AppError cancelled.
 */
export async function inspectBackends(options: InspectOptions = {}): Promise<BackendInspection> {
  const before = getBackend()
  const probed = await probeAll()
  try {
    return await examineAll(probed, options)
  } finally {
    if (before) await setBackend(before)
  }
}

async function examineAll(
  probed: readonly ProbedBackend[],
  options: InspectOptions,
): Promise<BackendInspection> {
  const { selfTest: compare = true, measure = true } = options
  const reference = compare ? await loadReference(probed) : null
  const backends: BackendFindings[] = []
  for (const [index, each] of probed.entries()) {
    options.onProgress?.(each.entry.name, index, probed.length)
    if (options.isCancelled?.())
      throw new AppError('cancelled', 'The examination of the backends was cancelled')
    backends.push(await examine(each, reference, measure))
  }
  options.onProgress?.('done', probed.length, probed.length)
  return conclude(probed, backends, options.preferred)
}

async function loadReference(probed: readonly ProbedBackend[]): Promise<Reference> {
  const cpu = probed.find(each => each.entry.name === 'cpu')
  if (cpu) await activate(cpu.entry, 'CPU')
  return computeReference()
}

async function examine(
  { entry, probe }: ProbedBackend,
  reference: Reference | null,
  measure: boolean,
): Promise<BackendFindings> {
  const findings: BackendFindings = {
    name: entry.name,
    available: probe.available,
    detail: probe.detail,
    device: probe.available ? probe.device : '',
    chosen: false,
    selfTest: null,
    gflops: null,
    remedy: probe.available ? '' : probe.remedy,
  }
  if (!probe.available) return findings
  try {
    await activate(entry, probe.device)
    if (reference !== null) findings.selfTest = copy(await selfTest(entry.name, reference))
    if (measure) findings.gflops = Math.round((await measureConvolution()) * 10) / 10
  } catch (error) {
    findings.available = false
    findings.detail = error instanceof Error ? error.message : String(error)
    findings.remedy =
      error instanceof AppError ? String(error.details.remedy ?? '') : 'Choose another backend'
  }
  return findings
}

function copy({ kernels, failed }: SelfTest): { kernels: number; failed: string[] } {
  return { kernels, failed: [...failed] }
}

function conclude(
  probed: readonly ProbedBackend[],
  backends: BackendFindings[],
  chosen?: string,
): BackendInspection {
  const good = probed.filter(each => backends.some(found => found.name === each.entry.name && isSound(found)))
  const preferred = chosen ?? preferredBackend()
  const wanted = good.find(({ entry, probe }) => entry.name === preferred && probe.available)
  const best = wanted ?? rank(good)[0]
  for (const each of backends) each.chosen = each.name === best?.entry.name
  return {
    backends,
    chosen: best?.entry.name ?? '',
    reason: reasonOf(best, wanted, probed),
    advice: best ? advise(best, backends) : [],
    checks: [...backends.filter(each => each.selfTest !== null).map(checkOf), ...good.flatMap(halvesOf)],
  }
}

function reasonOf(
  best: ProbedBackend | undefined,
  wanted: ProbedBackend | undefined,
  probed: readonly ProbedBackend[],
): string {
  if (wanted) return `${wanted.entry.name} is chosen in the settings`
  return best ? explain(best, probed) : 'No backend passed its self-test'
}

function isSound(found: BackendFindings): boolean {
  return found.available && (found.selfTest === null || found.selfTest.failed.length === 0)
}

/** What would make training faster than on the chosen backend. */
function advise(best: ProbedBackend, backends: readonly BackendFindings[]): string[] {
  if (!best.probe.available || best.probe.kind === 'gpu') return []
  const missing = backends.filter(each => !each.available && !isNoGain(each.name, best.entry.name))
  return [
    ...(best.probe.advice === undefined ? [] : [best.probe.advice]),
    ...missing.map(each => `${each.name}: ${each.detail}. ${each.remedy}`),
  ]
}

/** TensorFlow's library is older and slower than libtorch wherever libtorch is. */
function isNoGain(missing: string, chosen: string): boolean {
  return missing === 'tensorflow' && chosen === 'torch'
}

/** Which 16 bits the processor has instructions for; the others work too, slowly. */
function halvesOf({ entry, probe }: ProbedBackend): BackendInspection['checks'] {
  const halves = (entry.storages ?? []).filter(storage => storage !== 'float32')
  if (halves.length === 0 || !probe.available || probe.kind !== 'native-cpu') return []
  const slow = slowStorages(halves)
  const detail = slow.length === 0 ? `${halves.join(' and ')} work on this processor` : slow.join('. ')
  return [{ name: `16 bits on ${entry.name}`, ok: true, detail, remedy: '' }]
}

function checkOf({ name, selfTest: outcome }: BackendFindings): BackendInspection['checks'][number] {
  const { kernels = 0, failed = [] } = outcome ?? {}
  const ok = failed.length === 0
  const detail = ok ? `${kernels} kernels agree with the cpu backend` : failed.join('; ')
  return {
    name: `kernels of ${name}`,
    ok,
    detail,
    remedy: ok ? '' : `Do not train on ${name}; choose another backend`,
  }
}
