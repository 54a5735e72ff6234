/** Whole training steps and inference, ours beside PyTorch's: two live processes that take turns. */
import { setTimeout as pause } from 'node:timers/promises'
import { withScratch } from './scratch.ts'
import { openOurs, openPyTorch, type Side } from './side.ts'
import { spreadOf, type Spread } from './statistics.ts'
import { writeSetting, type Setting } from './stepSetting.ts'

export interface StepsOptions {
  readonly setting: Setting
  readonly mode: 'train' | 'infer'
  readonly precision: 'fp32' | 'bf16' | 'fp16'
  /** `cpu` or `cuda:0` */
  readonly device: string
  readonly backend: string
  readonly pairs: number
  /** Steps of one turn. */
  readonly stepsPerTurn: number
  /** Interpreter with torch; null measures ours alone. */
  readonly python: string | null
  /** PyTorch's way, as `autocast` or `bfloat16+foreach`; tries all when left out. */
  readonly way?: string | undefined
}

export interface StepsOutcome {
  readonly ours: Measured
  readonly pytorch: Measured | null
  /** PyTorch's time to ours, pair by pair. */
  readonly ratio: Spread | null
  /** How PyTorch computed: the fastest of its ways. */
  readonly way: string
  /** What is wrong with the comparison; empty when all is well. */
  readonly problems: readonly string[]
}

export interface Measured {
  readonly ms: Spread
  readonly firstLoss: number
  readonly peakBytes: number
  readonly versions: Readonly<Record<string, unknown>>
}

/** The ways in which PyTorch's users compute at a precision. */
const ways = {
  fp32: ['float32'],
  bf16: ['bfloat16', 'autocast'],
  fp16: ['autocast-float16', 'float16'],
} as const

/** The largest relative difference of the first losses. */
const lossTolerance = 0.01
/** The largest relative difference of logits: in 16 bits, that of rounding through all layers. */
const logitTolerance = { fp32: 1e-3, bf16: 0.05, fp16: 0.01 }

export async function compareSteps(options: StepsOptions): Promise<StepsOutcome> {
  return withScratch(async folder => {
    writeSetting(folder, options.setting)
    const way = options.python === null ? null : await fastestWay(options, options.python, folder)
    return takeTurns(options, folder, way)
  })
}

interface Way {
  readonly python: string
  readonly way: string
  /** Null leaves the choice to PyTorch. */
  readonly foreach: boolean | null
}

interface Answer {
  readonly ms: number
  readonly loss: number
}

/** Tries each way for a few steps in a process of its own. */
async function fastestWay(options: StepsOptions, python: string, folder: string): Promise<Way> {
  if (options.way !== undefined) {
    const [way = '', more] = options.way.split('+')
    return { python, way, foreach: more === 'foreach' ? true : null }
  }
  const foreach = options.mode === 'train' ? [null, true] : [null]
  const candidates = ways[options.precision].flatMap(way =>
    foreach.map(each => ({ python, way, foreach: each })),
  )
  if (candidates.length === 1) return candidates[0]!
  const times: number[] = []
  for (const candidate of candidates) {
    const side = await openPeer(options, candidate, folder)
    try {
      await side.ask('step', { count: 1 })
      const tries = [
        await side.ask<Answer>('step', turn(options)),
        await side.ask<Answer>('step', turn(options)),
      ]
      times.push(Math.min(...tries.map(({ ms }) => ms)))
    } finally {
      await side.close()
    }
  }
  return candidates[times.indexOf(Math.min(...times))]!
}

async function openPeer(
  { mode, device }: StepsOptions,
  { python, way, foreach }: Way,
  folder: string,
): Promise<Side> {
  const side = openPyTorch(python, 'step.py')
  await side.ask('prepare', { folder, mode, way, foreach, device })
  return side
}

async function takeTurns(options: StepsOptions, folder: string, way: Way | null): Promise<StepsOutcome> {
  const { mode, backend, device, precision } = options
  const ours = openOurs('oursSteps.ts')
  let pytorch: Side | null = null
  try {
    const versions = await ours.ask<Record<string, unknown>>('prepare', {
      folder,
      mode,
      backend,
      device,
      precision,
    })
    if (way) pytorch = await openPeer(options, way, folder)
    const sides = pytorch ? [ours, pytorch] : [ours]
    const losses: number[] = []
    for (const side of sides) losses.push((await side.ask<Answer>('step', { count: 1 })).loss)
    // The second step still finds memory that was never touched.
    for (const side of sides) await side.ask('step', { count: 1 })
    const times = await pairsOf(options, sides)
    return await conclude(options, { ours, pytorch, losses, times, versions, way })
  } finally {
    await ours.close()
    await pytorch?.close()
  }
}

/** Milliseconds of each side, pair by pair; who comes first changes from pair to pair. */
async function pairsOf(options: StepsOptions, sides: readonly Side[]): Promise<number[][]> {
  const times: number[][] = sides.map(() => [])
  for (let pair = 0; pair < options.pairs; pair++) {
    const order = sides.map((side, index) => [side, index] as const)
    if (pair % 2 === 1) order.reverse()
    for (const [side, index] of order) {
      // By now the other side's idle threads have stopped spinning.
      await pause(200)
      times[index]!.push((await side.ask<Answer>('step', turn(options))).ms)
    }
  }
  return times
}

interface Findings {
  readonly ours: Side
  readonly pytorch: Side | null
  readonly losses: readonly number[]
  readonly times: readonly (readonly number[])[]
  readonly versions: Readonly<Record<string, unknown>>
  readonly way: Way | null
}

async function conclude(options: StepsOptions, found: Findings): Promise<StepsOutcome> {
  const { ours, pytorch, way } = found
  const measured = await Promise.all(
    [ours, ...(pytorch ? [pytorch] : [])].map(async (side, index): Promise<Measured> => {
      const { peakBytes, ...more } = await side.ask<{ peakBytes: number }>('memory')
      const versions = index === 0 ? found.versions : await side.ask<Record<string, unknown>>('versions')
      const firstLoss = found.losses[index]!
      return { ms: spreadOf(found.times[index]!), firstLoss, peakBytes, versions: { ...versions, ...more } }
    }),
  )
  const sides = pytorch ? [ours, pytorch] : [ours]
  const problems =
    options.mode === 'train' ? await trained(sides, found.losses, way) : await inferred(sides, options)
  const ratios = found.times[1]?.map((theirs, pair) => theirs / found.times[0]![pair]!)
  return {
    ours: measured[0]!,
    pytorch: measured[1] ?? null,
    ratio: ratios ? spreadOf(ratios) : null,
    way: way ? `${way.way}${way.foreach ? '+foreach' : ''}` : '',
    problems,
  }
}

/** Both began at the same loss, and every parameter has moved. */
async function trained(
  sides: readonly Side[],
  [ours = NaN, theirs = ours]: readonly number[],
  way: Way | null,
): Promise<string[]> {
  const problems: string[] = []
  if (!(Math.abs(ours - theirs) <= lossTolerance * Math.abs(theirs)))
    problems.push(`first loss: ours ${ours}, PyTorch's ${theirs}`)
  // Weights that PyTorch keeps in 16 bits stay where they are when a step is smaller than their rounding.
  const isRounded = way?.way === 'bfloat16' || way?.way === 'float16'
  for (const side of isRounded ? sides.slice(0, 1) : sides) {
    const names = await side.ask<string[]>('unmoved')
    if (names.length > 0) problems.push(`${side.name}: not moved by training: ${names.join(', ')}`)
  }
  return problems
}

/** A network whose statistics were never trained has large logits: they are compared, and not their loss. */
async function inferred(sides: readonly Side[], { precision }: StepsOptions): Promise<string[]> {
  const [ours = [], theirs = ours] = await Promise.all(sides.map(side => side.ask<number[]>('logits')))
  const norm = (values: readonly number[]): number => Math.hypot(...values)
  const error = norm(theirs.map((value, i) => value - ours[i]!)) / norm(theirs)
  return error <= logitTolerance[precision] ? [] : [`logits: relative difference ${error.toExponential(2)}`]
}

function turn({ stepsPerTurn }: StepsOptions): { count: number } {
  return { count: stepsPerTurn }
}
