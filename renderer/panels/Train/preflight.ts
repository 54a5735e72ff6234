/** What a run would take against what there is, each with a verdict and what to do about it. */
import type { Failure, Machine, Plan, SpeedProbe } from '../../../core/contract/index.ts'
import { errorText } from '../../format/errors.ts'
import { bytes } from '../../format/numbers.ts'
import { duration } from '../../format/times.ts'
import { t, tn } from '../../language/index.ts'
import { getAt, type Config } from './paths.ts'

export type Verdict = 'fits' | 'tight' | 'exceeds' | 'fails' | 'note' | 'unknown'

export interface Remedy {
  readonly label: string
  readonly path: string
  readonly value: unknown
}

export interface Finding {
  readonly verdict: Verdict
  /** In a few words: `2.1 GiB of 14 GiB`. */
  readonly text: string
  /** What it means, and what to do; empty when there is nothing to do. */
  readonly advice: string
  readonly remedy: Remedy | null
  /** Path of the field that it is about, to be led to. */
  readonly field?: string
}

type Needs = NonNullable<Plan['needs']>

/** Of what is free, what a step may take: kernels work in some, and the estimate is one. */
const usableShare = 0.9
const tightShare = 0.7
const tightDisk = 0.5
/** Share of a step that is spent waiting for images, from which on it is worth a word. */
const slowData = 0.25

const unknown = { verdict: 'unknown', advice: '', remedy: null } as const

/** Memory of the device that the run would compute on. */
export function memoryFinding(config: Config, needs: Needs | null, machine: Machine | null): Finding {
  if (!needs || !machine) return { ...unknown, text: t('not known yet') }
  const ranks = numberAt(config, 'training.ranks', 1)
  const batch = numberAt(config, 'training.batchSize', 1)
  const parts = numberAt(config, 'training.accumulate', 1)
  const gpu = gpuOf(config, machine)
  // Ranks on the processor share its memory; on GPUs each has its own.
  const sharing = gpu ? 1 : ranks
  const images = batch / ranks / parts
  const needed = sharing * (needs.fixedBytes + images * needs.bytesPerImage)
  const free = gpu ? gpu.freeMemoryBytes : machine.freeMemoryBytes
  const where = gpu ? `${gpu.title} (${gpu.name})` : t('this machine')
  const text = t('about {needed} of {free} free on {where}', {
    needed: bytes(needed),
    free: bytes(free),
    where,
  })
  if (needed <= free * tightShare) return { verdict: 'fits', text, advice: '', remedy: null }
  const most = Math.floor(((free * usableShare) / sharing - needs.fixedBytes) / needs.bytesPerImage)
  const fitting = rounded(Math.min(most, images)) * ranks * parts
  const verdict: Verdict = needed <= free * usableShare ? 'tight' : 'exceeds'
  if (verdict === 'tight')
    return { verdict, text, advice: t('Close other programs that use this memory.'), remedy: null }
  if (fitting < 1)
    return {
      ...{ verdict, text, remedy: null },
      advice: t('Not even one image fits: lower the image size, or choose a smaller network.'),
    }
  return {
    ...{ verdict, text },
    advice: t('The largest batch that fits is {count}; the learning rate goes with it.', { count: fitting }),
    remedy: {
      label: t('Use batch size {count}', { count: fitting }),
      path: 'training.batchSize',
      value: fitting,
    },
  }
}

/** The GPU that the run would take; null for the processor, and where the driver lists none. */
function gpuOf(config: Config, { gpus }: Machine): Machine['gpus'][number] | null {
  const device = String(config['device'] ?? 'auto')
  const backend = String(config['backend'] ?? 'auto')
  if (device === 'cpu' || !['auto', 'torch'].includes(backend)) return null
  const name = device.includes(':') ? device : 'cuda:0'
  return gpus.find(each => each.name === name) ?? null
}

export interface Time {
  readonly epochMs: number
  readonly totalMs: number
}

/** @returns null while nothing was measured */
export function timeOf(plan: Plan | null, probe: SpeedProbe | null): Time | null {
  if (!plan?.needs || !probe || plan.stepsPerEpoch === null || plan.totalSteps === null) return null
  const perValidation = plan.needs.validationCount * (probe.evaluationMsPerImage ?? 0)
  const validationsPerEpoch = plan.needs.validations / Math.max(1, plan.totalSteps / plan.stepsPerEpoch)
  return {
    epochMs: plan.stepsPerEpoch * probe.stepMs + Math.min(1, validationsPerEpoch) * perValidation,
    totalMs: plan.totalSteps * probe.stepMs + plan.needs.validations * perValidation,
  }
}

/** How long an epoch and the whole run take, as the probe measured. @param runs of a sweep */
export function timeFinding(
  plan: Plan | null,
  probe: SpeedProbe | null,
  cpus: number,
  config: Config,
  runs: number,
): Finding {
  const time = timeOf(plan, probe)
  if (!time || !probe) return { ...unknown, text: t('not measured yet') }
  const each = t('{epoch} an epoch, {total} in all', {
    epoch: duration(time.epochMs),
    total: duration(time.totalMs),
  })
  const all = t('{total} for all {count} runs', { total: duration(time.totalMs * runs), count: runs })
  const text = runs > 1 ? `${each}; ${all}` : each
  const waiting = probe.dataMs / probe.stepMs
  if (waiting < slowData) return { verdict: 'fits', text, advice: '', remedy: null }
  const threads = numberAt(config, 'data.decodeThreads', 0)
  const share = `${Math.round(waiting * 100)} %`
  const advice = t('{share} of a step is spent waiting for images.', { share })
  if (threads < cpus)
    return {
      ...{ verdict: 'note', text },
      advice,
      remedy: {
        label: t('Decode in {count} threads', { count: cpus }),
        path: 'data.decodeThreads',
        value: cpus,
      },
    }
  const packing = t('Smaller images on the disk, or packing the data set, make it faster.')
  return { verdict: 'note', text, advice: `${advice} ${packing}`, remedy: null }
}

/** A few steps did not go; the run's would not either. @param titles of the fields by their paths */
export function failedProbe(failure: Failure, titles: ReadonlyMap<string, string>): Finding {
  const longestFirst = [...titles].sort(([a], [b]) => b.length - a.length)
  const named = longestFirst.filter(([path]) => path.includes('.'))
  const text = named.reduce((all, [path, title]) => all.replaceAll(path, `“${title}”`), errorText(failure))
  const field = failure.details['field']
  const known = typeof field === 'string' && titles.has(field) ? { field } : {}
  return { verdict: 'fails', text, advice: '', remedy: null, ...known }
}

/** What the checkpoints take by the keep rule, and the one that is being written. @param runs of a sweep */
export function diskFinding(
  config: Config,
  plan: Plan | null,
  machine: Machine | null,
  runs: number,
): Finding {
  const free = machine?.freeDiskBytes ?? null
  if (!plan?.needs || plan.checkpointBytes === null || free === null)
    return { ...unknown, text: t('not known yet') }
  const kept = plan.needs.keptCheckpoints
  const one = plan.checkpointBytes
  const needed = runs * kept * one + one
  const what = checkpointsText(kept, runs)
  const text = t('{needed} for {what}, of {free} free', { needed: bytes(needed), what, free: bytes(free) })
  if (needed <= free * tightDisk) return { verdict: 'fits', text, advice: '', remedy: null }
  const verdict: Verdict = needed <= free * usableShare ? 'tight' : 'exceeds'
  const keepLast = numberAt(config, 'checkpoints.keepLast', 1)
  const advice = t('Keep fewer checkpoints, or make room in the trash of runs.')
  if (keepLast <= 1) return { verdict, text, advice, remedy: null }
  return {
    ...{ verdict, text, advice },
    remedy: { label: t('Keep only the newest one'), path: 'checkpoints.keepLast', value: 1 },
  }
}

function checkpointsText(kept: number, runs: number): string {
  const checkpoints = tn(kept, '{count} checkpoint', '{count} checkpoints')
  return runs > 1 ? t('{what} of each of {count} runs', { what: checkpoints, count: runs }) : checkpoints
}

/** What the run amounts to: the worst of its findings. */
export function worst(findings: readonly Finding[]): Verdict {
  const order: readonly Verdict[] = ['fails', 'exceeds', 'tight', 'note', 'unknown', 'fits']
  return order.find(verdict => findings.some(each => each.verdict === verdict)) ?? 'fits'
}

export function verdictText(verdict: Verdict): string {
  const words: Readonly<Record<Verdict, string>> = {
    fits: t('fits'),
    tight: t('tight'),
    exceeds: t('will not fit'),
    fails: t('will fail'),
    note: t('worth a look'),
    unknown: t('unknown'),
  }
  return words[verdict]
}

/** A probe says nothing of another network, batch or data; it does of another length or schedule. */
export function probeKey(config: Config, datasetId: string): string {
  const { training, ...rest } = config as { training?: Config }
  const { schedule, checkpoints, start, loss, ...parts } = rest as Config
  const { epochs, maxSteps, seed, evaluateEveryEpochs, logEverySteps, earlyStopping, ...own } = training ?? {}
  void [
    schedule,
    checkpoints,
    start,
    epochs,
    maxSteps,
    seed,
    evaluateEveryEpochs,
    logEverySteps,
    earlyStopping,
  ]
  return JSON.stringify([parts, (loss as { name?: unknown } | undefined)?.name, own, datasetId])
}

function rounded(images: number): number {
  return images < 32 ? Math.max(0, Math.floor(images)) : images - (images % 8)
}

function numberAt(config: Config, path: string, fallback: number): number {
  const value = getAt(config, path)
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback
}
