/**
 * Data-parallel training on one machine: so many ranks of one thread each against one process with as many threads, on the same batch,
 * in turns: `node test/bench/ranks.ts`.
 *
 * --ranks 2   --batch 32 (of all ranks together)   --size 224   --model resnet50   --precision bf16   --pairs 7   --steps 1
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { RankRequest } from './oursRank.ts'
import { openOurs, type Side } from './side.ts'
import { short, spreadOf, type Spread } from './statistics.ts'

export interface RanksOptions extends Omit<RankRequest, 'rank' | 'world' | 'meeting'> {
  readonly ranks: number
  readonly pairs: number
  readonly stepsPerTurn: number
}

export interface RanksOutcome {
  /** Speed of the ranks to that of one process, pair by pair. */
  readonly ratio: Spread
  readonly aloneMs: Spread
  readonly ranksMs: Spread
  /** Largest of a rank, and that of the one process. */
  readonly peakBytes: { readonly rank: number; readonly alone: number }
}

export const twoRanks: RanksOptions = {
  ...{ ranks: 2, model: 'resnet50', batch: 32, size: 224, precision: 'bf16', pairs: 7, stepsPerTurn: 1 },
}

/** The entries of the JSON line: `ddp.two.ratio`. */
export async function measureTwoRanks(
  options: Partial<RanksOptions> = {},
): Promise<{ readonly figures: { readonly 'ddp.two.ratio': number }; readonly outcome: RanksOutcome }> {
  const outcome = await compareRanks({ ...twoRanks, ...options })
  return { figures: { 'ddp.two.ratio': Number(outcome.ratio.median.toFixed(3)) }, outcome }
}

/** All processes live at the same time; those whose turn it is not wait in a read. */
export async function compareRanks(options: RanksOptions): Promise<RanksOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'multigrain-bench-'))
  const alone = openOurs('oursRank.ts', { OMP_NUM_THREADS: String(options.ranks) })
  const ranks = Array.from({ length: options.ranks }, () => openOurs('oursRank.ts', { OMP_NUM_THREADS: '1' }))
  try {
    const request = { ...options, meeting: join(folder, 'meeting') }
    await alone.ask('prepare', { ...request, rank: 0, world: 1 })
    await together(ranks, 'prepare', rank => ({ ...request, rank, world: options.ranks }))
    const [aloneTurns, ranksTurns]: [number[], number[]] = [[], []]
    const turns = [
      async () => aloneTurns.push((await alone.ask<Answer>('step', turn(options))).ms),
      async () => ranksTurns.push(slowest(await together<Answer>(ranks, 'step', () => turn(options)))),
    ]
    // The first step allocates, the second still finds memory that was never touched.
    for (const take of [...turns, ...turns]) await take()
    aloneTurns.length = ranksTurns.length = 0
    for (let pair = 0; pair < options.pairs; pair++) {
      for (const take of pair % 2 === 0 ? turns : [...turns].reverse()) {
        await pause(200) // idle threads have then stopped spinning
        await take()
      }
    }
    const [memory, ...rankMemory] = await together<{ peakBytes: number }>([alone, ...ranks], 'memory')
    return {
      ratio: spreadOf(aloneTurns.map((ms, pair) => ms / ranksTurns[pair]!)),
      aloneMs: spreadOf(aloneTurns),
      ranksMs: spreadOf(ranksTurns),
      peakBytes: { rank: Math.max(...rankMemory.map(each => each.peakBytes)), alone: memory!.peakBytes },
    }
  } finally {
    await Promise.all([alone, ...ranks].map(side => side.close()))
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Answer {
  readonly ms: number
}

function together<Value>(
  sides: readonly Side[],
  what: string,
  request: (rank: number) => object = () => ({}),
): Promise<Value[]> {
  return Promise.all(sides.map((side, rank) => side.ask<Value>(what, request(rank))))
}

function turn({ stepsPerTurn }: RanksOptions): { readonly count: number } {
  return { count: stepsPerTurn }
}

function slowest(answers: readonly Answer[]): number {
  return Math.max(...answers.map(({ ms }) => ms))
}

/** Two lines of a table. */
export function describeRanks(
  { ranks, model, batch, precision }: RanksOptions,
  { ratio, aloneMs, ranksMs, peakBytes }: RanksOutcome,
): string {
  const speed = ({ median }: Spread): string => `${short((batch / median) * 1000)} images/s`
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
  return [
    `${model} ${precision}, batch ${batch}: one process ${speed(aloneMs)} (${short(aloneMs.median)} ms, ${gigabytes(peakBytes.alone)}), ` +
      `${ranks} ranks ${speed(ranksMs)} (${short(ranksMs.median)} ms, ${gigabytes(peakBytes.rank)} each)`,
    `ratio ${short(ratio.median)} [${short(ratio.lower)}, ${short(ratio.upper)}]`,
  ].join('\n')
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      ranks: { type: 'string', default: '2' },
      batch: { type: 'string', default: String(twoRanks.batch) },
      size: { type: 'string', default: String(twoRanks.size) },
      model: { type: 'string', default: twoRanks.model },
      precision: { type: 'string', default: twoRanks.precision },
      pairs: { type: 'string', default: String(twoRanks.pairs) },
      steps: { type: 'string', default: '1' },
    },
  })
  const options: RanksOptions = {
    ...{ ranks: Number(values.ranks), batch: Number(values.batch), size: Number(values.size) },
    ...{ pairs: Number(values.pairs), stepsPerTurn: Number(values.steps), model: values.model },
    precision: values.precision === 'fp32' ? 'fp32' : 'bf16',
  }
  const outcome = await compareRanks(options)
  console.log(describeRanks(options, outcome))
  console.log(JSON.stringify({ 'ddp.two.ratio': Number(outcome.ratio.median.toFixed(3)) }))
}
