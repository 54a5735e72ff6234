/** Which tensor of a file goes where in a network. */
import { AppError } from '../errors/index.ts'
import { torchShape } from '../checkpoints/torchLayout.ts'
import type { Graph, ParameterInfo } from '../graph/index.ts'
import { matchedBy, matchesPattern } from '../graph/patterns.ts'
import type { FoundTensor, FoundWeights } from './readWeights.ts'

/** What became of every tensor of both sides. */
export interface ImportReport {
  /** What the file is, and where in it the weights were. */
  readonly source: string
  readonly loaded: readonly string[]
  /** Of the network and the file, but left as the network had it. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
  /** Of the network alone. */
  readonly missing: readonly string[]
  /** Of the file alone. */
  readonly unexpected: readonly string[]
}

export interface Match {
  readonly name: string
  /** Null: a buffer. */
  readonly info: ParameterInfo | null
  readonly shape: readonly number[]
  readonly tensor: FoundTensor
}

export interface MatchSetting {
  readonly exclude: readonly string[]
  readonly replaceHead: boolean
}

/** What wrappers of models put in front of every name. */
const prefixes = ['module.', '_orig_mod.', 'model.', 'backbone.', 'encoder.']
/** Counters that batch norm in torch keeps, and nobody needs. */
export const ignored = /(^|\.)num_batches_tracked$/

/**
 * @throws AppError invalid-config for a pattern that matches nothing; checkpoint-mismatch for a tensor of another shape that is not the
 * classifier's, and when nothing fits at all.
 */
export function matchWeights(
  graph: Graph,
  weights: FoundWeights,
  { exclude, replaceHead }: MatchSetting,
  path: string,
): { readonly matches: readonly Match[]; readonly report: ImportReport } {
  const wanted = wantedOf(graph)
  const { unmatched } = matchedBy(exclude, [...wanted.keys()])
  if (unmatched.length > 0) throw noSuchPattern(unmatched[0]!, [...wanted.keys()])
  const given = stripped(weights.tensors, wanted)
  const heads = headsOf(graph)
  const matches: Match[] = []
  const skipped: { name: string; why: string }[] = []
  const missing: string[] = []
  for (const [name, { info, shape }] of wanted) {
    const tensor = given.get(name)
    if (exclude.some(pattern => matchesPattern(name, pattern)))
      skipped.push({ name, why: 'left out by start.exclude' })
    else if (!tensor) missing.push(name)
    else if (sameNumbers(shape, tensor.shape)) matches.push({ name, info, shape, tensor })
    else if (heads.has(name) && replaceHead)
      skipped.push({
        name,
        why: `another number of classes: [${tensor.shape.join(', ')}] there, [${shape.join(', ')}] here`,
      })
    else throw misfit(path, name, shape, tensor.shape, heads.has(name))
  }
  if (matches.length === 0) throw nothingFits(path, [...wanted.keys()], [...given.keys()])
  const unexpected = [...given.keys()].filter(name => !wanted.has(name) && !ignored.test(name))
  const source = `${weights.kind}${weights.part === '' ? '' : `, ${weights.part}`}`
  return {
    matches,
    report: { source, loaded: matches.map(({ name }) => name), skipped, missing, unexpected },
  }
}

export interface Wanted {
  readonly info: ParameterInfo | null
  /** In torch's layout. */
  readonly shape: readonly number[]
}

/** Parameters and buffers of the network; numbers that a loss learns belong to the run. */
export function wantedOf({ nodes }: Graph): Map<string, Wanted> {
  const layers = nodes.filter(({ op }) => op !== 'parameter')
  return new Map<string, Wanted>([
    ...layers
      .flatMap(node => node.parameters)
      .map(info => [info.name, { info, shape: torchShape(info) }] as const),
    ...layers.flatMap(node => node.buffers).map(({ name, shape }) => [name, { info: null, shape }] as const),
  ])
}

/** Parameters of the classifiers. */
export function headsOf({ nodes, outputs }: Graph): Set<string> {
  const ends = [outputs['logits'], outputs['auxLogits']]
  return new Set(
    nodes.filter(({ name }) => ends.includes(name)).flatMap(node => node.parameters.map(({ name }) => name)),
  )
}

/** Names without what wrappers put in front, one of it or all, whichever fits the network best. */
export function stripped(
  tensors: ReadonlyMap<string, FoundTensor>,
  wanted: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, FoundTensor> {
  const without = (name: string, some: readonly string[]): string => {
    const prefix = some.find(each => name.startsWith(each))
    return prefix === undefined ? name : without(name.slice(prefix.length), some)
  }
  const ways = [[], prefixes, ...prefixes.map(prefix => [prefix])]
  const candidates = ways
    .map(some => new Map([...tensors].map(([name, tensor]) => [without(name, some), tensor])))
    // Names that would become one are kept apart.
    .filter(({ size }) => size === tensors.size)
  const fitting = (given: ReadonlyMap<string, unknown>): number =>
    [...given.keys()].filter(name => wanted.has(name)).length
  return candidates.reduce((best, each) => (fitting(each) > fitting(best) ? each : best))
}

/** The same but for sides of one pixel: a dense layer may be stored as a 1x1 convolution. */
export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  const plain = (shape: readonly number[]): string => {
    const cut = shape.length === 4 && shape[2] === 1 && shape[3] === 1 ? shape.slice(0, 2) : shape
    return cut.join()
  }
  return plain(a) === plain(b)
}

function misfit(
  path: string,
  name: string,
  expected: readonly number[],
  got: readonly number[],
  isHead: boolean,
): AppError {
  const remedy = isHead
    ? 'Set start.replaceHead to true to begin it anew'
    : `Take the network these weights are of, or leave it out with start.exclude: ['${name}']`
  const message = `${path}: at ${name}: expected shape [${expected.join(', ')}], got [${got.join(', ')}]. ${remedy}`
  return new AppError('checkpoint-mismatch', message, { path, parameter: name, expected, got })
}

function nothingFits(path: string, wanted: readonly string[], given: readonly string[]): AppError {
  const some = (names: readonly string[]): string => names.slice(0, 5).join(', ')
  const message = `${path}: none of its tensors fits the network. It has ${some(given) || 'none'}, …; the network asks for ${some(wanted)}, …. Take the network these weights are of`
  return new AppError('checkpoint-mismatch', message, { path, field: 'start.weights' })
}

function noSuchPattern(pattern: string, names: readonly string[]): AppError {
  const some = names
    .filter(name => name.endsWith('.weight'))
    .slice(0, 8)
    .join(', ')
  const message = `start.exclude: no parameter matches '${pattern}'. Parameters are named like ${some}`
  return new AppError('invalid-config', message, { field: 'start.exclude', value: pattern })
}
